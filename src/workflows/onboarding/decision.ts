import type { Attention } from '../contract/progress.js';
import {
  acknowledgementOnRecord,
  announcedBusinessDays,
  approvalOnRecord,
  correctionRequestOnRecord,
  type Decision,
  decisionOnRecord,
} from '../record/decision-policy.js';
import { answerToCbp, correctionOnRecord } from '../record/people-policy.js';
import type { Answered, OnboardingRecord } from '../record/record.js';
import type { Onboarding } from './runtime.js';

/** Waits for CBP's automatic reply. CBP often sends only one to each sender, so a missing reply is noted and nothing more. */
export async function acknowledgementFromCbp(onboarding: Onboarding): Promise<void> {
  onboarding.enter('awaiting-acknowledgement', 'cbp');
  await onboarding.until(
    (record) =>
      acknowledgementOnRecord(record) ??
      (correctionOnRecord(record) ? 'overtaken' : undefined) ??
      (record.silenceNoted === record.attempt ? 'silence' : undefined),
  );
  onboarding.clock.drop('acknowledgement');
}

/** A corrected application to send as a replacement of the one that CBP has. */
type Replacement = { kind: 'replaced' };

/**
 * Waits for CBP's decision, however long it takes, or for a replacement that a person sends meanwhile. People are told when
 * it is late, and again when it is overdue. The client is asked whether CBP's email came.
 */
export async function decisionFromCbp(onboarding: Onboarding): Promise<Answered<Decision> | Replacement> {
  const { record } = onboarding;
  // CBP's clock is the same as before.
  const standing = record.stageAttention.filter((reason) => OF_CBPS_CLOCK.includes(reason));
  onboarding.enter('awaiting-decision', 'cbp', undefined, ...standing);
  for (;;) {
    const answer = await onboarding.until(
      (all) => decisionOnRecord(all) ?? correctionOnRecord(all) ?? announcedLonger(all),
    );
    if (answer === 'announced') {
      await onboarding.clock.extend(announcedBusinessDays(record) ?? 0);
      continue;
    }
    onboarding.consume(answer);
    if (!('application' in answer)) return answer;
    record.application = answer.application;
    return { kind: 'replaced' };
  }
}

const OF_CBPS_CLOCK: readonly Attention[] = ['late', 'overdue', 'mailbox-unread'];

/** Whether CBP announced a longer response time than the clock was set for. */
function announcedLonger(record: OnboardingRecord): 'announced' | undefined {
  const days = announcedBusinessDays(record);
  return days !== undefined && days > USUAL_BUSINESS_DAYS && days !== record.announcedDays ? 'announced' : undefined;
}
/** CBP's automatic reply says "3 to 5 business days", and the clock is set for that without one. */
const USUAL_BUSINESS_DAYS = 5;

/**
 * Waits for the correction that CBP wants, or for an answer to CBP, unless CBP approves in the meantime. If a letter asks
 * for it, a person reads the letter first, and the client is told once that person has said what to correct. CBP's clock is
 * paused, and the one of the person who owes the correction runs.
 */
export async function correctedApplication(
  onboarding: Onboarding,
  decision: Extract<Decision, { kind: 'correction' }>,
): Promise<'corrected' | 'answered' | Answered<Decision>> {
  const { clock, record } = onboarding;
  const { waitingOn, what, attention = 'correction-needed' } = decision;
  onboarding.enter('awaiting-correction', waitingOn, what, attention);
  clock.startWork();
  delete record.askedOn;
  if (waitingOn === 'client') {
    onboarding.notify('correction-needed', { what }, { starts: { wait: 'client-correction', ...clock.zone() } });
  } else {
    await onboarding.perform(() => clock.begin('task'));
  }

  const answer = await onboarding.until(
    (all) => approvalOnRecord(all) ?? correctionOnRecord(all) ?? answerToCbp(all) ?? correctionRequestOnRecord(all),
  );
  onboarding.consume(answer);
  if ('answered' in answer) {
    delete record.askedOn;
    await onboarding.perform(() => clock.begin('decision'));
    clock.drop('acknowledgement');
    return 'answered';
  }
  if (!('kind' in answer)) {
    record.application = answer.application;
    return 'corrected';
  }
  return answer.kind === 'correction' ? await correctedApplication(onboarding, answer) : answer;
}
