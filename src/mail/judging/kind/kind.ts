import { type HeaderLine, hasNullReturnPath, headerValue, headerValues } from '../../incoming/header-lines.js';
import type { ParsedMessage } from '../../incoming/parse-message.js';
import { strictSender } from '../../incoming/sender.js';
import { isEnclosure } from '../text/writing.js';
import { announcedDays } from './announced-days.js';
import { quietKind, subjectMayDecide } from './quiet-words.js';
import { type KindContext, kindResult, type ReadKind, SURE } from './read-kind.js';
import { serverMail } from './server-mail.js';
import { suggestions } from './suggest.js';

/**
 * Tells the kind of an email by its structure. Words only identify email that decides nothing, and suggest a kind to a
 * person. Pure.
 */
export function readKind(message: ParsedMessage, context: KindContext): ReadKind {
  const { unreadable } = message;
  if (unreadable)
    return kindResult('unclear', 0, [`it cannot be read: ${unreadable.code}, ${unreadable.detail}`], ['unreadable']);
  return serverMail(message, context) ?? written(message, context);
}

// Email from people and their programs ------------------------------------------------------------------------------------

function written(message: ParsedMessage, context: KindContext): ReadKind {
  const { text, alternative = '' } = context;
  const automatic = isAutomatic(message);
  const who = whoSpeaks(message, context);
  if (who === 'us')
    return kindResult('unclear', 0.3, ['it comes from our own address, but we have no such email on record']);
  if (message.calendar) return kindResult('unrelated', 0.9, ['a calendar invitation'], ['unclear']);
  if (who !== 'cbp' && !context.concernsUs && isBulk(message.headers))
    return kindResult('unrelated', 0.85, ['a bulk email, not about any of our cases'], ['unclear']);
  // An attachment may be what the email is about.
  const isOnlyText = !message.attachments.some(isEnclosure) && !subjectMayDecide(message.subject);
  const quiet = isOnlyText ? quietKind(`${text}\n\n${alternative}`, isAutomaticReply(message)) : undefined;
  if (who === 'other') {
    if (automatic && (quiet?.kind === 'out-of-office' || isAutoresponder(message)))
      return kindResult('out-of-office', 0.9, [automatic]);
    const away = context.concernsUs ? quietKind(text, true) : undefined;
    if (away?.kind === 'out-of-office') return kindResult(away.kind, 0.6, [`says "${away.because.slice(0, 80)}"`]);
    if (context.concernsUs && !automatic && hasNullReturnPath(message.headers))
      return kindResult('unclear', 0.3, ['a program wrote it, so no one will read a reply']);
    if (context.concernsUs)
      return {
        ...kindResult('client-reply', 0.8, ['someone other than CBP writes about one of our cases']),
        ...(automatic || isBulk(message.headers) ? { automatic: true } : {}),
      };
  } else if (quiet) {
    const days = quiet.kind === 'out-of-office' ? undefined : announcedDays(text);
    return {
      ...kindResult(quiet.kind, 0.9, [`says "${quiet.because.slice(0, 80)}"`, ...(automatic ? [automatic] : [])]),
      ...(days ? { responseBusinessDays: days } : {}),
    };
  }
  // The subject of a reply is ours.
  const subject = /^\s*(?:re|aw|sv)\s?:/i.test(message.subject) ? '' : message.subject;
  const [best] = suggestions(`${subject}\n\n${text}\n\n${alternative}`);
  if (best)
    return kindResult(best.kind, Math.min(best.score, SURE - 0.01), [
      ...best.because.map((sentence) => `says "${sentence.slice(0, 80)}"`),
      ...(who === 'other' ? ['the sender does not claim to be CBP'] : []),
    ]);
  return kindResult('unclear', 0.3, [text.trim() ? 'its wording suggests nothing' : emptyBecause(message)]);
}

function emptyBecause({ attachments }: ParsedMessage): string {
  if (attachments.some(({ contentType, filename }) => /ms-tnef|winmail\.dat/i.test(`${contentType} ${filename ?? ''}`)))
    return 'its text is in a winmail.dat file, which we do not open';
  return attachments.length > 0
    ? 'it has attachments but no text, and we do not open attachments'
    : 'it has no newly written text';
}

const AUTOREPLY_HEADERS = ['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-auto-reply'] as const;
/** Words before a colon that mean "automatic" and "reply", or that someone is away. */
const AUTOMATIC_SUBJECT =
  /^[^:：]{0,40}?(?:(?=[^:：]{0,60}(?:\bautom[aá]+t|автомат|自動|自动|자동|otomatik|αυτόματ))(?=[^:：]{0,60}(?:repl[yi]|response|svar|antwort|antwoord|répon|repons|respue|respos|rispost|odpow|odpov|válasz|răspuns|vastau|odgovor|atsakym|отговор|ответ|відпов|応答|返信|答复|答覆|回复|回覆|회신|응답|yanıt|cevap|απάντ))|\bauto[- ]?(?:reply|response|responder|svar)|автоответ|out of (?:the )?office|abwesen|\babsence(?: du bureau)?\s*[:：]|message d'absence|fuera de|fravær|frånvaro|poza biur)[^:：]{0,60}[:：]/iu;

/** Why we think a program wrote it (RFC 3834 and older conventions). Undefined if nothing indicates that. */
function isAutomatic({ headers, subject }: ParsedMessage): string | undefined {
  const submitted = headerValue(headers, 'auto-submitted')?.toLowerCase();
  if (submitted && !submitted.startsWith('no')) return `Auto-Submitted: ${submitted.split(/[\s;(]/)[0]}`;
  const marked = AUTOREPLY_HEADERS.find((name) => headerValue(headers, name) !== undefined);
  if (marked) return `it has ${marked}`;
  return AUTOMATIC_SUBJECT.test(subject.slice(0, 200)) ? 'its subject says that it is an automatic reply' : undefined;
}

/** An automatic reply to any email, written in advance. Other messages from programs may be about the case. */
function isAutomaticReply(message: ParsedMessage): boolean {
  const submitted = headerValue(message.headers, 'auto-submitted') ?? '';
  return /^\s*auto-replied\b/i.test(submitted) || isAutoresponder(message);
}

/** An autoresponder of someone who is away, unlike a help desk that forwards what a person wrote. */
function isAutoresponder({ headers, subject }: ParsedMessage): boolean {
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

/** Who an email claims to be from, whether true or not. A forgery in CBP's name is shown as such and never trusted. */
function whoSpeaks({ headers }: ParsedMessage, { cbpDomains, ownAddress }: KindContext): Speaker {
  const sender = strictSender(headers);
  const from = headerValues(headers, 'from').join(' ').slice(0, 2_000).toLowerCase();
  if ('address' in sender) {
    if (sender.address === ownAddress?.toLowerCase()) return 'us';
    if (cbpDomains.some((domain) => domain.toLowerCase() === sender.domain)) return 'cbp';
  }
  return /\bcbp\b|\bdhs\b|cbp[.-]|[.-]cbp|customs|border protection/.test(from) ? 'in-its-name' : 'other';
}
