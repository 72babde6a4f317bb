import type { OnboardingStage } from '../contract/stages.js';
import { decisionOnRecord } from '../record/decision-policy.js';
import { correctionOnRecord } from '../record/people-policy.js';
import { bareNumber, type OnboardingRecord, recordedImporterNumbers } from '../record/record.js';
import { MISMATCHED_APPROVAL, mismatchedApprovals } from '../record/review-policy.js';
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
  const verified = oneOf(decide, 'verification', ['seen-in-ace', 'desk-phoned', 'client-confirmed', 'mail-examined']);
  switch (decide.decision) {
    case 'approved':
      if (record.stage === 'awaiting-access-grant')
        return 'The account is already approved. The next step is the access grant: use confirmAccessGranted.';
      return verified ?? notBeforeSubmission(record);
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
  return record.stage === 'preparing'
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
  if (record.stage !== 'awaiting-correction' && record.stage !== 'awaiting-access-grant') {
    return `This onboarding is not waiting for a correction: it is ${record.stage}. If CBP asked for one, decide correction-needed first.`;
  }
  return correctionOnRecord(record) ? CORRECTION_IN_PROGRESS : undefined;
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
  return oneOf(grant, 'role', ['full-access', 'read-only', 'other']);
}

export function checkDeadline(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'reason'], EXAMPLES.deadline);
  if (malformed) return malformed;
  const change = input as Fields;
  if (Object.keys(record.deadlines).length === 0) return `Nothing is due: the onboarding is ${record.stage}.`;
  if (change.recompute === true)
    return change.deadline === undefined && change.at === undefined
      ? undefined
      : 'Send either "recompute":true, or deadline and at, but not both.';
  if (typeof change.deadline !== 'string' || !Object.hasOwn(record.deadlines, change.deadline)) {
    return `deadline must be one of: ${Object.keys(record.deadlines).join(', ')}; or send "recompute":true.`;
  }
  if (record.stepsTaken.includes(change.deadline))
    return 'What was due then has already happened, so a new time would have no effect. Choose a deadline that is still ahead.';
  if (!isInstant(change.at)) return `at ${INSTANT_REQUIRED}.`;
  return Date.parse(change.at) > Date.now() + YEAR_MS
    ? 'at is more than a year ahead, and no one would be notified until then. Choose an earlier time.'
    : undefined;
}

export function checkDismissal(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'mailId', 'reason'], EXAMPLES.dismiss);
  if (malformed) return malformed;
  const { mailId } = input as Fields;
  const known =
    mailId === MISMATCHED_APPROVAL
      ? mismatchedApprovals(record)
      : record.entries.some((entry) => entry.kind === 'mail' && entry.mail.mailId === mailId);
  return known ? undefined : 'This onboarding has no email with that mailId. The details and `progress` list them.';
}

export function checkWithdrawal(input: unknown): string | undefined {
  return missingFields(input, ['actor', 'reason'], EXAMPLES.withdraw);
}
