import { importerNumbersOf } from '../../application/application.js';
import type { ConfirmAccessGranted, CorrectApplication } from '../contract/messages.js';
import type { Outcome } from '../contract/stages.js';
import { type Answered, bareNumber, firstAnswer, type OnboardingRecord } from './record.js';

/** What only people report: a corrected application, the access seen in ACE, the end of an onboarding. Pure. */

/** A corrected application that has not been used yet. */
export function correctionOnRecord(record: OnboardingRecord): Answered<CorrectApplication> | undefined {
  return firstAnswer(record, (entry) => (entry.kind === 'correct' ? entry.correct : undefined));
}

/** What the broker reported seeing in ACE since the last instructions. */
export function grantOnRecord(record: OnboardingRecord): Answered<ConfirmAccessGranted> | undefined {
  return firstAnswer(record, (entry) => (entry.kind === 'grant' ? entry.grant : undefined));
}

/** What is missing for full access: importer numbers not seen, or the wrong role. */
export function missingAccess(
  record: OnboardingRecord,
  grant: ConfirmAccessGranted,
): { numbers: string[]; role: boolean } {
  const seen = new Set(grant.importerNumbers.map(bareNumber));
  return {
    numbers: importerNumbersOf(record.application).filter((number) => !seen.has(bareNumber(number))),
    role: grant.role !== 'full-access',
  };
}

/** What ends an onboarding at any stage. Only a person can do that. */
export function closingOnRecord(record: OnboardingRecord): { outcome: Outcome; by: string; why: string } | undefined {
  for (const entry of record.entries) {
    if (entry.kind === 'withdraw')
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
