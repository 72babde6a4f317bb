import { importerNumbersOf } from '../../application/application.js';
import { type Doubt, doubtsAboutSender, doubtsAboutTime, isOfCbp } from '../contract/doubts.js';
import type { ConfirmAccessGranted, CorrectApplication } from '../contract/messages.js';
import { DECISION_KINDS, isDecisionKind, type ReceivedMail } from '../contract/received-mail.js';
import type { Outcome, WaitingOn } from '../contract/stages.js';
import { bareNumber, currentEntries, type Entry, entriesOf, type OnboardingRecord } from './record.js';

/**
 * What the workflow asks of the record. Pure: each question looks at everything on record and answers, or answers
 * undefined. What counts by itself and what needs a person is decided here and nowhere else.
 */

export type Decision =
  | { kind: 'approved' }
  /** The importer has an account already; what remains is the grant. */
  | { kind: 'already-registered' }
  | {
      kind: 'correction';
      waitingOn: WaitingOn & ('client' | 'broker');
      what: string;
      attention?: 'decision-to-confirm';
    };

export type Fate = { kind: 'sent'; at: string; why: string } | { kind: 'not-sent'; why: string };

/** An answer and the entry that gave it: what is taken up answers nothing any more. */
export type Answered<T> = T & { entry: number };

/** The first entry of the present attempt that answers. */
function firstAnswer<T extends object>(
  record: OnboardingRecord,
  answer: (entry: Entry) => T | undefined,
): Answered<T> | undefined {
  for (let index = record.attemptStartIndex; index < record.entries.length; index++) {
    const entry = record.entries[index];
    const found = entry && !record.consumed.includes(index) ? answer(entry) : undefined;
    if (found) return { ...found, entry: index };
  }
  return undefined;
}

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
  if (!isDecisionKind(mail.kind) || doubtsAbout(mail, record).length > 0 || isDismissed(mail, record)) return undefined;
  switch (mail.kind) {
    case 'approved':
      return disputed(record) ? undefined : { kind: 'approved' };
    case 'more-information':
      return correctionFor('CBP needs something before it can proceed', mail);
    case 'not-on-file':
      return correctionFor("CBP can't find the importer as entered", mail);
    case 'use-web-form':
      return correctionFor(
        'CBP wants this application submitted through its web form. Correct the channel to web-form, unless CBP asks for more',
        mail,
      );
    default:
      // A refusal, or word that there is an account already, would close or redirect the case: a person says so.
      return undefined;
  }
}

/** CBP's clock stops; what the client has to do, a person reads in the letter and says. */
function correctionFor(what: string, { excerpt }: ReceivedMail): Decision {
  return { kind: 'correction', waitingOn: 'broker', what: `${what}: "${excerpt}"`, attention: 'decision-to-confirm' };
}

/**
 * Whether CBP also wrote, of this attempt, what only a person may act upon: a refusal, word of an account that exists, or a
 * letter that nobody knows. Then an approval by mail waits for that person, too.
 */
function disputed(record: OnboardingRecord): boolean {
  return currentEntries(record).some(
    (entry, at) =>
      entry.kind === 'mail' && disputes(entry.mail, record) && !isSettled(record.attemptStartIndex + at, record),
  );
}

function disputes(mail: ReceivedMail, record: OnboardingRecord): boolean {
  const doubts = doubtsAbout(mail, record);
  if (isRepeated(mail, record) || !SPEAKS_OF_THE_CASE.includes(mail.kind) || isDismissed(mail, record)) return false;
  if (mail.kind === 'refused' || mail.kind === 'already-registered') if (doubts.length === 0) return true;
  return (
    mail.signedBy !== undefined &&
    mail.authenticity.verdict === 'authentic' &&
    doubts.length > 0 &&
    !doubts.includes('earlier-attempt') &&
    !doubts.includes('signed-before-submission')
  );
}
const SPEAKS_OF_THE_CASE: readonly ReceivedMail['kind'][] = [...DECISION_KINDS, 'unclear', 'unrelated'];

/** A person decided after it came. */
function isSettled(entry: number, record: OnboardingRecord): boolean {
  return entry < record.entries.findLastIndex(({ kind }) => kind === 'decide');
}

function isDismissed({ mailId }: ReceivedMail, record: OnboardingRecord): boolean {
  return dismissedMails(record).has(mailId);
}

/** Asked of each of very many mails: looked up once for all of them. */
function dismissedMails(record: OnboardingRecord): Set<string> {
  const known = DISMISSED.get(record);
  if (known?.entries === record.entries.length) return known.ids;
  const ids = new Set(entriesOf(record, 'dismiss').map((entry) => entry.dismiss.mailId));
  DISMISSED.set(record, { entries: record.entries.length, ids });
  return ids;
}
const DISMISSED = new WeakMap<OnboardingRecord, { entries: number; ids: Set<string> }>();

/** Another copy of what is on record already, under headers that its signature does not cover. */
function isRepeated({ mailId, signature, doubts }: ReceivedMail, record: OnboardingRecord): boolean {
  return (
    doubts.includes('signature-used') &&
    entriesOf(record, 'mail').some(({ mail }) => mail.mailId !== mailId && mail.signature === signature)
  );
}

/** Why a mail may not move the onboarding without a person: what the judge found, and what only the record tells. */
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

function bouncedSubmission(mail: ReceivedMail, record: OnboardingRecord): Decision | undefined {
  if (mail.doubts.length > 0 || !mail.aboutMessageId || !namesPresentSubmission(mail.aboutMessageId, record))
    return undefined;
  return { kind: 'correction', waitingOn: 'broker', what: `The email to CBP bounced: "${mail.excerpt}"` };
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
    doubtsAbout(mail, record).length === 0 &&
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
    if (mail.kind === 'bounce' && about && mail.doubts.length === 0)
      return { kind: 'sent', at: mail.receivedAt, why: 'it came back undelivered' };
    // Asked again for a correction that is on its way, CBP says nothing of the mail that brings it.
    const answers =
      about || (isDecisionKind(mail.kind) && doubtsAbout(mail, record).every((doubt) => doubt === 'nothing-submitted'));
    if (mail.kind !== 'bounce' && mail.authenticity.verdict === 'authentic' && isOfCbp(mail.doubts) && answers) {
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

/** What a person says is to be corrected, beyond what was said before. */
export function correctionNamedOnRecord(
  record: OnboardingRecord,
): Answered<Extract<Decision, { kind: 'correction' }>> | undefined {
  return firstAnswer(record, (entry) => {
    const decision = entry.kind === 'decide' ? decisionByPerson(entry.decide) : undefined;
    return decision?.kind === 'correction' ? decision : undefined;
  });
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
  const contradicted = disputed(record);
  return record.entries.flatMap((entry, index) => {
    if (entry.kind !== 'mail' || index < lastDecision || isDismissed(entry.mail, record)) return [];
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
    case 'own-copy':
      return undefined;
    // Where there is nothing to doubt, they are on record, and ask nobody.
    case 'acknowledgement':
    case 'in-process':
    case 'out-of-office':
    case 'unrelated':
      return doubtsAbout(mail, record).length > 0 ? 'mail-to-review' : undefined;
    case 'bounce':
      if (index < record.attemptStartIndex) return undefined;
      if (mail.doubts.length > 0) return 'mail-to-review';
      return mail.aboutMessageId && namesPresentSubmission(mail.aboutMessageId, record) ? undefined : 'bounced';
    case 'client-reply':
    case 'unclear':
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
  const doubts = doubtsAbout(mail, record);
  if (doubts.includes('other-number')) return 'approval-mismatch';
  if (isRepeated(mail, record)) return undefined;
  // What CBP said of an earlier attempt was taken up with it; doubts outlive the attempt.
  if (index < record.attemptStartIndex && doubts.every((doubt) => doubt === 'earlier-attempt')) return undefined;
  if (doubts.length > 0) return 'mail-to-review';
  if (mail.kind === 'approved') return contradicted ? 'contradiction' : undefined;
  if (unasked(mail, record, index))
    return record.stage === 'awaiting-access-grant' ? 'contradiction' : 'mail-to-review';
  return mail.kind === 'refused' || mail.kind === 'already-registered' ? 'decision-to-confirm' : undefined;
}

/** Another decision than approval, once one was acted upon. */
function unasked(mail: ReceivedMail, record: OnboardingRecord, index: number): boolean {
  const past = record.stage === 'awaiting-access-grant' || record.stage === 'awaiting-correction';
  return mail.kind !== 'approved' && past && index >= record.attemptStartIndex;
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
