import type { Client } from '@temporalio/client';
import { onboardingOf } from '../application/reference.js';
import { SEARCH_ATTRIBUTES } from '../workflows/contract/search-attributes.js';
import type { OnboardingStage, Outcome, WaitingOn } from '../workflows/contract/stages.js';

/** An onboarding as Temporal's list has it, without asking a worker. */
export interface ListedOnboarding {
  reference: string;
  workflowId: string;
  company?: string;
  stage?: OnboardingStage;
  waitingOn?: WaitingOn;
  attention: string[];
  /** ISO instant. */
  dueAt?: string;
  /** Who at the broker has the case. */
  handler?: string;
  /** The last day to file the refund, `YYYY-MM-DD`. */
  refundDeadline?: string;
  outcome?: Outcome;
  /** `failed` means a software error: every business result completes the workflow. */
  status: 'running' | 'closed' | 'failed';
  url: string;
}

export interface ListFilter {
  open?: boolean;
  stage?: OnboardingStage;
  waitingOn?: WaitingOn;
  attention?: string;
  handler?: string;
  /** Only those with something due before this ISO instant. */
  dueBefore?: string;
}

/** All onboardings on the server, newest first. */
export async function* listOnboardings(
  temporal: Client,
  filter: ListFilter,
  urlOf: (workflowId: string) => string,
): AsyncIterable<ListedOnboarding> {
  for await (const execution of temporal.workflow.list({ query: visibilityQuery(filter) })) {
    const onboarding = onboardingOf(execution.workflowId);
    if (!onboarding) continue;
    const attribute = execution.typedSearchAttributes;
    const a = SEARCH_ATTRIBUTES;
    const dueAt = attribute.get(a.dueAt);
    yield {
      reference: attribute.get(a.clientReference) ?? onboarding.reference,
      workflowId: execution.workflowId,
      ...given('company', attribute.get(a.company)),
      ...given('stage', attribute.get(a.onboardingStage) as OnboardingStage | undefined),
      ...given('waitingOn', attribute.get(a.waitingOn) as WaitingOn | undefined),
      attention: attribute.get(a.needsAttention) ?? [],
      ...given('dueAt', dueAt && new Date(dueAt).toISOString()),
      ...given('handler', attribute.get(a.handler)),
      ...given('refundDeadline', dayOf(attribute.get(a.refundDeadline))),
      ...given('outcome', attribute.get(a.outcome) as Outcome | undefined),
      status: statusNamed(execution.status.name),
      url: urlOf(execution.workflowId),
    };
  }
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

/** The day of a refund deadline. Its instant is in the day's New York hours. */
function dayOf(refundDeadline: Date | undefined): string | undefined {
  return refundDeadline && new Date(new Date(refundDeadline).getTime() - 5 * 3_600_000).toISOString().slice(0, 10);
}

function statusNamed(name: string): ListedOnboarding['status'] {
  if (name === 'RUNNING' || name === 'CONTINUED_AS_NEW') return 'running';
  return name === 'COMPLETED' ? 'closed' : 'failed';
}

function visibilityQuery(filter: ListFilter): string {
  const quoted = (value: string) => `"${value.replace(/["\\]/g, '')}"`;
  return [
    'WorkflowType = "onboardImporter"',
    filter.open === undefined ? '' : `ExecutionStatus ${filter.open ? '=' : '!='} "Running"`,
    filter.stage ? `OnboardingStage = ${quoted(filter.stage)}` : '',
    filter.waitingOn ? `WaitingOn = ${quoted(filter.waitingOn)}` : '',
    filter.attention ? `NeedsAttention = ${quoted(filter.attention)}` : '',
    filter.handler ? `Handler = ${quoted(filter.handler)}` : '',
    filter.dueBefore ? `DueAt < ${quoted(new Date(filter.dueBefore).toISOString())}` : '',
  ]
    .filter((part) => part !== '')
    .join(' AND ');
}
