import { isGrpcServiceError } from '@temporalio/client';

/** The gRPC code of what a server answered, which the client wraps; undefined for every other error. */
export function grpcCodeOf(error: unknown): number | undefined {
  const answer = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(answer) ? answer.code : undefined;
}
