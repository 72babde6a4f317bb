import { DECISION_KINDS, isDecisionKind, type ReceivedMail } from '../contract/received-mail.js';
import type { WaitingOn } from '../contract/stages.js';
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
      attention?: 'decision-to-confirm';
    };

/** What CBP decided on the current attempt. */
export function decisionOnRecord(record: OnboardingRecord): Answered<Decision> | undefined {
  return firstAnswer(record, (entry) => decisionIn(entry, record));
}

export function decisionIn(entry: Entry, record: OnboardingRecord): Decision | undefined {
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

/** How we know that the importer has an account: for what we write to the client. */
export function approvalBasis(record: OnboardingRecord): string {
  const entry = record.entries[record.attemptStartIndex - 1];
  switch (entry?.kind) {
    case 'mail':
      return entry.mail.kind === 'approved' ? 'cbp-letter' : 'on-record';
    case 'decide': {
      const { decide } = entry;
      // A client who says that the account exists has not told us that CBP approved it.
      const exists = decide.decision === 'already-registered' && decide.verification === 'client-confirmed';
      return 'verification' in decide && !exists ? decide.verification : 'on-record';
    }
    default:
      return 'on-record';
  }
}

function decisionByPerson(decide: EntryOf<'decide'>['decide']): Decision | undefined {
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
    const decision = entry.kind === 'decide' ? decisionByPerson(entry.decide) : undefined;
    return decision?.kind === 'correction' ? decision : undefined;
  });
}

/** An approval that arrives while a correction is pending: a late approval is still an approval. */
export function approvalOnRecord(record: OnboardingRecord): Answered<Decision> | undefined {
  return firstAnswer(record, (entry) => {
    const decision = decisionIn(entry, record);
    return decision?.kind === 'correction' ? undefined : decision;
  });
}
