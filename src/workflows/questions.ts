import { importerNumbersOf } from '../application/importer-numbers.js';
import { isDecisionKind, type ReceivedMail } from '../mail/received-mail.js';
import type { ConfirmAccessGranted, CorrectApplication, Outcome, WaitingOn } from './messages.js';
import { bareNumber, currentEntries, type Entry, entriesOf, type OnboardingRecord } from './record.js';

/**
 * What the workflow asks of the record. Pure: each question looks at everything on record and answers, or answers
 * undefined. What counts by itself and what needs a person is decided here and nowhere else.
 */

export type Decision =
  | { kind: 'approved' }
  /** The importer has an account already; what remains is the grant. */
  | { kind: 'already-registered' }
  | { kind: 'correction'; waitingOn: WaitingOn & ('client' | 'broker'); what: string };

export type Fate = { kind: 'sent'; at: string; why: string } | { kind: 'not-sent'; why: string };

/** An answer and the entry that gave it: what is taken up answers nothing any more. */
export type Answered<T> = T & { entry: number };

/** The first entry of the present attempt that answers. */
function firstAnswer<T extends object>(
  record: OnboardingRecord,
  answer: (entry: Entry) => T | undefined,
): Answered<T> | undefined {
  for (let index = record.current; index < record.entries.length; index++) {
    const entry = record.entries[index];
    const found = entry && !record.spent.includes(index) ? answer(entry) : undefined;
    if (found) return { ...found, entry: index };
  }
  return undefined;
}

const CONFIDENT = 0.7;

/** What CBP decided on the present attempt. */
export function decisionOnRecord(record: OnboardingRecord): Answered<Decision> | undefined {
  return firstAnswer(record, (entry) => decisionIn(entry, record));
}

function decisionIn(entry: Entry, record: OnboardingRecord): Decision | undefined {
  switch (entry.kind) {
    case 'approval':
      return namesThisImporter(entry.approval.importerNumber, record) ? { kind: 'approved' } : undefined;
    case 'decide':
      return decisionByPerson(entry.decide);
    case 'mail':
      return decisionByMail(entry.mail, record);
    default:
      return undefined;
  }
}

function decisionByPerson(decide: Extract<Entry, { kind: 'decide' }>['decide']): Decision | undefined {
  switch (decide.decision) {
    case 'approved':
      return { kind: 'approved' };
    case 'already-registered':
      return decide.next === 'grant' ? { kind: 'already-registered' } : undefined;
    case 'correction-needed':
      return { kind: 'correction', waitingOn: decide.waitingOn, what: decide.what };
    default:
      return undefined;
  }
}

function decisionByMail(mail: ReceivedMail, record: OnboardingRecord): Decision | undefined {
  if (mail.kind === 'bounce') return bouncedSubmission(mail, record);
  if (!countsByItself(mail, record)) return undefined;
  switch (mail.kind) {
    case 'approved':
      return disputed(record) ? undefined : { kind: 'approved' };
    case 'more-information':
      return { kind: 'correction', waitingOn: 'client', what: `CBP asks for more information: "${mail.excerpt}"` };
    case 'not-on-file':
      return {
        kind: 'correction',
        waitingOn: 'client',
        what: `CBP does not find the importer as given: "${mail.excerpt}"`,
      };
    case 'use-web-form':
      return {
        kind: 'correction',
        waitingOn: 'broker',
        what: 'CBP wants this application through its web form. Correct the channel to web-form.',
      };
    default:
      // A refusal, or word that there is an account already, would close or redirect the case: a person says so.
      return undefined;
  }
}

/** Whether CBP also said, of this attempt, what only a person may act upon: then an approval by mail needs a person too. */
function disputed(record: OnboardingRecord): boolean {
  return currentEntries(record).some(
    (entry) =>
      entry.kind === 'mail' &&
      (entry.mail.kind === 'refused' || entry.mail.kind === 'already-registered') &&
      countsByItself(entry.mail, record),
  );
}

/** Whether a mail may move the onboarding without a person: who wrote it, about whom, and that it says so clearly. */
function countsByItself(mail: ReceivedMail, record: OnboardingRecord): boolean {
  return (
    record.submissions.length > 0 &&
    mail.authenticity.verdict === 'authentic' &&
    mail.alias !== 'client' &&
    mail.confidence >= CONFIDENT &&
    (mail.importerNumber === undefined || namesThisImporter(mail.importerNumber, record)) &&
    (mail.kind === 'approved' || !answersEarlierAttempt(mail, record))
  );
}

function bouncedSubmission(mail: ReceivedMail, record: OnboardingRecord): Decision | undefined {
  if (!mail.aboutMessageId || !namesPresentSubmission(mail.aboutMessageId, record)) return undefined;
  return { kind: 'correction', waitingOn: 'broker', what: `The mail to CBP came back: "${mail.excerpt}"` };
}

/** Whether an acknowledgement, or anything that makes one superfluous, is there. */
export function acknowledgementOnRecord(record: OnboardingRecord): 'acknowledged' | 'overtaken' | undefined {
  if (currentEntries(record).some((entry) => entry.kind === 'mail' && isAcknowledgement(entry.mail, record))) {
    return 'acknowledged';
  }
  return decisionOnRecord(record) ? 'overtaken' : undefined;
}

function isAcknowledgement(mail: ReceivedMail, record: OnboardingRecord): boolean {
  return (
    (mail.kind === 'acknowledgement' || mail.kind === 'in-process') &&
    mail.authenticity.verdict === 'authentic' &&
    mail.alias !== 'client' &&
    !answersEarlierAttempt(mail, record)
  );
}

/** The answer time CBP announced in an acknowledgement of the present attempt, in business days. */
export function announcedBusinessDays(record: OnboardingRecord): number | undefined {
  for (const entry of currentEntries(record)) {
    if (
      entry.kind === 'mail' &&
      isAcknowledgement(entry.mail, record) &&
      entry.mail.responseBusinessDays !== undefined
    ) {
      return entry.mail.responseBusinessDays;
    }
  }
  return undefined;
}

/** What became of a submission nobody got an answer for: our blind copy, anything CBP answered to it, a bounce, or a person. */
export function fateOfSubmission(record: OnboardingRecord, messageId: string): Answered<Fate> | undefined {
  return firstAnswer(record, (entry): Fate | undefined => {
    if (entry.kind !== 'mail') return fateByPerson(entry, record);
    const { mail } = entry;
    const about = mail.aboutMessageId === messageId;
    if (mail.kind === 'own-copy' && about)
      return { kind: 'sent', at: mail.receivedAt, why: 'our blind copy came back' };
    if (mail.kind === 'bounce' && about) return { kind: 'sent', at: mail.receivedAt, why: 'it came back undelivered' };
    // Asked again for a correction that is on its way, CBP says nothing of the mail that brings it.
    const ofNow = mail.kind === 'approved' || !answersEarlierAttempt(mail, record);
    const answers = about || (isDecisionKind(mail.kind) && ofNow);
    if (mail.authenticity.verdict === 'authentic' && mail.alias !== 'client' && answers) {
      return { kind: 'sent', at: mail.receivedAt, why: 'CBP answered it' };
    }
    return undefined;
  });
}

/** A submission that a person makes by hand: sent, or not to be sent. */
export function settlementOnRecord(record: OnboardingRecord): Answered<Fate> | undefined {
  return firstAnswer(record, (entry) => fateByPerson(entry, record));
}

/** Who says what CBP decided on a submission says that CBP has it. */
function fateByPerson(entry: Entry, record: OnboardingRecord): Fate | undefined {
  if (entry.kind === 'settle') {
    const { settle } = entry;
    const why = `${settle.actor} says so`;
    return settle.outcome === 'sent' ? { kind: 'sent', at: settle.at, why } : { kind: 'not-sent', why };
  }
  const decided = (entry.kind === 'decide' || entry.kind === 'approval') && decisionIn(entry, record);
  return decided ? { kind: 'sent', at: entry.at, why: 'CBP decided on it' } : undefined;
}

/** A corrected application that has not been taken up yet. */
export function correctionOnRecord(record: OnboardingRecord): Answered<CorrectApplication> | undefined {
  return firstAnswer(record, (entry) => (entry.kind === 'correct' ? entry.correct : undefined));
}

/** An approval that arrives while a correction is awaited: a late approval is still an approval. */
export function approvalOnRecord(record: OnboardingRecord): Answered<Decision> | undefined {
  return firstAnswer(record, (entry) => {
    const decision = decisionIn(entry, record);
    return decision?.kind === 'correction' ? undefined : decision;
  });
}

/** The broker's report of what it sees in ACE, since the last instructions. */
export function grantOnRecord(record: OnboardingRecord): Answered<ConfirmAccessGranted> | undefined {
  return firstAnswer(record, (entry) => (entry.kind === 'grant' ? entry.grant : undefined));
}

/** What still lacks for full access: importer numbers not seen, or the wrong role. */
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

/** What ends an onboarding whatever it waits for: always a person. */
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

/** Mails that wait for a person: what they say is not believed, not clear, not expected, or from the client. */
export function mailsForPeople(record: OnboardingRecord): { mail: ReceivedMail; why: MailTask }[] {
  const lastDecision = record.entries.findLastIndex((entry) => entry.kind === 'decide');
  const dismissed = new Set(entriesOf(record, 'dismiss').map((entry) => entry.dismiss.mailId));
  const contradicted = disputed(record);
  return record.entries.flatMap((entry, index) => {
    if (entry.kind !== 'mail' || index < lastDecision || dismissed.has(entry.mail.mailId)) return [];
    const why = taskIn(entry.mail, record, index, contradicted);
    return why ? [{ mail: entry.mail, why }] : [];
  });
}
export type MailTask = 'mail-to-review' | 'decision-to-confirm' | 'contradiction' | 'approval-mismatch' | 'bounced';

function taskIn(
  mail: ReceivedMail,
  record: OnboardingRecord,
  index: number,
  contradicted: boolean,
): MailTask | undefined {
  switch (mail.kind) {
    case 'acknowledgement':
    case 'in-process':
    case 'own-copy':
    case 'out-of-office':
      return undefined;
    case 'bounce':
      if (index < record.current) return undefined;
      return mail.aboutMessageId && namesPresentSubmission(mail.aboutMessageId, record) ? undefined : 'bounced';
    case 'client-reply':
    case 'unclear':
    case 'unrelated':
      return 'mail-to-review';
    default:
      return decisionTask(mail, record, index, contradicted);
  }
}

function decisionTask(
  mail: ReceivedMail,
  record: OnboardingRecord,
  index: number,
  contradicted: boolean,
): MailTask | undefined {
  if (mail.importerNumber !== undefined && !namesThisImporter(mail.importerNumber, record)) return 'approval-mismatch';
  // What CBP said of an earlier attempt was taken up with it; only doubts about who wrote it outlive the attempt.
  if (index < record.current && mail.authenticity.verdict === 'authentic') return undefined;
  if (!countsByItself(mail, record)) return 'mail-to-review';
  if (mail.kind === 'approved') return contradicted ? 'contradiction' : undefined;
  if (unasked(mail, record, index))
    return record.stage === 'awaiting-access-grant' ? 'contradiction' : 'mail-to-review';
  return mail.kind === 'refused' || mail.kind === 'already-registered' ? 'decision-to-confirm' : undefined;
}

/** Another decision than approval, once one was acted upon. */
function unasked(mail: ReceivedMail, record: OnboardingRecord, index: number): boolean {
  const past = record.stage === 'awaiting-access-grant' || record.stage === 'awaiting-correction';
  return mail.kind !== 'approved' && past && index >= record.current;
}

/** What `dismissMail` names for an approval that came from the back office instead of by mail. */
export const MISMATCHED_APPROVAL = 'approval';

/** Back-office word of an approval for another number: a task. */
export function mismatchedApprovals(record: OnboardingRecord): boolean {
  const settled = record.entries.findLastIndex(
    (entry) => entry.kind === 'decide' || (entry.kind === 'dismiss' && entry.dismiss.mailId === MISMATCHED_APPROVAL),
  );
  return record.entries.some(
    (entry, index) =>
      index > settled && entry.kind === 'approval' && !namesThisImporter(entry.approval.importerNumber, record),
  );
}

function namesThisImporter(importerNumber: string, record: OnboardingRecord): boolean {
  // An application that nobody has checked yet may have anything for a number.
  const own: unknown = record.application.importerNumber;
  return typeof own === 'string' && bareNumber(importerNumber) === bareNumber(own);
}

function namesPresentSubmission(messageId: string, record: OnboardingRecord): boolean {
  const submission = record.submissions.at(-1);
  return submission !== undefined && (submission.messageId === messageId || submission.serverMessageId === messageId);
}

function answersEarlierAttempt(mail: ReceivedMail, record: OnboardingRecord): boolean {
  const about = mail.aboutMessageId;
  if (!about || namesPresentSubmission(about, record)) return false;
  return record.submissions.some((earlier) => earlier.messageId === about || earlier.serverMessageId === about);
}
