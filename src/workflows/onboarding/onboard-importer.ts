import { ApplicationFailure, CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import { onboardingOf, workflowIdOf } from '../../application/reference.js';
import { overLimit } from '../contract/limits.js';
import type { Reopened } from '../contract/messages.js';
import type { Outcome } from '../contract/stages.js';
import { accessGranted } from './access-grant.js';
import { acknowledgedByCbp, correctedApplication, decisionFromCbp } from './decision.js';
import { preparedApplication } from './prepared-application.js';
import { Closed, Onboarding } from './runtime.js';
import { submitted } from './submission.js';
import { usableReopening } from './validators.js';

/**
 * One client of the broker on the way to an ACE portal account: from the application to the day on which the broker
 * sees the client's importer numbers in ACE. Ends with an outcome; it fails only when we have made a mistake.
 */
export async function onboardImporter(application: Application, round = 1, reopened?: Reopened): Promise<Outcome> {
  assertWorkflowId(application, round);
  const onboarding = new Onboarding(application, round);
  if (usableReopening(reopened)) onboarding.noteOf(reopened.actor, `Reopened: ${reopened.reason}`);
  // The web UI's largest button must not end a case without an outcome, an actor and a reason.
  onboarding.noteCancellation();
  return await CancellationScope.nonCancellable(() => journey(onboarding));
}

async function journey(onboarding: Onboarding): Promise<Outcome> {
  try {
    for (;;) {
      const prepared = await preparedApplication(onboarding);
      if (prepared.accountExists) return await accessGranted(onboarding);

      await submitted(onboarding, prepared);
      await acknowledgedByCbp(onboarding);
      const decision = await decisionFromCbp(onboarding);
      if (decision.kind !== 'correction') return await accessGranted(onboarding);

      const next = await correctedApplication(onboarding, decision);
      if (next !== 'corrected') return await accessGranted(onboarding);
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
    let sent = false;
    const left = onboarding.record.submissions.some(({ stopped }) => !stopped);
    const what = left
      ? `Withdrawn by ${by}: ${why}. CBP has the application. Tell the applications desk that it is withdrawn.`
      : `Withdrawn by ${by}: ${why}. The email to CBP was stopped and most likely never went out. If it is in the sent folder, tell the applications desk that it is withdrawn.`;
    onboarding.notify('operations-task', { attention: 'withdrawn', what }, () => {
      sent = true;
    });
    await condition(() => sent, '10 minutes');
  }
  return await onboarding.close(outcome);
}

/** An onboarding without a proper reference, under another's id, or too large was never started by our client: no one could find or correct it. */
function assertWorkflowId(application: Application | undefined, round: number): void {
  const { workflowId } = workflowInfo();
  // A raw start may bring anything for a reference.
  const named = typeof application?.reference === 'string' && application.reference !== '';
  const tooLarge = overLimit(application);
  const isProper = onboardingOf(workflowId)?.round === round;
  if (named && isProper && workflowIdOf(application.reference, round) === workflowId && !tooLarge) return;
  const problem = !named
    ? 'There is no application with a reference.'
    : (tooLarge ?? `The application is for ${application.reference}, which ${workflowId} is not the id of.`);
  throw ApplicationFailure.nonRetryable(
    `${problem} Start onboardings with \`ace-onboarding start\` or the client.`,
    'not-an-onboarding',
  );
}
