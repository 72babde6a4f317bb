import { changedFields, concernsCbp } from '../../application/cbp-fields.js';
import type { CorrectApplication } from '../contract/messages.js';
import type { Entry, OnboardingRecord } from './record.js';

/** What a corrected application means at each stage. Pure. */

/** The changed fields, by their dotted names. */
export function changesOf({ application }: OnboardingRecord, correct: CorrectApplication): string[] {
  return changedFields(application, correct.application).map(({ field }) => field);
}

/** The changed fields that are on the form or in the email to CBP, by their dotted names. */
export function changesForCbp(record: OnboardingRecord, correct: CorrectApplication): string[] {
  return changesOf(record, correct).filter(concernsCbp);
}

/** Who has the account, or which numbers it covers: the client then needs new instructions for the grant. */
export function changesGrant(record: OnboardingRecord, correct: CorrectApplication): boolean {
  return changesOf(record, correct).some((field) => ABOUT_THE_GRANT.test(field));
}
const ABOUT_THE_GRANT = /^(accountOwner|importerNumber|furtherImporterNumbers)\b/;

/**
 * Whether a correction only changes what is on record: nothing goes to CBP or to the client. Before anything was sent to
 * CBP, any correction is one of the application that will be sent. While a correction is awaited, the same
 * application goes out once more only if a person says so, such as after a bounce.
 */
export function isChangeInPlace(entry: Entry, record: OnboardingRecord): boolean {
  if (entry.kind !== 'correct' || entry.correct.because === 'form-5106') return false;
  switch (record.stage) {
    case 'preparing':
      return false;
    case 'submitting':
      return true;
    case 'awaiting-correction':
      return (
        record.submissions.length > 0 && !entry.correct.replace && changesForCbp(record, entry.correct).length === 0
      );
    case 'awaiting-access-grant':
      return !changesGrant(record, entry.correct);
    default:
      return changesForCbp(record, entry.correct).length === 0;
  }
}

/** What a person changed beside the stages. */
export function isChange(entry: Entry, record: OnboardingRecord): boolean {
  if (entry.kind !== 'correct') return CHANGES.includes(entry.kind);
  const index = record.entries.indexOf(entry);
  // Those before were used, as the application of an attempt.
  const isNew = index >= record.attemptStartIndex && !record.consumed.includes(index);
  return isNew && isChangeInPlace(entry, record);
}
const CHANGES: readonly Entry['kind'][] = ['deadline', 'snooze', 'call', 'hand-over', 'message'];
