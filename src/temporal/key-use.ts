import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { keyIdOf } from './encryption-codec.js';

/** The ids of all workflows, running or closed, whose histories hold anything encrypted with a key. */
export async function executionsWithKey(client: Client, keyId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    if (keyIdsIn(history).has(keyId)) found.push(workflowId);
  }
  return found;
}

/** The ids of the keys that any payload below a value is encrypted with. */
export function keyIdsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return found;
  if ('metadata' in value) {
    const id = keyIdOf(value as Payload);
    if (id) found.add(id);
  }
  for (const part of Object.values(value)) keyIdsIn(part, found);
  return found;
}
