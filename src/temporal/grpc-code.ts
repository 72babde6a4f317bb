import { isGrpcServiceError } from '@temporalio/client';

/** The gRPC code of a server's answer, which the client may wrap; undefined for any other error. */
export function grpcCodeOf(error: unknown): number | undefined {
  const answer = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(answer) ? answer.code : undefined;
}
