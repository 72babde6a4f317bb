import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';

/**
 * Sends an update, and sends it again when it was lost on the way: the server undoes it whenever something else arrives
 * for the workflow in the very moment in which the update would complete it, and a worker drops it together with a query
 * that is to be asked again (`reject-query-side-effects.ts`). One update id keeps it from counting twice.
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
      if (tries === TRIES || !(wasUndone(error) || wasDropped(error))) throw error;
    }
  }
}

const TRIES = 10;

function wasUndone(error: unknown): boolean {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  return isGrpcServiceError(cause) && cause.code === FAILED_PRECONDITION && /workflow task failure/.test(cause.details);
}

/** The worker did its task without a word on the update, neither accepting nor refusing it. The server says so. */
function wasDropped(error: unknown): boolean {
  if (!(error instanceof WorkflowUpdateFailedError)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === 'UnprocessedUpdate';
}

/** gRPC. */
const FAILED_PRECONDITION = 9;
