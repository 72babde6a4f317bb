import { type HeaderLine, hasNullReturnPath, headerValue, headerValues } from '../header-lines.js';
import type { ParsedMessage } from '../parse-message.js';
import type { MailKind } from '../received-mail.js';
import { strictSender } from '../sender.js';
import { announcedDays } from './announced-days.js';
import type { Doubt } from './doubts.js';
import { decidesPerhaps, quietKind } from './quiet-words.js';
import { suggestions } from './suggest.js';
import { SIGNATURE } from './writing.js';

/** What must be known beside the message to tell its kind. */
export interface KindContext {
  /** What its sender newly wrote. */
  text: string;
  /** What its HTML version says beside, if anything else. */
  alternative?: string;
  /** Domains that are CBP's. */
  cbpDomains: readonly string[];
  /** Our own address, where known. */
  ownAddress?: string;
  /** Where applications go, where known. */
  cbpAddress?: string;
  alias: 'cbp' | 'client' | 'none';
  /** It answers a message of ours, or came to an alias of ours. */
  concernsUs: boolean;
}

export interface ReadKind {
  kind: MailKind;
  /** 0 to 1. Below `SURE` a guess for a person. */
  confidence: number;
  /** Why: short sentences. */
  evidence: string[];
  /** What keeps it from acting, as far as its kind tells. */
  doubts: Doubt[];
  /** "3 to 5 business days": 5. */
  responseBusinessDays?: number;
}

/** Below this a kind is a guess for a person. Words alone never reach it for a decision. */
export const SURE = 0.7;

/** What kind of mail it is, by structure; by words only what decides nothing, and a suggestion for a person. Pure. */
export function readKind(message: ParsedMessage, context: KindContext): ReadKind {
  const { unreadable } = message;
  if (unreadable)
    return said('unclear', 0, [`it cannot be read: ${unreadable.code}, ${unreadable.detail}`], ['unreadable']);
  return returned(message, context) ?? receipt(message) ?? written(message, context);
}

function said(kind: MailKind, confidence: number, evidence: string[], doubts: Doubt[] = []): ReadKind {
  return {
    kind,
    confidence: Math.round(confidence * 100) / 100,
    evidence: evidence.slice(0, 8),
    doubts: confidence < SURE && doubts.length === 0 ? [kind === 'unclear' ? 'unclear' : 'guess'] : doubts,
  };
}

// Mail of mail servers ------------------------------------------------------------------------------------------------

function returned(message: ParsedMessage, context: KindContext): ReadKind | undefined {
  const { headers, deliveryReport: report } = message;
  if (report) {
    const what = `delivery report (RFC 3464): ${report.action}${report.status ? `, status ${report.status}` : ''}`;
    if (report.action === 'delayed') return said('bounce', 0.9, [what], ['delayed']);
    if (report.action !== 'failed') return said('unrelated', 0.95, [what, 'it only says that a mail arrived']);
    const doubt = whoseReturn(report, context);
    return said('bounce', 0.97, [what, ...(report.recipient ? [`of ${report.recipient}`] : [])], doubt ? [doubt] : []);
  }
  const sender = strictSender(headers);
  const daemon = 'address' in sender && /^(?:mailer-daemon|postmaster|mail-daemon)@/.test(sender.address);
  const nullPath = hasNullReturnPath(headers);
  if (!daemon && !nullPath) return undefined;
  const failed = headerValue(headers, 'x-failed-recipients');
  if (failed !== undefined) {
    const doubt = whoseReturn({ recipient: failed.trim().toLowerCase() }, context);
    return said('bounce', 0.9, ['X-Failed-Recipients names who did not get it'], doubt ? [doubt] : []);
  }
  // A mail server that returns a mail of ours says in some language that it came back, or that it is late.
  if (message.embeddedMessageIds.length > 0)
    return said('bounce', 0.6, ['a mail server returns a mail of ours: it probably came back']);
  if (context.concernsUs && daemon)
    return said('bounce', 0.6, ['a mail server writes about a mail of ours: it probably came back']);
  return undefined;
}

/** Whether what came back is what CBP should have got. */
function whoseReturn(
  report: { recipient?: string; recipients?: { address?: string; original?: string; action: string }[] },
  { cbpAddress, cbpDomains, ownAddress }: KindContext,
): Doubt | undefined {
  const failed = report.recipients?.filter(({ action }) => action === 'failed') ?? [
    ...(report.recipient ? [{ address: report.recipient }] : []),
  ];
  const isTheirs = (address: string | undefined) =>
    address !== undefined &&
    (cbpAddress
      ? address === cbpAddress.toLowerCase()
      : cbpDomains.some((domain) => domainOf(address) === domain.toLowerCase()));
  if (failed.length === 0 || failed.some(({ address }) => isTheirs(address))) return undefined;
  const isOurs = (address: string | undefined) =>
    address !== undefined && ownAddress !== undefined && domainOf(address) === domainOf(ownAddress);
  return failed.every(({ address }) => isOurs(address)) ? 'own-copy-returned' : 'member-returned';
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function receipt({ readReceipt }: ParsedMessage): ReadKind | undefined {
  if (!readReceipt) return undefined;
  if (readReceipt === 'displayed') return said('unrelated', 0.95, ['a read receipt: it says that a mail was opened']);
  return said('unrelated', 0.9, ['a read receipt'], readReceipt === 'deleted' ? ['deleted-unread'] : ['unclear']);
}

// Mail of people and their programs -------------------------------------------------------------------------------------

function written(message: ParsedMessage, context: KindContext): ReadKind {
  const { text, alternative = '' } = context;
  const automatic = isAutomatic(message);
  const who = whoSpeaks(message, context);
  if (who === 'us') return said('unclear', 0.3, ['it comes from our own address but is no mail that we know']);
  if (message.calendar) return said('unrelated', 0.9, ['a calendar invitation'], ['unclear']);
  if (who !== 'cbp' && !context.concernsUs && isBulk(message.headers))
    return said('unrelated', 0.85, ['sent to many, about no case of ours'], ['unclear']);
  const isOnlyText = !hasEnclosures(message) && !decidesPerhaps(message.subject);
  const quiet = isOnlyText ? quietKind(`${text}\n\n${alternative}`, answersByItself(message)) : undefined;
  if (who === 'other') {
    if (automatic && (quiet?.kind === 'out-of-office' || isAnsweringMachine(message)))
      return said('out-of-office', 0.9, [automatic]);
    const away = context.concernsUs ? quietKind(text, true) : undefined;
    if (away?.kind === 'out-of-office') return said(away.kind, 0.6, [`says "${away.because.slice(0, 80)}"`]);
    if (context.concernsUs && !automatic && hasNullReturnPath(message.headers))
      return said('unclear', 0.3, ['a program wrote it: whoever answers it reaches nobody']);
    if (context.concernsUs) return said('client-reply', 0.8, ['somebody other than CBP writes about a case of ours']);
  } else if (quiet) {
    const days = quiet.kind === 'out-of-office' ? undefined : announcedDays(text);
    return {
      ...said(quiet.kind, 0.9, [`says "${quiet.because.slice(0, 80)}"`, ...(automatic ? [automatic] : [])]),
      ...(days ? { responseBusinessDays: days } : {}),
    };
  }
  // The subject of an answer is ours.
  const subject = /^\s*(?:re|aw|sv)\s?:/i.test(message.subject) ? '' : message.subject;
  const [best] = suggestions(`${subject}\n\n${text}\n\n${alternative}`);
  if (best)
    return said(best.kind, Math.min(best.score, SURE - 0.01), [
      ...best.because.map((sentence) => `says "${sentence.slice(0, 80)}"`),
      ...(who === 'other' ? ['the sender does not claim to be CBP'] : []),
    ]);
  return said('unclear', 0.3, [text.trim() ? 'its wording suggests nothing' : emptyBecause(message)]);
}

/** Anything attached may be what the mail is about. */
function hasEnclosures({ attachments }: ParsedMessage): boolean {
  return attachments.some(({ inline, contentType }) => !inline && !SIGNATURE.test(contentType));
}

function emptyBecause({ attachments }: ParsedMessage): string {
  if (
    attachments.some(
      ({ contentType, filename }) => /ms-tnef/.test(contentType) || filename?.toLowerCase() === 'winmail.dat',
    )
  )
    return 'its text is in a winmail.dat, which is not opened';
  return attachments.length > 0
    ? 'it has attachments but no text; attachments are not opened'
    : 'it has no newly written text';
}

const AUTOREPLY_HEADERS = ['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-auto-reply'] as const;
const AUTOMATIC_SUBJECT =
  /^[^:：]{0,40}(?:\bautom[aá]+t(?!ed commercial)|\bauto[- ]?(?:reply|response|responder|svar)|автоответ|автоматич|自動|自动|자동|otomatik|out of (?:the )?office|abwesen|absence|fuera de|fravær|frånvaro|poza biur)[^:：]{0,40}[:：]/iu;

/** Why a mail is from a program (RFC 3834 and what came before it); undefined when nothing says so. */
function isAutomatic({ headers, subject }: ParsedMessage): string | undefined {
  const submitted = headerValue(headers, 'auto-submitted')?.toLowerCase();
  if (submitted && !submitted.startsWith('no')) return `Auto-Submitted: ${submitted.split(/[\s;(]/)[0]}`;
  const marked = AUTOREPLY_HEADERS.find((name) => headerValue(headers, name) !== undefined);
  if (marked) return `it has ${marked}`;
  return AUTOMATIC_SUBJECT.test(subject.slice(0, 200)) ? 'its subject says that it is an automatic reply' : undefined;
}

/** A reply to whatever comes, written before it came. What a program writes of its own accord may be about the case. */
function answersByItself(message: ParsedMessage): boolean {
  const submitted = headerValue(message.headers, 'auto-submitted') ?? '';
  return /^\s*auto-replied\b/i.test(submitted) || isAnsweringMachine(message);
}

/** One that answers for whoever is away, not a help desk that passes on what somebody wrote. */
function isAnsweringMachine({ headers, subject }: ParsedMessage): boolean {
  return (
    AUTOMATIC_SUBJECT.test(subject.slice(0, 200)) ||
    AUTOREPLY_HEADERS.some((name) => headerValue(headers, name) !== undefined)
  );
}

function isBulk(headers: HeaderLine[]): boolean {
  return (
    headerValue(headers, 'list-unsubscribe') !== undefined ||
    headerValue(headers, 'list-id') !== undefined ||
    /^(?:bulk|list|junk)\b/i.test(headerValue(headers, 'precedence') ?? '')
  );
}

type Speaker = 'cbp' | 'in-its-name' | 'us' | 'other';

/** Who a mail claims to be from, true or not: what a forger says in CBP's name is shown as that, and never believed. */
function whoSpeaks({ headers }: ParsedMessage, { cbpDomains, ownAddress }: KindContext): Speaker {
  const sender = strictSender(headers);
  const from = headerValues(headers, 'from').join(' ').slice(0, 2_000).toLowerCase();
  if ('address' in sender) {
    if (sender.address === ownAddress?.toLowerCase()) return 'us';
    if (cbpDomains.some((domain) => domain.toLowerCase() === sender.domain)) return 'cbp';
  }
  return /\bcbp\b|\bdhs\b|cbp[.-]|[.-]cbp|customs|border protection/.test(from) ? 'in-its-name' : 'other';
}
