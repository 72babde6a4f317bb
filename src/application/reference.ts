/**
 * Translates between a client reference and a workflow ID. The client, the workflow, and the command line share it, and
 * no other code builds or parses a workflow ID.
 */

const PREFIX = 'onboarding-';

/** `onboarding-<reference>`, or `onboarding-<reference>.2` for the second round. References are unique regardless of case. */
export function workflowIdOf(reference: string, round = 1): string {
  const id = `${PREFIX}${reference.toLowerCase()}`;
  return round === 1 ? id : `${id}.${round}`;
}

/** The reference (lower case) and the round in a workflow ID; undefined if it is not the ID of an onboarding. */
export function onboardingOf(workflowId: string): { reference: string; round: number } | undefined {
  const match = /^onboarding-([a-z0-9-]{1,40})(?:\.(\d+))?$/.exec(workflowId);
  if (!match?.[1]) return undefined;
  return { reference: match[1], round: match[2] ? Number(match[2]) : 1 };
}
