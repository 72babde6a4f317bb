import { isDoubt } from '../contract/doubts.js';
import { overLimit } from '../contract/limits.js';
import type { ApprovalArrived, Reopened } from '../contract/messages.js';
import { isAliasKind, isMailKind, isPlainAnswer, isVerdict, type ReceivedMail } from '../contract/received-mail.js';
import { isInstant, isNonEmpty, isObject, isStringList, YEAR_MS } from './payload-checks.js';

/** Validates what arrives without an answer: signals, and the arguments of a start. Anyone in the namespace can send them. */

export function usableMail(input: unknown): ReceivedMail | undefined {
  if (!isObject(input) || !isObject(input.authenticity) || overLimit(input)) return undefined;
  const strings = ['mailId', 'receivedAt', 'mailbox', 'from', 'subject', 'excerpt', 'documentSha256'];
  const usable =
    strings.every((field) => typeof input[field] === 'string') &&
    isMailKind(input.kind) &&
    isAliasKind(input.alias) &&
    ['aboutMessageId', 'importerNumber', 'signedBy', 'signature'].every((field) =>
      ['undefined', 'string'].includes(typeof input[field]),
    ) &&
    typeof input.confidence === 'number' &&
    isVerdict(input.authenticity.verdict) &&
    isStringList(input.authenticity.reasons) &&
    isStringList(input.evidence) &&
    Array.isArray(input.doubts) &&
    input.doubts.every(isDoubt) &&
    (input.otherSignatures === undefined || isStringList(input.otherSignatures)) &&
    (input.unknown === undefined || isStringList(input.unknown)) &&
    (input.signedAt === undefined || isInstant(input.signedAt)) &&
    (input.letter === undefined ||
      (isObject(input.letter) && isNonEmpty(input.letter.id) && isStringList(input.letter.dates))) &&
    isInstant(input.receivedAt) &&
    Date.parse(input.receivedAt) < Date.now() + YEAR_MS &&
    (input.responseBusinessDays === undefined || isDays(input.responseBusinessDays)) &&
    (input.answers === undefined || (isObject(input.answers) && Object.values(input.answers).every(isPlainAnswer))) &&
    (input.assigned === undefined ||
      (isObject(input.assigned) && isNonEmpty(input.assigned.actor) && isNonEmpty(input.assigned.reason)));
  return usable ? (input as unknown as ReceivedMail) : undefined;
}

export function usableApproval(input: unknown): ApprovalArrived | undefined {
  if (!isObject(input) || overLimit(input)) return undefined;
  const strings = ['source', 'actor', 'evidence', 'importerNumber'];
  return strings.every((field) => isNonEmpty(input[field])) ? (input as unknown as ApprovalArrived) : undefined;
}

export function usableReopening(input: unknown): input is Reopened {
  return (
    isObject(input) &&
    !overLimit(input) &&
    isNonEmpty(input.actor) &&
    isNonEmpty(input.reason) &&
    (input.at === undefined || input.at === 'grant')
  );
}

/** At most a year of business days, so that no one can park an onboarding forever. */
function isDays(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 260;
}
