import { type Doubt, doubtsAboutSender, doubtsAboutTime } from '../contract/doubts.js';
import { isDecisionKind, type ReceivedMail } from '../contract/received-mail.js';
import { bareNumber, entriesOf, type OnboardingRecord } from './record.js';

/** What one email counts for, given everything else on record: doubts, dismissals, copies, which attempt it answers. Pure. */

/** Why an email may not move the onboarding without a person: what the judge found, and what only the record shows. */
export function doubtsAbout(mail: ReceivedMail, record: OnboardingRecord): Doubt[] {
  const isDecision = isDecisionKind(mail.kind);
  if (!isDecision && mail.kind !== 'acknowledgement' && mail.kind !== 'in-process') return mail.doubts;
  const doubts = new Set<Doubt>([...mail.doubts, ...doubtsAboutSender(mail)]);
  if (!isDecision) return [...doubts];
  if (record.submissions.length === 0) doubts.add('nothing-submitted');
  if (mail.importerNumber !== undefined && !namesThisImporter(mail.importerNumber, record)) doubts.add('other-number');
  if (mail.kind !== 'approved' && answersEarlierAttempt(mail, record)) doubts.add('earlier-attempt');
  for (const doubt of doubtsAboutTime(mail, record.submissions.at(-1)?.at)) doubts.add(doubt);
  return [...doubts];
}

/** An acknowledgement of the current attempt that leaves no doubt. */
export function isAcknowledgement(mail: ReceivedMail, record: OnboardingRecord): boolean {
  return (
    (mail.kind === 'acknowledgement' || mail.kind === 'in-process') &&
    doubtsAbout(mail, record).length === 0 &&
    !answersEarlierAttempt(mail, record)
  );
}

/** A person has handled the email: dismissed it, or answered it. */
export function isDismissed({ mailId }: ReceivedMail, record: OnboardingRecord): boolean {
  return dismissedMails(record).has(mailId);
}

/** Cached: it is looked up for each of what may be a thousand emails. */
export function dismissedMails(record: OnboardingRecord): Set<string> {
  const known = DISMISSED.get(record);
  if (known?.entries === record.entries.length) return known.ids;
  // Writing back does not settle what CBP decided.
  const isDecision = ({ mail }: { mail: ReceivedMail }) => isDecisionKind(mail.kind) && mail.alias !== 'client';
  const decisions = new Set(
    entriesOf(record, 'mail')
      .filter(isDecision)
      .map(({ mail }) => mail.mailId),
  );
  const answered = entriesOf(record, 'message').flatMap(({ message: { mailId } }) =>
    mailId === undefined || decisions.has(mailId) ? [] : mailId,
  );
  const ids = new Set([...entriesOf(record, 'dismiss').map((entry) => entry.dismiss.mailId), ...answered]);
  DISMISSED.set(record, { entries: record.entries.length, ids });
  return ids;
}
const DISMISSED = new WeakMap<OnboardingRecord, { entries: number; ids: Set<string> }>();

/** Another copy of an email already on record, with headers that its signature does not cover. */
export function isRepeated({ mailId, signature, doubts }: ReceivedMail, record: OnboardingRecord): boolean {
  return (
    doubts.includes('signature-used') &&
    entriesOf(record, 'mail').some(({ mail }) => mail.mailId !== mailId && mail.signature === signature)
  );
}

export function namesThisImporter(importerNumber: string, record: OnboardingRecord): boolean {
  // An application that has not been checked yet can have anything here.
  const own: unknown = record.application.importerNumber;
  return typeof own === 'string' && bareNumber(importerNumber) === bareNumber(own);
}

export function namesCurrentSubmission(messageId: string, record: OnboardingRecord): boolean {
  const submission = record.submissions.at(-1);
  return submission !== undefined && (submission.messageId === messageId || submission.serverMessageId === messageId);
}

function answersEarlierAttempt(mail: ReceivedMail, record: OnboardingRecord): boolean {
  const about = mail.aboutMessageId;
  if (!about || namesCurrentSubmission(about, record)) return false;
  return record.submissions.some((earlier) => earlier.messageId === about || earlier.serverMessageId === about);
}
