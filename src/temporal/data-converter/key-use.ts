import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { keyIdOf } from './encryption-codec.js';

const AT_ONCE = 10;

/** The ids of all workflows, running or closed, whose histories contain anything encrypted with a key. */
export async function executionsWithKey(client: Client, keyId: string): Promise<string[]> {
  const found: string[] = [];
  const all = client.workflow.list()[Symbol.asyncIterator]();
  const searchHistories = async () => {
    for (let next = await all.next(); !next.done; next = await all.next()) {
      const { workflowId, runId } = next.value;
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory().catch(goneMeanwhile);
      if (keyIdsIn(history).has(keyId)) found.push(workflowId);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, searchHistories));
  return found;
}

/** The list lags behind, so a workflow in it may be gone. */
function goneMeanwhile(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** The ids of the keys of all payloads anywhere inside a value. */
export function keyIdsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return found;
  if ('metadata' in value) {
    const id = keyIdOf(value as Payload);
    if (id) found.add(id);
  }
  for (const part of Object.values(value)) keyIdsIn(part, found);
  return found;
}
