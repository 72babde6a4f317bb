import {
  acknowledgementOnRecord,
  announcedBusinessDays,
  approvalOnRecord,
  correctionRequestOnRecord,
  type Decision,
  decisionOnRecord,
} from '../record/decision-policy.js';
import type { EscalationStep } from '../record/escalation-step.js';
import { correctionOnRecord } from '../record/people-policy.js';
import type { Answered, OnboardingRecord } from '../record/record.js';
import type { Onboarding } from './runtime.js';

/** Waits for CBP's automatic reply. CBP often sends only one to each sender, so a missing reply is noted and nothing more. */
export async function acknowledgementFromCbp(onboarding: Onboarding): Promise<void> {
  onboarding.enter('awaiting-acknowledgement', 'cbp');
  await onboarding.until(
    (record) => acknowledgementOnRecord(record) ?? (wasNoted(record) ? 'silence' : undefined),
    [noteSilence],
  );
  onboarding.record.stepsTaken.push('acknowledgement');
}

const noteSilence: EscalationStep<Onboarding> = {
  deadline: 'acknowledgement',
  description: 'the missing acknowledgement is noted, and the wait for the decision begins',
  escalates: true,
  act(onboarding) {
    onboarding.record.silenceNoted = onboarding.record.attempt;
    onboarding.note(
      'No acknowledgement yet. CBP often sends only one automatic reply to each sender, so this alone means nothing.',
    );
  },
};

const wasNoted = (record: OnboardingRecord) => record.silenceNoted === record.attempt;

/** Waits for CBP's decision, however long it takes. People are notified when it is late, and again when it is overdue. */
export async function decisionFromCbp(onboarding: Onboarding): Promise<Answered<Decision>> {
  onboarding.enter('awaiting-decision', 'cbp');
  for (;;) {
    const answer = await onboarding.until(
      (record) => decisionOnRecord(record) ?? announcedLonger(record),
      [late, overdue],
    );
    if (answer !== 'announced') {
      onboarding.consume(answer);
      return answer;
    }
    await onboarding.extendClock(announcedBusinessDays(onboarding.record));
  }
}

/** Whether CBP announced a longer response time than the clock was set for. */
function announcedLonger(record: OnboardingRecord): 'announced' | undefined {
  const days = announcedBusinessDays(record);
  return days !== undefined && days > USUAL_BUSINESS_DAYS && days !== record.announcedDays ? 'announced' : undefined;
}
/** CBP's automatic reply says "3 to 5 business days", and the clock is set for that without one. */
const USUAL_BUSINESS_DAYS = 5;

const late: EscalationStep<Onboarding> = {
  deadline: 'late',
  description: "operations is notified, and the client is asked whether CBP's account email arrived",
  escalates: true,
  act(onboarding) {
    onboarding.addAttention('late');
    onboarding.notify('operations-late', onboarding.dueFact('late'));
    onboarding.notify('ask-whether-approved', submissionFacts(onboarding.record));
  },
};

/** When the application went to CBP, and whether it was we who emailed it. */
function submissionFacts({ submissions }: OnboardingRecord): Record<string, string> {
  const last = submissions.at(-1);
  return last?.at ? { submittedOn: last.at, submittedBy: last.messageId ? 'us' : 'someone' } : {};
}

const overdue: EscalationStep<Onboarding> = {
  deadline: 'overdue',
  description: "the manager is asked to call CBP's desk or change the route",
  escalates: true,
  act(onboarding) {
    onboarding.addAttention('overdue');
    onboarding.notify('manager-overdue', onboarding.dueFact('overdue'));
  },
};

/**
 * Waits for the correction that CBP wants, unless CBP approves in the meantime. If a letter asks for it, a person reads
 * the letter first, and the client is told once that person has said what to correct.
 */
export async function correctedApplication(
  onboarding: Onboarding,
  decision: Extract<Decision, { kind: 'correction' }>,
): Promise<'corrected' | Decision> {
  const { waitingOn, what, attention = 'correction-needed' } = decision;
  onboarding.enter('awaiting-correction', waitingOn, what, attention);
  // CBP's clock is paused.
  onboarding.startClock(undefined, {});
  if (waitingOn === 'client') onboarding.notify('correction-needed', { what });
  else onboarding.notify('operations-task', { attention, what });

  const answer = await onboarding.until(
    (record) => approvalOnRecord(record) ?? correctionOnRecord(record) ?? correctionRequestOnRecord(record),
  );
  onboarding.consume(answer);
  if (!('kind' in answer)) {
    onboarding.record.application = answer.application;
    return 'corrected';
  }
  return answer.kind === 'correction' ? await correctedApplication(onboarding, answer) : answer;
}
