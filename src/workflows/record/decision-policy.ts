import type { BrokerWork, CorrectApplication, Verification } from '../contract/messages.js';
import { DECISION_KINDS, isDecisionKind, type ReceivedMail } from '../contract/received-mail.js';
import type { WaitingOn } from '../contract/stages.js';
import { changesForCbp } from './correction-policy.js';
import {
  doubtsAbout,
  isAcknowledgement,
  isDismissed,
  isRepeated,
  namesCurrentSubmission,
  namesThisImporter,
} from './mail-policy.js';
import {
  type Answered,
  currentEntries,
  type Entry,
  type EntryOf,
  firstAnswer,
  type OnboardingRecord,
} from './record.js';
import { statementIn } from './statement-policy.js';

/**
 * What CBP decided, according to the record. Which emails count without a person is decided here and nowhere else. Pure:
 * each question looks at the whole record and returns an answer, or undefined while there is none.
 */

export type Decision =
  | { kind: 'approved' }
  /** The importer already has an account; only the access grant is left. */
  | { kind: 'already-registered' }
  | {
      kind: 'correction';
      waitingOn: WaitingOn & ('client' | 'broker');
      what: string;
      attention?: 'decision-to-confirm' | BrokerWork;
    };

/** What CBP decided on the current attempt. */
export function decisionOnRecord(record: OnboardingRecord): Answered<Decision> | undefined {
  return firstAnswer(record, (entry, index) =>
    isOverruled(entry, index, record) ? undefined : decisionIn(entry, record),
  );
}

export function decisionIn(entry: Entry, record: OnboardingRecord): Decision | undefined {
  switch (entry.kind) {
    case 'approval':
      return namesThisImporter(entry.approval.importerNumber, record) ? { kind: 'approved' } : undefined;
    case 'decide':
      return decisionByPerson(entry.decide);
    case 'mail':
      return decisionByMail(entry.mail, record) ?? decisionByClient(entry, record);
    case 'statement':
      return decisionByClient(entry, record);
    case 'correct':
      return form5106First(entry.correct, record);
    default:
      return undefined;
  }
}

/** "CBP's email came": it comes only with an account. If CBP also sent something else, a person must look first. */
function decisionByClient(entry: Entry, record: OnboardingRecord): Decision | undefined {
  if (statementIn(entry, record)?.says !== 'mail-came' || (entry.kind === 'mail' && isDisputed(record)))
    return undefined;
  return { kind: 'approved' };
}

/** The Form 5106 itself is wrong: CBP would refuse a corrected application until that is updated. */
function form5106First(correct: CorrectApplication, record: OnboardingRecord): Decision | undefined {
  if (correct.because !== 'form-5106') return undefined;
  const fields = changesForCbp(record, correct).join(', ');
  const what = `Update the CBP Form 5106${fields ? ` (${fields})` : ''}, then send the same correction again without --because form-5106. Nothing was changed or sent.`;
  return { kind: 'correction', waitingOn: 'broker', what, attention: 'form-5106' };
}

/**
 * How we know that the importer has an account, for what we write to the client: a value of the fact `approval`.
 * @param answer the index of the entry that said so, if one did
 */
export function approvalBasis(record: OnboardingRecord, answer: number | undefined): string {
  const entry = answer === undefined ? undefined : record.entries[answer];
  switch (entry?.kind) {
    case 'mail':
      return entry.mail.kind === 'approved' ? 'cbp-letter' : 'client-stated';
    case 'statement':
      return 'client-stated';
    case 'approval':
      return 'back-office';
    case 'decide':
      return 'verification' in entry.decide ? basisOf(entry.decide) : EXISTING_ACCOUNT;
    default:
      return EXISTING_ACCOUNT;
  }
}
/** No one told us of a new account: there was one already. */
const EXISTING_ACCOUNT = 'existing-account';

function basisOf(decide: { decision: string; verification: Verification }): string {
  if (decide.verification === 'seen-in-ace') return 'seen-in-ace';
  // Who says that the account exists has not said that CBP approved it.
  if (decide.decision !== 'approved') return EXISTING_ACCOUNT;
  return decide.verification;
}

function decisionByPerson(decide: EntryOf<'decide'>['decide']): Decision | undefined {
  switch (decide.decision) {
    case 'approved':
      return { kind: 'approved' };
    case 'already-registered':
      return decide.next === 'grant' ? { kind: 'already-registered' } : undefined;
    case 'correction-needed':
      return {
        kind: 'correction',
        waitingOn: decide.waitingOn,
        what: decide.what,
        ...(decide.work ? { attention: decide.work } : {}),
      };
    default:
      return undefined;
  }
}

function decisionByMail(mail: ReceivedMail, record: OnboardingRecord): Decision | undefined {
  if (mail.kind === 'bounce') return bouncedSubmission(mail, record);
  if (!isDecisionKind(mail.kind) || doubtsAbout(mail, record).length > 0 || isDismissed(mail, record)) return undefined;
  switch (mail.kind) {
    case 'approved':
      return isDisputed(record) ? undefined : { kind: 'approved' };
    case 'more-information':
      return correctionFor('CBP needs something before it can proceed', mail);
    case 'not-on-file':
      return correctionFor("CBP can't find the importer as entered", mail);
    case 'use-web-form':
      return correctionFor(
        'CBP wants this application submitted through its web form. Correct the channel to web-form, unless CBP asks for more',
        mail,
      );
    case 'refused':
    case 'already-registered':
      // Either would close or redirect the case. That takes a person.
      return undefined;
    default:
      return mail.kind satisfies never;
  }
}

/** CBP's clock stops. A person reads the letter and tells the client what to do. */
function correctionFor(what: string, { excerpt }: ReceivedMail): Decision {
  return { kind: 'correction', waitingOn: 'broker', what: `${what}: "${excerpt}"`, attention: 'decision-to-confirm' };
}

/**
 * Whether CBP also sent something about this attempt that only a person may act on: a refusal, an existing account, or an
 * unknown letter. Then an approval by email waits for that person, too.
 */
export function isDisputed(record: OnboardingRecord): boolean {
  return currentEntries(record).some(
    (entry, at) =>
      entry.kind === 'mail' && isDispute(entry.mail, record) && !isSettled(record.attemptStartIndex + at, record),
  );
}

function isDispute(mail: ReceivedMail, record: OnboardingRecord): boolean {
  const doubts = doubtsAbout(mail, record);
  if (isRepeated(mail, record) || !ABOUT_THE_CASE.includes(mail.kind) || isDismissed(mail, record)) return false;
  if (mail.kind === 'refused' || mail.kind === 'already-registered') if (doubts.length === 0) return true;
  return (
    mail.signedBy !== undefined &&
    mail.authenticity.verdict === 'authentic' &&
    doubts.length > 0 &&
    !doubts.includes('earlier-attempt') &&
    !doubts.includes('signed-before-submission')
  );
}
const ABOUT_THE_CASE: readonly ReceivedMail['kind'][] = [...DECISION_KINDS, 'unclear', 'unrelated'];

/** A person decided after the email arrived: that counts. */
function isOverruled(entry: Entry, index: number, record: OnboardingRecord): boolean {
  return entry.kind === 'mail' && isSettled(index, record);
}

/** Whether a person made a decision after it arrived. */
function isSettled(entry: number, record: OnboardingRecord): boolean {
  return entry < record.entries.findLastIndex(({ kind }) => kind === 'decide');
}

function bouncedSubmission(mail: ReceivedMail, record: OnboardingRecord): Decision | undefined {
  if (mail.doubts.length > 0 || !mail.aboutMessageId || !namesCurrentSubmission(mail.aboutMessageId, record))
    return undefined;
  return { kind: 'correction', waitingOn: 'broker', what: `The email to CBP bounced: "${mail.excerpt}"` };
}

/** Whether CBP acknowledged the application, or already decided on it. */
export function acknowledgementOnRecord(record: OnboardingRecord): 'acknowledged' | 'overtaken' | undefined {
  if (currentEntries(record).some((entry) => entry.kind === 'mail' && isAcknowledgement(entry.mail, record))) {
    return 'acknowledged';
  }
  return decisionOnRecord(record) ? 'overtaken' : undefined;
}

/** The response time that CBP announced when it acknowledged the current attempt, in business days. */
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

/** A person's request for a correction. */
export function correctionRequestOnRecord(
  record: OnboardingRecord,
): Answered<Extract<Decision, { kind: 'correction' }>> | undefined {
  return firstAnswer(record, (entry) => {
    const byPerson = entry.kind === 'decide' || entry.kind === 'correct';
    const decision = byPerson ? decisionIn(entry, record) : undefined;
    return decision?.kind === 'correction' ? decision : undefined;
  });
}

/**
 * An approval that arrives while a correction is pending: a late approval is still an approval. A plain "yes" of the client
 * is not enough then, since CBP has asked for something: a person reads it.
 */
export function approvalOnRecord(record: OnboardingRecord): Answered<Decision> | undefined {
  return firstAnswer(record, (entry, index) => {
    const decision = isOverruled(entry, index, record) ? undefined : decisionIn(entry, record);
    const plainAnswer = entry.kind === 'mail' && entry.mail.kind === 'client-reply';
    return decision?.kind === 'correction' || plainAnswer ? undefined : decision;
  });
}
