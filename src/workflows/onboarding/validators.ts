import { isDoubt } from '../contract/doubts.js';
import { overLimit } from '../contract/limits.js';
import type { ApprovalArrived, Reopened } from '../contract/messages.js';
import { isAliasKind, isMailKind, isVerdict, type ReceivedMail } from '../contract/received-mail.js';
import { correctionOnRecord, MISMATCHED_APPROVAL, mismatchedApprovals, settlementOnRecord } from '../record/policy.js';
import { bareNumber, type OnboardingRecord, recordedImporterNumbers } from '../record/record.js';

/**
 * What a message must look like before it is believed to be one. The web UI lets anyone send anything, and zod has no
 * place in a workflow: so each message is checked by hand here. A check answers with the problem and its remedy, or
 * undefined when there is none. Synchronous, since an update validator has to be.
 *
 * A refusal is the one text of ours that Temporal keeps in clear, so that people can read it in the Web UI. It repeats
 * nothing that was sent: only fields, stages and the values of closed lists.
 */

type Fields = Record<string, unknown>;

export function usableMail(input: unknown): ReceivedMail | undefined {
  if (!isObject(input) || !isObject(input.authenticity) || overLimit(input)) return undefined;
  const texts = ['mailId', 'receivedAt', 'mailbox', 'from', 'subject', 'excerpt', 'documentSha256'];
  const usable =
    texts.every((field) => typeof input[field] === 'string') &&
    isMailKind(input.kind) &&
    isAliasKind(input.alias) &&
    ['aboutMessageId', 'importerNumber', 'signedBy', 'signature'].every((field) =>
      ['undefined', 'string'].includes(typeof input[field]),
    ) &&
    typeof input.confidence === 'number' &&
    isVerdict(input.authenticity.verdict) &&
    isListOfTexts(input.authenticity.reasons) &&
    isListOfTexts(input.evidence) &&
    Array.isArray(input.doubts) &&
    input.doubts.every(isDoubt) &&
    (input.otherSignatures === undefined || isListOfTexts(input.otherSignatures)) &&
    (input.unknown === undefined || isListOfTexts(input.unknown)) &&
    (input.signedAt === undefined || isInstant(input.signedAt)) &&
    (input.letter === undefined ||
      (isObject(input.letter) && filled(input.letter.id) && isListOfTexts(input.letter.dates))) &&
    isInstant(input.receivedAt) &&
    Date.parse(input.receivedAt) < Date.now() + YEAR_MS &&
    (input.responseBusinessDays === undefined || isDays(input.responseBusinessDays)) &&
    (input.assigned === undefined ||
      (isObject(input.assigned) && filled(input.assigned.actor) && filled(input.assigned.reason)));
  return usable ? (input as unknown as ReceivedMail) : undefined;
}

export function usableApproval(input: unknown): ApprovalArrived | undefined {
  if (!isObject(input) || overLimit(input)) return undefined;
  const texts = ['source', 'actor', 'evidence', 'importerNumber'];
  return texts.every((field) => filled(input[field])) ? (input as unknown as ApprovalArrived) : undefined;
}

export function usableReopening(input: unknown): input is Reopened {
  return isObject(input) && !overLimit(input) && filled(input.actor) && filled(input.reason);
}

const EXAMPLES = {
  decide: '{"actor":"you","decision":"approved","verification":"seen-in-ace","evidence":"where to look it up"}',
  correctionNeeded:
    '{"actor":"you","decision":"correction-needed","waitingOn":"client","what":"what must be mended","evidence":"where to look it up"}',
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
  const verified = oneOf(decide, 'verification', ['seen-in-ace', 'desk-phoned', 'client-confirmed', 'mail-examined']);
  switch (decide.decision) {
    case 'approved':
      if (record.stage === 'awaiting-access-grant')
        return 'The account is approved already; what is awaited is the grant: confirmAccessGranted.';
      return verified ?? notBeforeSubmission(record);
    case 'already-registered':
      return (
        verified ??
        oneOf(decide, 'next', ['grant', 'close']) ??
        (decide.next === 'grant' && record.stage === 'awaiting-access-grant'
          ? 'The grant is awaited already.'
          : undefined)
      );
    case 'correction-needed':
      if (record.stage === 'awaiting-access-grant')
        return 'The account is approved, and the grant is awaited. If the owner or a number is wrong, correctApplication gives the client new instructions; if CBP took its approval back, decide with rejected, then reopen.';
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

const DECISIONS = ['approved', 'already-registered', 'correction-needed', 'rejected', 'abandoned'];

function notBeforeSubmission(record: OnboardingRecord): string | undefined {
  return record.stage === 'preparing'
    ? 'Nothing has been submitted yet, so there is nothing to decide. To end the onboarding use withdraw.'
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
    return `application.reference is not ${record.application.reference}, as this onboarding is called. Another client needs an onboarding of its own.`;
  }
  if (
    !isObject(application.company) ||
    !isObject(application.route) ||
    typeof application.importerNumber !== 'string'
  ) {
    return 'application lacks company, route or importerNumber. Send the whole corrected application.';
  }
  if (record.stage !== 'awaiting-correction' && record.stage !== 'awaiting-access-grant') {
    return `No correction is awaited: the onboarding is ${record.stage}. If CBP asked for one, say so first: decide with correction-needed.`;
  }
  return correctionOnRecord(record) ? TAKING_UP : undefined;
}

/** What two people say at the same time: the second would be about an application that is no more. */
const TAKING_UP =
  'A corrected application is being taken up at this moment. Look again, then say it if it still holds.';

export function checkSettlement(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'evidence', 'outcome'], EXAMPLES.settle);
  if (malformed) return malformed;
  const settle = input as Fields;
  if (record.stage !== 'submitting') return `There is nothing to settle: the onboarding is ${record.stage}.`;
  // Before its fate is known to be unknown, nobody can know it: "not sent" would be believed of a mail that is under way.
  if (record.wanted === undefined)
    return 'The mail is under way: there is nothing to settle before it is known what became of it.';
  if (settlementOnRecord(record)) return 'Somebody settled it at this moment. Look again.';
  const wrong = oneOf(settle, 'outcome', ['sent', 'not-sent']);
  if (wrong) return wrong;
  if (settle.outcome === 'not-sent') return undefined;
  if (!isInstant(settle.at)) return `at ${NO_INSTANT}. Say when CBP got it, as in ${EXAMPLES.settle}`;
  if (Date.parse(settle.at) > Date.now() + CLOCKS_DIFFER_MS) return 'at is in the future. Say when CBP got it.';
  return Date.parse(settle.at) < Date.now() - YEAR_MS ? 'at is more than a year ago. Say when CBP got it.' : undefined;
}

export function checkAccess(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'evidence', 'role'], EXAMPLES.access);
  if (malformed) return malformed;
  const grant = input as Fields;
  if (record.stage !== 'awaiting-access-grant') return `The grant is not awaited: the onboarding is ${record.stage}.`;
  if (correctionOnRecord(record)) return TAKING_UP;
  if (!Array.isArray(grant.importerNumbers) || !grant.importerNumbers.every(filled)) {
    return `importerNumbers must be the list of numbers that the broker sees in ACE: ${EXAMPLES.access}`;
  }
  const strangers = grant.importerNumbers.filter((number) => !recordedImporterNumbers(record).has(bareNumber(number)));
  if (strangers.length > 0) {
    return `${strangers.length === 1 ? 'One of the numbers does' : `${strangers.length} of the numbers do`} not belong to this onboarding. Report only what ACE shows for this client.`;
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
      : 'Say either "recompute":true or deadline and at, not both.';
  if (typeof change.deadline !== 'string' || !Object.hasOwn(record.deadlines, change.deadline)) {
    return `deadline must be one of ${Object.keys(record.deadlines).join(', ')}; or say "recompute":true.`;
  }
  if (!isInstant(change.at)) return `at ${NO_INSTANT}.`;
  return Date.parse(change.at) > Date.now() + YEAR_MS
    ? 'at is more than a year ahead: no one would be told of anything until then. Name an earlier instant.'
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
  return known ? undefined : 'This onboarding has no mail with that mailId.';
}

export function checkWithdrawal(input: unknown): string | undefined {
  return missingFields(input, ['actor', 'reason'], EXAMPLES.withdraw);
}

function missingFields(input: unknown, fields: string[], example: string): string | undefined {
  if (!isObject(input)) return `The message has no usable payload. Paste ${example}`;
  const missing = fields.filter((field) => !filled(input[field]));
  return missing.length > 0
    ? `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Paste ${example}`
    : undefined;
}

function oneOf(input: Fields, field: string, allowed: string[]): string | undefined {
  const value = input[field];
  return typeof value === 'string' && allowed.includes(value)
    ? undefined
    : `${field} ${value === undefined ? 'is missing; it ' : ''}must be one of ${allowed.join(', ')}.`;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** A year of business days at most: nobody announces more, and nobody may park an onboarding for ever. */
function isDays(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 260;
}

function filled(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** With its time zone: without one it would be another instant on each machine. */
function isInstant(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

const NO_INSTANT = 'must be an instant with its time zone, such as 2026-12-03T17:00:00-05:00';
const CLOCKS_DIFFER_MS = 5 * 60_000;
const YEAR_MS = 366 * 24 * 3_600_000;
