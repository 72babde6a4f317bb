/**
 * How a client reference and a workflow id translate into each other. Pure, shared by the client, the workflow and the
 * command line; nothing else builds or takes apart a workflow id.
 */

const PREFIX = 'onboarding-';

/** The id of a client's onboarding: `onboarding-<reference>`, `onboarding-<reference>.2` for the second round. References are unique regardless of case. */
export function workflowIdOf(reference: string, round = 1): string {
  const id = `${PREFIX}${reference.toLowerCase()}`;
  return round === 1 ? id : `${id}.${round}`;
}

/** The reference (lower case) and round behind a workflow id, or undefined when the id is not an onboarding's. */
export function onboardingOf(workflowId: string): { reference: string; round: number } | undefined {
  const match = /^onboarding-([a-z0-9-]{1,40})(?:\.(\d+))?$/.exec(workflowId);
  if (!match?.[1]) return undefined;
  return { reference: match[1], round: match[2] ? Number(match[2]) : 1 };
}
