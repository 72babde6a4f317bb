import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';

/**
 * Sends an update, and sends it again if it was lost: the server undoes it if something else arrives for the workflow at
 * the very moment when the update completes it, and a worker drops it along with a query that must be repeated
 * (`reject-query-side-effects.ts`). All tries have the same update id, so it counts once.
 * @throws the same errors as `executeUpdate`, and the server's answer to the last try
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

/** The worker neither accepted nor refused the update when it completed its task. The server reports that. */
function wasDropped(error: unknown): boolean {
  if (!(error instanceof WorkflowUpdateFailedError)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === 'UnprocessedUpdate';
}

/** gRPC status code. */
const FAILED_PRECONDITION = 9;
