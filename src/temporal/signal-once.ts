import { isGrpcServiceError, type WorkflowClient } from '@temporalio/client';
import { encodeToPayloadsWithContext } from '@temporalio/common/lib/internal-non-workflow/index.js';

/**
 * A signal that counts once however often it is sent. The server drops a second signal with the request id of an earlier
 * one, which `handle.signal()` cannot say: so this is the raw call, through the client's own data converter.
 *
 * @param requestId what makes two sends the same, such as a mail's sha256. Remembered by the server for the life of the
 *   run; the workflow keeps a set of its own for what comes after a reset.
 * @returns `not-found` when no workflow of that id is running: it never existed, or has closed.
 * @throws what passes: an unreachable server, a deadline, an exhausted quota. Send it again with the same id.
 */
export async function signalOnce(
  client: WorkflowClient,
  workflowId: string,
  signalName: string,
  arg: unknown,
  requestId: string,
): Promise<'delivered' | 'not-found'> {
  const { namespace, identity, loadedDataConverter } = client.options;
  const payloads = await encodeToPayloadsWithContext(loadedDataConverter, { type: 'workflow', namespace, workflowId }, [
    arg,
  ]);
  try {
    await client.withDeadline(Date.now() + PATIENCE_MS, () =>
      client.workflowService.signalWorkflowExecution({
        namespace,
        identity,
        workflowExecution: { workflowId },
        requestId,
        signalName,
        input: { payloads: payloads ?? [] },
      }),
    );
    return 'delivered';
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return 'not-found';
    throw error;
  }
}

/**
 * Whether a workflow's history has the signal of a request id: how a watcher that died after signalling learns that its
 * signal arrived, when the workflow has closed since and `signalOnce` can only say `not-found`.
 */
export async function wasSignalled(client: WorkflowClient, workflowId: string, requestId: string): Promise<boolean> {
  try {
    const { events } = await client.getHandle(workflowId).fetchHistory();
    return (events ?? []).some((event) => event.workflowExecutionSignaledEventAttributes?.requestId === requestId);
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowNotFoundError';
}

/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;
const PATIENCE_MS = 10_000;
