import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, type WorkflowHandle } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';

/**
 * Sends an update, and sends it again when the server undid it: it does so whenever something else arrives for the
 * workflow in the very moment in which the update would complete it. One update id keeps it from counting twice.
 * @throws as `executeUpdate` does, and what the server says after the last try.
 */
export async function updateOnce<R, A>(
  handle: Pick<WorkflowHandle, 'executeUpdate'>,
  definition: UpdateDefinition<R, [A]>,
  arg: A,
): Promise<R> {
  const updateId = randomUUID();
  for (let tries = 1; ; tries++) {
    try {
      return await handle.executeUpdate<R, [A]>(definition, { args: [arg], updateId });
    } catch (error) {
      if (tries === TRIES || !wasUndone(error)) throw error;
    }
  }
}

const TRIES = 10;

function wasUndone(error: unknown): boolean {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === FAILED_PRECONDITION && /workflow task failure/.test(cause.details);
}

/** gRPC. */
const FAILED_PRECONDITION = 9;
