import { isGrpcServiceError, type WorkflowClient } from '@temporalio/client';
import { encodeToPayloadsWithContext } from '@temporalio/common/lib/internal-non-workflow/index.js';

/**
 * Sends a signal that counts once no matter how often it is sent. The server drops a signal with the request id of an
 * earlier one. `handle.signal()` cannot set a request id, so this makes the raw call, with the client's data converter.
 *
 * @param requestId the same for sends of the same thing, such as the sha256 of an email. The server remembers it with the
 *   run. The workflow also keeps its own set, for signals after a reset.
 * @returns `delivered` also if an earlier send got through and the workflow has closed since, so a sender that died before
 *   it recorded its signal can simply send it again. `not-found` if no workflow with that id is running.
 * @throws temporary errors: an unreachable server, a deadline, an exhausted quota. Send it again with the same id.
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
    await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
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

/** gRPC status code. */
const NOT_FOUND = 5;
const TIMEOUT_MS = 10_000;
