import { isGrpcServiceError, type WorkflowClient } from '@temporalio/client';
import { encodeToPayloadsWithContext } from '@temporalio/common/lib/internal-non-workflow/index.js';

/**
 * A signal that counts once however often it is sent. The server drops a second signal with the request id of an earlier
 * one, which `handle.signal()` cannot say: so this is the raw call, through the client's own data converter.
 *
 * @param requestId what makes two sends the same, such as a mail's sha256. Remembered by the server with the run; the
 *   workflow keeps a set of its own for what comes after a reset.
 * @returns `delivered` also when an earlier send was, and the workflow has closed since: whoever died before noting that
 *   it had signalled may simply do it again. `not-found` when no workflow of that id is running otherwise.
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

/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;
const PATIENCE_MS = 10_000;
