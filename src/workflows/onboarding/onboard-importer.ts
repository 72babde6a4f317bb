import { ApplicationFailure, CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import { onboardingOf, workflowIdOf } from '../../application/reference.js';
import { overLimit } from '../contract/limits.js';
import type { Reopened } from '../contract/messages.js';
import type { Outcome } from '../contract/stages.js';
import { waitForAccessGrant } from './access-grant.js';
import { acknowledgementFromCbp, correctedApplication, decisionFromCbp } from './decision.js';
import { preparedApplication } from './prepared-application.js';
import { Closed, Onboarding } from './runtime.js';
import { submitApplication } from './submission.js';
import { usableReopening } from './usable-signals.js';

/**
 * Gets one of the broker's clients an ACE portal account: from the application to the day the broker sees the client's
 * importer numbers in ACE. Every business result is an outcome. The workflow fails only because of a bug or a bad start.
 */
export async function onboardImporter(application: Application, round = 1, reopened?: Reopened): Promise<Outcome> {
  assertWorkflowId(application, round);
  const onboarding = new Onboarding(application, round);
  if (usableReopening(reopened)) onboarding.noteFrom(reopened.actor, `Reopened: ${reopened.reason}`);
  // The most prominent button in the Web UI must not end a case without an outcome, an actor and a reason.
  onboarding.noteCancellation();
  return await CancellationScope.nonCancellable(() => run(onboarding));
}

async function run(onboarding: Onboarding): Promise<Outcome> {
  try {
    for (;;) {
      const prepared = await preparedApplication(onboarding);
      if (prepared.accountExists) return await waitForAccessGrant(onboarding);

      await submitApplication(onboarding, prepared);
      await acknowledgementFromCbp(onboarding);
      const decision = await decisionFromCbp(onboarding);
      if (decision.kind !== 'correction') return await waitForAccessGrant(onboarding);

      const next = await correctedApplication(onboarding, decision);
      if (next !== 'corrected') return await waitForAccessGrant(onboarding);
      onboarding.record.attempt += 1;
    }
  } catch (ending) {
    if (!(ending instanceof Closed)) throw ending;
    return await closedByPerson(onboarding, ending);
  }
}

async function closedByPerson(onboarding: Onboarding, { outcome, by, why }: Closed): Promise<Outcome> {
  onboarding.record.outcome = outcome;
  if (outcome === 'withdrawn' && onboarding.record.submissions.length > 0) {
    let notified = false;
    const mayHaveLeft = onboarding.record.submissions.some(({ stopped }) => !stopped);
    const what = mayHaveLeft
      ? `Withdrawn by ${by}: ${why}. CBP has the application. Tell the applications desk that it is withdrawn.`
      : `Withdrawn by ${by}: ${why}. The email to CBP was stopped and most likely never went out. If it is in the sent folder, tell the applications desk that it is withdrawn.`;
    onboarding.notify('operations-task', { attention: 'withdrawn', what }, () => {
      notified = true;
    });
    await condition(() => notified, '10 minutes');
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
