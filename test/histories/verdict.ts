import type { WorkflowBundleOption } from '@temporalio/worker';
import { workflowIdOf } from '../../src/application/reference.js';
import { replayed } from '../../src/temporal/replay.js';
import { isReleased, readHistory } from './recorded.js';

export const RECORD = 'Run: node scripts/record-histories.mjs, and commit what it writes with the change.';

/** Why a recorded history does not replay with these workflows and what to do about it, or undefined if it does. */
export async function verdictOn(
  workflows: WorkflowBundleOption,
  version: string,
  name: string,
): Promise<string | undefined> {
  const history = readHistory(version, name);
  const workflowId = name === 'watched-mailbox' ? 'mailbox-main' : workflowIdOf(name, roundIn(history));
  const results = replayed(workflows, [{ workflowId, history }]);
  for await (const { problem } of results) return problem && `${problem}\n\n${remedy(version, isReleased(version))}`;
  return undefined;
}

/** The second argument of the start. */
function roundIn({ events }: ReturnType<typeof readHistory>): number {
  const round = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[1]?.data;
  return round ? Number(Buffer.from(round).toString()) : 1;
}

export function remedy(version: string, released: boolean): string {
  return released
    ? `${version} is released: onboardings that began with it may run for weeks and would get stuck. Put the new commands behind patched('what-changed') from @temporalio/workflow and keep the old ones in the other branch; docs/decisions/0016-histories-and-versions.md has the steps. Never record ${version} again.`
    : `${version} is not released, so no one runs it. ${RECORD}`;
}
