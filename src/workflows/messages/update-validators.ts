import type { CorrectApplication } from '../contract/messages.js';
import type { OnboardingStage } from '../contract/stages.js';
import { daysLater, stepsAhead } from '../record/clock.js';
import { changesForCbp, changesOf } from '../record/correction-policy.js';
import { decisionOnRecord } from '../record/decision-policy.js';
import { dismissedMails } from '../record/mail-policy.js';
import { correctionOnRecord } from '../record/people-policy.js';
import { bareNumber, type Entry, type OnboardingRecord, recordedImporterNumbers } from '../record/record.js';
import { isUndelivered, MISMATCHED_APPROVAL, mismatchedApprovals, UNDELIVERED } from '../record/review-policy.js';
import { settlementOnRecord } from '../record/submission-policy.js';
import {
  CLOCKS_DIFFER_MS,
  type Fields,
  INSTANT_REQUIRED,
  isInstant,
  isNonEmpty,
  isObject,
  missingFields,
  oneOf,
  YEAR_MS,
} from './payload-checks.js';
import { accountEmailProblem } from './small-act-validators.js';

/**
 * Validates updates. Each check returns the problem and its remedy, or undefined. Synchronous, because update validators
 * must be.
 *
 * Temporal stores a refusal unencrypted, so that people can read it in the Web UI. So it repeats nothing that was sent:
 * it contains only field names, stages and values from fixed lists.
 */

const EXAMPLES = {
  decide: '{"actor":"you","decision":"approved","verification":"seen-in-ace","evidence":"where to look it up"}',
  correctionNeeded:
    '{"actor":"you","decision":"correction-needed","waitingOn":"client","what":"what to correct","evidence":"where to look it up"}',
  correct: '{"actor":"you","reason":"why","application":{…the whole application…}}',
  settle: '{"actor":"you","outcome":"sent","at":"2026-11-25T15:00:00-05:00","evidence":"where to look it up"}',
  access: '{"actor":"you","importerNumbers":["…"],"role":"full-access","evidence":"where to look it up"}',
  deadline: '{"actor":"you","reason":"why","recompute":true}',
  dismiss: '{"actor":"you","mailId":"…","reason":"why"}',
  withdraw: '{"actor":"you","reason":"why"}',
} as const;

export function checkDecide(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'evidence', 'decision'], EXAMPLES.decide);
  if (malformed) return malformed;
  const decide = input as Fields;
  // The second of two people who act at the same time: the case has not moved yet, but the first was told that it will.
  if (decisionByPersonInProgress(record)) return DECISION_IN_PROGRESS;
  const verified = oneOf(decide, 'verification', ['seen-in-ace', 'desk-phoned', 'client-stated', 'mail-examined']);
  switch (decide.decision) {
    case 'approved':
      if (record.stage === 'awaiting-access-grant')
        return 'The account is already approved. The next step is the access grant: use confirmAccessGranted.';
      return verified ?? mailedOnProblem(decide, record) ?? notBeforeSubmission(record);
    case 'already-registered':
      return (
        verified ??
        oneOf(decide, 'next', ['grant', 'close']) ??
        (decide.next === 'grant' && record.stage === 'awaiting-access-grant'
          ? 'The onboarding is already waiting for the access grant.'
          : undefined)
      );
    case 'correction-needed':
      if (record.stage === 'awaiting-access-grant')
        return 'The account is already approved, and the onboarding is waiting for the access grant. If the account owner or a number is wrong, use correctApplication: the client gets new instructions. If CBP withdrew its approval, decide rejected, then reopen.';
      return (
        oneOf(decide, 'waitingOn', ['client', 'broker']) ??
        missingFields(input, ['what'], EXAMPLES.correctionNeeded) ??
        (decide.work === undefined ? undefined : oneOf(decide, 'work', ['form-5106', 'abi'])) ??
        (decide.work !== undefined && decide.waitingOn !== 'broker'
          ? 'work is for the broker: send it with "waitingOn":"broker".'
          : undefined) ??
        notBeforeSubmission(record)
      );
    case 'rejected':
      return verified;
    case 'abandoned':
      return undefined;
    default:
      return oneOf(decide, 'decision', DECISIONS);
  }
}

/** The day of CBP's account email. */
function mailedOnProblem({ mailedOn }: Fields, record: OnboardingRecord): string | undefined {
  return mailedOn === undefined ? undefined : accountEmailProblem('mailedOn', mailedOn, record);
}

function decisionByPersonInProgress(record: OnboardingRecord): boolean {
  if (!ACTS_ON_DECISIONS.includes(record.stage) || record.submissions.length === 0) return false;
  const last = record.entries.findLastIndex(({ kind }) => kind === 'decide');
  return last >= record.attemptStartIndex && !record.consumed.includes(last) && decisionOnRecord(record) !== undefined;
}
/** Where a decision moves the case at once. */
const ACTS_ON_DECISIONS: readonly OnboardingStage[] = [
  'awaiting-acknowledgement',
  'awaiting-decision',
  'awaiting-correction',
];
const DECISION_IN_PROGRESS = 'Someone has just recorded a decision. Look again, then repeat this if it still applies.';

const DECISIONS = ['approved', 'already-registered', 'correction-needed', 'rejected', 'abandoned'];

function notBeforeSubmission(record: OnboardingRecord): string | undefined {
  const refusedBefore = record.stage === 'awaiting-correction' && record.submissions.length === 0;
  return record.stage === 'preparing' || refusedBefore
    ? 'Nothing has been submitted yet, so there is nothing to decide. To end the onboarding, use withdraw.'
    : undefined;
}

export function checkCorrection(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'reason'], EXAMPLES.correct);
  if (malformed) return malformed;
  const { application } = input as Fields;
  if (!isObject(application))
    return `application is missing. Send the whole corrected application: ${EXAMPLES.correct}`;
  const { reference } = application;
  if (typeof reference !== 'string' || reference.toLowerCase() !== record.application.reference.toLowerCase()) {
    return `application.reference is not ${record.application.reference}, the reference of this onboarding. Another client needs its own onboarding.`;
  }
  if (
    !isObject(application.company) ||
    !isObject(application.route) ||
    typeof application.importerNumber !== 'string'
  ) {
    return 'application is missing company, route or importerNumber. Send the whole corrected application.';
  }
  if (correctionInProgress(record)) return CORRECTION_IN_PROGRESS;
  return correctionProblem(input as unknown as CorrectApplication, record);
}

/** What a correction can't do at this stage. */
function correctionProblem(correct: CorrectApplication, record: OnboardingRecord): string | undefined {
  const { because, replace } = correct;
  const wrong = because === undefined ? undefined : oneOf({ because }, 'because', ['our-typo', 'form-5106', 'changed']);
  if (wrong) return wrong;
  const { stage } = record;
  const sent = record.submissions.length > 0;
  const forCbp = changesForCbp(record, correct);
  if (stage === 'preparing') return 'The application is being checked right now. Try again in a minute.';
  if (because === 'form-5106') {
    if (forCbp.length === 0) return 'Nothing that CBP has would change, so the Form 5106 has nothing to do with it.';
    return sent && stage !== 'submitting' && stage !== 'awaiting-access-grant'
      ? undefined
      : 'Record this in a note, and send the correction once the Form 5106 is updated.';
  }
  if (sent && changesOf(record, correct).length === 0 && !(stage === 'awaiting-correction' && replace))
    return stage === 'awaiting-correction'
      ? 'Nothing would change. To answer CBP, use sendMessage. To send the same application once more, repeat this with "replace":true.'
      : 'Nothing would change. Send the corrected application.';
  if (stage === 'submitting') {
    const byHand = record.stageAttention.includes('web-form');
    if (forCbp.length === 0 || (byHand && !forCbp.some((field) => field.startsWith('route')))) return undefined;
    return 'It is not known yet whether CBP has the application. Settle that first (settleSubmission), then send the correction.';
  }
  const decides = stage === 'awaiting-acknowledgement' || stage === 'awaiting-decision';
  if (!decides) return undefined;
  if (forCbp.length > 0 && replace !== true)
    return `CBP is deciding on an application with the old ${shownFields(forCbp)}. To send a replacement, repeat this with "replace":true. If CBP asked for it, decide correction-needed instead.`;
  return forCbp.length === 0 && replace === true
    ? 'Nothing that CBP has would change, so there is nothing to replace. Repeat this without "replace".'
    : undefined;
}

/** Someone has sent a correction that is not carried out yet. */
function correctionInProgress(record: OnboardingRecord): boolean {
  const pending = (entry: Entry, index: number) =>
    entry.kind === 'correct' &&
    entry.correct.because !== 'form-5106' &&
    index >= record.attemptStartIndex &&
    !record.consumed.includes(index);
  return record.changing === true || record.entries.some(pending);
}

/** For the second of two people who act at the same time: the application has just been replaced. */
const CORRECTION_IN_PROGRESS =
  'Someone has just sent a corrected application. Look again, then repeat this if it still applies.';

export function checkSettlement(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'evidence', 'outcome'], EXAMPLES.settle);
  if (malformed) return malformed;
  const settle = input as Fields;
  if (record.stage !== 'submitting') return `There is nothing to settle: the onboarding is ${record.stage}.`;
  // While the send is in progress no one can know its outcome: "not sent" would be wrong for an email that is on its way.
  if (record.wanted === undefined)
    return 'The email is being sent right now. There is nothing to settle unless its outcome stays unknown.';
  if (settlementOnRecord(record)) return 'Someone has just settled it. Look again.';
  const wrong = oneOf(settle, 'outcome', ['sent', 'not-sent']);
  if (wrong) return wrong;
  if (settle.outcome === 'not-sent') return undefined;
  if (!isInstant(settle.at)) return `at ${INSTANT_REQUIRED}. Enter when CBP got it, as in ${EXAMPLES.settle}`;
  if (Date.parse(settle.at) > Date.now() + CLOCKS_DIFFER_MS) return 'at is in the future. Enter when CBP got it.';
  return Date.parse(settle.at) < Date.now() - YEAR_MS
    ? 'at is more than a year ago. Enter when CBP got it.'
    : undefined;
}

export function checkAccess(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'evidence', 'role'], EXAMPLES.access);
  if (malformed) return malformed;
  const grant = input as Fields;
  if (record.stage !== 'awaiting-access-grant')
    return `This onboarding is not waiting for the access grant: it is ${record.stage}.`;
  if (correctionOnRecord(record)) return CORRECTION_IN_PROGRESS;
  if (!Array.isArray(grant.importerNumbers) || !grant.importerNumbers.every(isNonEmpty)) {
    return `importerNumbers must be the list of numbers that the broker sees in ACE: ${EXAMPLES.access}`;
  }
  const foreign = grant.importerNumbers.filter((number) => !recordedImporterNumbers(record).has(bareNumber(number)));
  if (foreign.length > 0) {
    return `${foreign.length === 1 ? 'One of the numbers does' : `${foreign.length} of the numbers do`} not belong to this onboarding. Report only what ACE shows for this client.`;
  }
  return oneOf(grant, 'role', ROLES) ?? rolesProblem(grant, record);
}
const ROLES = ['full-access', 'read-only', 'other'];

function rolesProblem(grant: Fields, record: OnboardingRecord): string | undefined {
  const { roles, topAccount, acceptRole } = grant;
  if (roles !== undefined) {
    if (!isObject(roles) || !Object.values(roles).every((role) => ROLES.includes(String(role))))
      return `roles must name the role of each number: ${ROLES.join(', ')}.`;
    const seen = new Set((grant.importerNumbers as string[]).map(bareNumber));
    if (!Object.keys(roles).every((number) => seen.has(bareNumber(number))))
      return 'roles names a number that is not in importerNumbers.';
  }
  if (acceptRole !== undefined && typeof acceptRole !== 'boolean') return 'acceptRole must be true or false.';
  const withdrawn = record.stageAttention.includes('remove-our-user');
  if (withdrawn && (grant.importerNumbers as string[]).length > 0)
    return 'Our authority has ended. Give up our access in ACE first, then record that you see none: an empty importerNumbers.';
  return topAccount === undefined ? undefined : oneOf(grant, 'topAccount', ['right', 'wrong']);
}

export function checkDeadline(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'reason'], EXAMPLES.deadline);
  if (malformed) return malformed;
  const change = input as Fields;
  const ahead = stepsAhead(record);
  const given = [change.recompute, change.at, change.byDays].filter((value) => value !== undefined).length;
  if (given !== 1) return 'Send exactly one of "recompute":true, or deadline with at, or deadline with byDays.';
  if (change.recompute !== undefined)
    return change.recompute === true && change.deadline === undefined
      ? undefined
      : 'recompute is for all deadlines: send it as true, and without deadline.';
  const step = ahead.find(({ name }) => name === change.deadline);
  if (!step)
    return `deadline must be one that is still ahead: ${ahead.map(({ name }) => name).join(', ')}; or send "recompute":true.`;
  if (change.byDays !== undefined && (!Number.isInteger(change.byDays) || change.byDays === 0))
    return 'byDays must be a whole number of calendar days, such as 1 or -1.';
  if (change.byDays === undefined && !isInstant(change.at)) return `at ${INSTANT_REQUIRED}.`;
  const at = change.byDays === undefined ? String(change.at) : daysLater(step.at, Number(change.byDays));
  if (Date.parse(at) <= Date.now()) return 'That is in the past, so it would happen at once. Choose a later time.';
  return Date.parse(at) > Date.now() + YEAR_MS
    ? 'That is more than a year ahead, and no one would be notified until then. Choose an earlier time.'
    : undefined;
}

export function checkDismissal(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'mailId', 'reason'], EXAMPLES.dismiss);
  if (malformed) return malformed;
  const { mailId } = input as Fields;
  if (mailId === UNDELIVERED)
    return isUndelivered(record)
      ? undefined
      : 'All of our emails went out, as far as we know: there is nothing to dismiss.';
  const known =
    mailId === MISMATCHED_APPROVAL
      ? mismatchedApprovals(record)
      : record.entries.some((entry) => entry.kind === 'mail' && entry.mail.mailId === mailId);
  if (known && dismissedMails(record).has(String(mailId))) return 'That email is handled already.';
  if (known && record.stageAttention.includes('decision-to-confirm') && startedCorrection(record, String(mailId)))
    return 'That letter is why the case waits for a correction, so dismissing it would have no effect. Decide what it asks for (decide), correct the application, or answer CBP.';
  return known ? undefined : 'This onboarding has no email with that mailId. The details and `progress` list them.';
}

export function checkWithdrawal(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'reason'], EXAMPLES.withdraw);
  if (malformed) return malformed;
  const { because, notifyCbp } = input as Fields;
  if (notifyCbp !== undefined && typeof notifyCbp !== 'boolean') return 'notifyCbp must be true or false.';
  if (because === undefined) return undefined;
  if (because === 'power-of-attorney-revoked' && record.stageAttention.includes('remove-our-user'))
    return 'That is on record already. Once ACE shows us nothing any more, use confirmAccessGranted with an empty importerNumbers.';
  return oneOf(input as Fields, 'because', ['client-withdraws', 'power-of-attorney-revoked']);
}

/** The first part of changed fields. The sender chose any name that is not one of ours. */
function shownFields(fields: string[]): string {
  const names = fields.map((field) => field.split('.')[0] ?? '').filter((name) => OUR_FIELDS.includes(name));
  return [...new Set(names)].join(', ') || 'data';
}
const OUR_FIELDS = [
  'company',
  'importerNumber',
  'furtherImporterNumbers',
  'officer',
  'accountOwner',
  'acknowledgements',
  'route',
  'shorterForms',
  'submissionSubject',
];

/** Whether the correction that the case waits for comes from that letter. */
function startedCorrection({ entries, attemptStartIndex, stage }: OnboardingRecord, mailId: string): boolean {
  const last = entries[attemptStartIndex - 1];
  return stage === 'awaiting-correction' && last?.kind === 'mail' && last.mail.mailId === mailId;
}
