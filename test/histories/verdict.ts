import type { WorkflowBundleOption } from '@temporalio/worker';
import { replayed } from '../../src/temporal/replay.js';
import { isReleased, readHistory } from './recorded.js';

export const RECORD = 'Run: node scripts/record-histories.mjs, and commit what it writes with the change.';

/** Why a recorded history does not replay with these workflows and what to do about it, or undefined if it does. */
export async function verdictOn(
  workflows: WorkflowBundleOption,
  version: string,
  name: string,
): Promise<string | undefined> {
  const workflowId = name === 'watched-mailbox' ? 'mailbox-main' : `onboarding-${name}`;
  const results = replayed(workflows, [{ workflowId, history: readHistory(version, name) }]);
  for await (const { problem } of results) return problem && `${problem}\n\n${remedy(version, isReleased(version))}`;
  return undefined;
}

export function remedy(version: string, released: boolean): string {
  return released
    ? `${version} is released: onboardings that began with it may run for weeks and would get stuck. Put the new commands behind patched('what-changed') from @temporalio/workflow and keep the old ones in the other branch; docs/decisions/0016-histories-and-versions.md has the steps. Never record ${version} again.`
    : `${version} is not released, so no one runs it. ${RECORD}`;
}
