import type { ClientStatement } from '../contract/messages.js';
import type { ReceivedMail } from '../contract/received-mail.js';
import { isDisputed } from './decision-policy.js';
import { doubtsAbout, isDismissed, isRepeated, namesCurrentSubmission, namesThisImporter } from './mail-policy.js';
import type { OnboardingRecord } from './record.js';
import { statementIn } from './statement-policy.js';

/** Which emails and approvals a person must look at, and why. Pure. */

/** Emails that wait for a person: not trusted, not clear, not expected, or from the client. */
export function messagesForReview(record: OnboardingRecord): { mail: ReceivedMail; why: ReviewReason }[] {
  const lastDecision = record.entries.findLastIndex((entry) => entry.kind === 'decide');
  const contradicted = isDisputed(record);
  return record.entries.flatMap((entry, index) => {
    if (entry.kind !== 'mail' || index < lastDecision || isDismissed(entry.mail, record)) return [];
    const why = reasonToReview(entry.mail, record, index, contradicted);
    return why ? [{ mail: entry.mail, why }] : [];
  });
}
export type ReviewReason = 'mail-to-review' | 'decision-to-confirm' | 'contradiction' | 'approval-mismatch' | 'bounced';

function reasonToReview(
  mail: ReceivedMail,
  record: OnboardingRecord,
  index: number,
  contradicted: boolean,
): ReviewReason | undefined {
  switch (mail.kind) {
    case 'own-copy':
      return undefined;
    // Without a doubt these only go on record.
    case 'acknowledgement':
    case 'in-process':
    case 'out-of-office':
    case 'unrelated':
      return doubtsAbout(mail, record).length > 0 ? 'mail-to-review' : undefined;
    case 'bounce':
      if (index < record.attemptStartIndex) return undefined;
      if (mail.doubts.length > 0) return 'mail-to-review';
      return mail.aboutMessageId && namesCurrentSubmission(mail.aboutMessageId, record) ? undefined : 'bounced';
    case 'client-reply': {
      const statement = statementIn({ kind: 'mail', mail, at: mail.receivedAt }, record);
      return statement && countsByItself(statement.says, index, record, contradicted) ? undefined : 'mail-to-review';
    }
    case 'unclear':
      return 'mail-to-review';
    default:
      return reasonToReviewDecision(mail, record, index, contradicted);
  }
}

function reasonToReviewDecision(
  mail: ReceivedMail,
  record: OnboardingRecord,
  index: number,
  contradicted: boolean,
): ReviewReason | undefined {
  const doubts = doubtsAbout(mail, record);
  if (doubts.includes('other-number')) return 'approval-mismatch';
  if (isRepeated(mail, record)) return undefined;
  // CBP's answers to an earlier attempt were handled then. Doubtful ones still need a person.
  if (index < record.attemptStartIndex && doubts.every((doubt) => doubt === 'earlier-attempt')) return undefined;
  if (doubts.length > 0) return 'mail-to-review';
  if (mail.kind === 'approved') return contradicted ? 'contradiction' : undefined;
  if (isUnexpected(record, index)) return record.stage === 'awaiting-access-grant' ? 'contradiction' : 'mail-to-review';
  return mail.kind === 'refused' || mail.kind === 'already-registered' ? 'decision-to-confirm' : undefined;
}

/** Whether a plain answer of the client is acted on. Otherwise a person reads it. */
function countsByItself(
  says: ClientStatement,
  index: number,
  record: OnboardingRecord,
  contradicted: boolean,
): boolean {
  const { access, accessFrom = 0, stage, attemptStartIndex } = record;
  if (access) return says === 'no-mail' ? index < accessFrom : true;
  if (says !== 'mail-came') return true;
  return stage !== 'awaiting-correction' && index >= attemptStartIndex && !contradicted;
}

/** The client has written, and no one has handled it: it gets no reminders meanwhile. */
export function hasUnhandledReply(record: OnboardingRecord): boolean {
  return messagesForReview(record).some(
    ({ mail }) => mail.kind === 'client-reply' || (mail.alias === 'client' && mail.kind !== 'out-of-office'),
  );
}

/** A decision that came after an earlier one was acted on. */
function isUnexpected(record: OnboardingRecord, index: number): boolean {
  const past = record.stage === 'awaiting-access-grant' || record.stage === 'awaiting-correction';
  return past && index >= record.attemptStartIndex;
}

/** The `mailId` that dismisses one of our emails that could not be delivered. */
export const UNDELIVERED = 'bounced';

/** Whether one of our emails could not be delivered, and no one has done anything about it yet. */
export function isUndelivered({ undeliveredAt, entries }: OnboardingRecord): boolean {
  if (undeliveredAt === undefined) return false;
  return !entries
    .slice(undeliveredAt)
    .some(
      (entry) =>
        entry.kind === 'correct' ||
        entry.kind === 'call' ||
        entry.kind === 'message' ||
        (entry.kind === 'dismiss' && entry.dismiss.mailId === UNDELIVERED),
    );
}

/** The `mailId` that dismisses an approval from the back office, which has no email. */
export const MISMATCHED_APPROVAL = 'approval';

/** Whether the back office reported an approval for another importer number, and no one has handled it yet. */
export function mismatchedApprovals(record: OnboardingRecord): boolean {
  const settled = record.entries.findLastIndex(
    (entry) => entry.kind === 'decide' || (entry.kind === 'dismiss' && entry.dismiss.mailId === MISMATCHED_APPROVAL),
  );
  return record.entries.some(
    (entry, index) =>
      index > settled && entry.kind === 'approval' && !namesThisImporter(entry.approval.importerNumber, record),
  );
}
