import type { EscalationStep } from '../record/escalation-step.js';
import {
  type Answered,
  acknowledgementOnRecord,
  announcedBusinessDays,
  approvalOnRecord,
  correctionNamedOnRecord,
  correctionOnRecord,
  type Decision,
  decisionOnRecord,
} from '../record/policy.js';
import type { OnboardingRecord } from '../record/record.js';
import type { Onboarding } from './runtime.js';

/** CBP's automatic reply. Often there is one for a sender only, so a missing one is noted and the decision awaited all the same. */
export async function acknowledgedByCbp(onboarding: Onboarding): Promise<void> {
  onboarding.enter('awaiting-acknowledgement', 'cbp');
  await onboarding.until(
    (record) => acknowledgementOnRecord(record) ?? (wasNoted(record) ? 'silence' : undefined),
    [noteSilence],
  );
}

const noteSilence: EscalationStep<Onboarding> = {
  deadline: 'acknowledgement',
  say: 'the missing acknowledgement is noted, and the decision awaited',
  escalates: true,
  act(onboarding) {
    onboarding.record.silenceNoted = onboarding.record.attempt;
    onboarding.note(
      'No acknowledgement by now. Automatic replies often come once for each sender, so this alone means nothing.',
    );
  },
};

const wasNoted = (record: OnboardingRecord) => record.silenceNoted === record.attempt;

/** CBP's decision, however long it takes: people are told when it is late, and again when it is overdue. */
export async function decisionFromCbp(onboarding: Onboarding): Promise<Answered<Decision>> {
  onboarding.enter('awaiting-decision', 'cbp');
  for (;;) {
    const answer = await onboarding.until(
      (record) => decisionOnRecord(record) ?? longerThanPromised(record),
      [late, overdue],
    );
    if (answer !== 'announced') {
      onboarding.take(answer);
      return answer;
    }
    await onboarding.extendClock(announcedBusinessDays(onboarding.record));
  }
}

/** An acknowledgement that announces other days than the clock was set for. */
function longerThanPromised(record: OnboardingRecord): 'announced' | undefined {
  const days = announcedBusinessDays(record);
  return days !== undefined && days > USUAL_DAYS && days !== record.announcedDays ? 'announced' : undefined;
}
/** "3 to 5 business days" is what CBP's automatic reply says, and what the clock is set for without it. */
const USUAL_DAYS = 5;

const late: EscalationStep<Onboarding> = {
  deadline: 'late',
  say: "operations are told, and the client is asked whether CBP's account mail reached them",
  escalates: true,
  act(onboarding) {
    onboarding.raise('late');
    onboarding.notify('operations-late', {});
    onboarding.notify('ask-whether-approved', {});
  },
};

const overdue: EscalationStep<Onboarding> = {
  deadline: 'overdue',
  say: "the manager is told: phone CBP's desk, or change the route",
  escalates: true,
  act(onboarding) {
    onboarding.raise('overdue');
    onboarding.notify('manager-overdue', {});
  },
};

/**
 * What CBP wants corrected, corrected. Unless CBP approves meanwhile after all. What a letter asks for a person reads first:
 * the client hears of it once that person has said what it is.
 */
export async function correctedApplication(
  onboarding: Onboarding,
  decision: Extract<Decision, { kind: 'correction' }>,
): Promise<'corrected' | Decision> {
  const { waitingOn, what, attention = 'correction-needed' } = decision;
  onboarding.enter('awaiting-correction', waitingOn, what, attention);
  if (waitingOn === 'client') onboarding.notify('correction-needed', { what });
  else onboarding.notify('operations-task', { attention, what });

  const answer = await onboarding.until(
    (record) => approvalOnRecord(record) ?? correctionOnRecord(record) ?? correctionNamedOnRecord(record),
  );
  onboarding.take(answer);
  if (!('kind' in answer)) {
    onboarding.record.application = answer.application;
    return 'corrected';
  }
  return answer.kind === 'correction' ? await correctedApplication(onboarding, answer) : answer;
}
