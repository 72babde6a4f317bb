import type { CorrectApplication, Withdraw } from '../contract/messages.js';
import type { Outcome } from '../contract/stages.js';
import { isChangeInPlace } from './correction-policy.js';
import { type Answered, firstAnswer, type OnboardingRecord } from './record.js';

/** What only people report: a corrected application, an answer to CBP, the end of an onboarding. Pure. */

/** A corrected application that has not been used yet, and is more than a change of what is on record. */
export function correctionOnRecord(record: OnboardingRecord): Answered<CorrectApplication> | undefined {
  return firstAnswer(record, (entry) =>
    entry.kind === 'correct' && entry.correct.because !== 'form-5106' && !isChangeInPlace(entry, record)
      ? entry.correct
      : undefined,
  );
}

/** An answer to CBP that a person wrote, and that is out: CBP's turn begins again. */
export function answerToCbp(record: OnboardingRecord): Answered<{ answered: true }> | undefined {
  return firstAnswer(record, (entry, index) =>
    entry.kind === 'message' && entry.message.to === 'cbp' && record.delivered.includes(index)
      ? { answered: true }
      : undefined,
  );
}

/** What ends an onboarding at any stage. Only a person can do that. */
export function closingOnRecord(record: OnboardingRecord): { outcome: Outcome; by: string; why: string } | undefined {
  for (const entry of record.entries) {
    if (entry.kind === 'withdraw' && !mustRemoveUser(entry.withdraw, record))
      return { outcome: 'withdrawn', by: entry.withdraw.actor, why: entry.withdraw.reason };
    if (entry.kind !== 'decide') continue;
    const { decide } = entry;
    if (decide.decision === 'rejected' || decide.decision === 'abandoned') {
      return { outcome: decide.decision, by: decide.actor, why: decide.evidence };
    }
    if (decide.decision === 'already-registered' && decide.next === 'close') {
      return { outcome: 'already-registered', by: decide.actor, why: decide.evidence };
    }
  }
  return undefined;
}

/** Our user can still see the client's data: the case ends once someone has seen that it does not. */
function mustRemoveUser({ because }: Withdraw, { access }: OnboardingRecord): boolean {
  return because === 'power-of-attorney-revoked' && access !== undefined;
}

/** Our authority has ended, and our user is still to be removed. */
export function isRevoked(record: OnboardingRecord): boolean {
  return record.entries.some((entry) => entry.kind === 'withdraw' && mustRemoveUser(entry.withdraw, record));
}
