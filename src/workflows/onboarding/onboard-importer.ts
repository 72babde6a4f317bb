import { ApplicationFailure, CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import { onboardingOf, workflowIdOf } from '../../application/reference.js';
import { overLimit } from '../contract/limits.js';
import type { Reopened } from '../contract/messages.js';
import type { Outcome } from '../contract/stages.js';
import { usableReopening } from '../messages/usable-signals.js';
import { entriesOf } from '../record/record.js';
import { submissionFacts } from '../record/submission-policy.js';
import { waitForAccessGrant } from './access-grant.js';
import { acknowledgementFromCbp, correctedApplication, decisionFromCbp } from './decision.js';
import { preparedApplication } from './prepared-application.js';
import { Closed, Onboarding } from './runtime.js';
import { submitApplication } from './submission.js';

/**
 * Gets one of the broker's clients an ACE portal account: from the application to the day the broker sees the client's
 * importer numbers in ACE. Every business result is an outcome. The workflow fails only because of a bug or a bad start.
 */
export async function onboardImporter(application: Application, round = 1, reopened?: Reopened): Promise<Outcome> {
  assertWorkflowId(application, round);
  const onboarding = new Onboarding(application, round);
  const again = usableReopening(reopened) ? reopened : undefined;
  if (again) onboarding.noteFrom(again.actor, `Reopened${again.at ? ' at the grant' : ''}: ${again.reason}`);
  // The most prominent button in the Web UI must not end a case without an outcome, an actor and a reason.
  onboarding.noteCancellation();
  return await CancellationScope.nonCancellable(() => run(onboarding, again?.at === 'grant'));
}

/** @param approved CBP approved in an earlier round */
async function run(onboarding: Onboarding, approved: boolean): Promise<Outcome> {
  const { record } = onboarding;
  try {
    for (;;) {
      const prepared = await preparedApplication(onboarding, approved);
      if (prepared.accountExists) return await waitForAccessGrant(onboarding, prepared.approval);

      await submitApplication(onboarding, prepared);
      const decision = await decisionOrCorrection(onboarding);
      if (decision.kind !== 'replaced') return await waitForAccessGrant(onboarding, decision.entry);
      record.attempt += 1;
    }
  } catch (ending) {
    if (!(ending instanceof Closed)) throw ending;
    return await closedByPerson(onboarding, ending);
  }
}

/** Waits until CBP approves, or until a corrected application is to be sent. */
async function decisionOrCorrection(onboarding: Onboarding) {
  await acknowledgementFromCbp(onboarding);
  for (;;) {
    const decision = await decisionFromCbp(onboarding);
    if (decision.kind !== 'correction') return decision;
    const next = await correctedApplication(onboarding, decision);
    if (next === 'corrected') return { kind: 'replaced' } as const;
    if (next !== 'answered') return next;
  }
}

async function closedByPerson(onboarding: Onboarding, { outcome }: Closed): Promise<Outcome> {
  const { record } = onboarding;
  const approved = record.access !== undefined;
  record.outcome = outcome;
  const withdrawal = entriesOf(record, 'withdraw').at(-1)?.withdraw;
  const mayHaveLeft = record.submissions.some(({ stopped }) => !stopped);
  if (withdrawal && !approved && mayHaveLeft && withdrawal.notifyCbp !== false) {
    const withdrawn = withdrawal.because ?? 'client-withdraws';
    const told = await onboarding.emails.sendLast('cbp-withdrawal', { ...submissionFacts(record), withdrawn });
    const what =
      'The onboarding is withdrawn, but the email that tells CBP did not go out. Call the applications desk.';
    if (!told) await onboarding.emails.sendLast('task', { attention: 'bounced', what });
  }
  return await onboarding.close(outcome);
}

/** Refuses a start that our client would never make: without a reference, under another id, or too large. No one could find or correct it. */
function assertWorkflowId(application: Application | undefined, round: number): void {
  const { workflowId } = workflowInfo();
  // A start from outside our client can bring anything as the reference.
  const hasReference = typeof application?.reference === 'string' && application.reference !== '';
  const tooLarge = overLimit(application);
  const isProper = onboardingOf(workflowId)?.round === round;
  if (hasReference && isProper && workflowIdOf(application.reference, round) === workflowId && !tooLarge) return;
  const problem = !hasReference
    ? 'The start has no application with a reference.'
    : (tooLarge ??
      `The application is for ${application.reference}, but ${workflowId} is not the id of its onboarding.`);
  throw ApplicationFailure.nonRetryable(
    `${problem} Start onboardings with \`ace-onboarding start\` or the client.`,
    'not-an-onboarding',
  );
}
