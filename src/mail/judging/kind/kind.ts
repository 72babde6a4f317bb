import { type HeaderLine, hasNullReturnPath, headerValue, headerValues } from '../../incoming/header-lines.js';
import type { ParsedMessage } from '../../incoming/parse-message.js';
import { strictSender } from '../../incoming/sender.js';
import { isEnclosure } from '../text/writing.js';
import { announcedDays } from './announced-days.js';
import { mailOfServers } from './mail-of-servers.js';
import { decidesPerhaps, quietKind } from './quiet-words.js';
import { type KindContext, type ReadKind, SURE, said } from './read-kind.js';
import { suggestions } from './suggest.js';

/** What kind of mail it is, by structure; by words only what decides nothing, and a suggestion for a person. Pure. */
export function readKind(message: ParsedMessage, context: KindContext): ReadKind {
  const { unreadable } = message;
  if (unreadable)
    return said('unclear', 0, [`it cannot be read: ${unreadable.code}, ${unreadable.detail}`], ['unreadable']);
  return mailOfServers(message, context) ?? written(message, context);
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
  // Anything attached may be what the mail is about.
  const isOnlyText = !message.attachments.some(isEnclosure) && !decidesPerhaps(message.subject);
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

function emptyBecause({ attachments }: ParsedMessage): string {
  if (attachments.some(({ contentType, filename }) => /ms-tnef|winmail\.dat/i.test(`${contentType} ${filename ?? ''}`)))
    return 'its text is in a winmail.dat, which is not opened';
  return attachments.length > 0
    ? 'it has attachments but no text; attachments are not opened'
    : 'it has no newly written text';
}

const AUTOREPLY_HEADERS = ['x-autoreply', 'x-autorespond', 'x-autoresponder', 'x-auto-reply'] as const;
/** In front of a colon: that it is automatic and that it is an answer, or that somebody is away. */
const AUTOMATIC_SUBJECT =
  /^[^:：]{0,40}?(?:(?=[^:：]{0,60}(?:\bautom[aá]+t|автомат|自動|自动|자동|otomatik|αυτόματ))(?=[^:：]{0,60}(?:repl[yi]|response|svar|antwort|antwoord|répon|repons|respue|respos|rispost|odpow|odpov|válasz|răspuns|vastau|odgovor|atsakym|отговор|ответ|відпов|応答|返信|答复|答覆|回复|回覆|회신|응답|yanıt|cevap|απάντ))|\bauto[- ]?(?:reply|response|responder|svar)|автоответ|out of (?:the )?office|abwesen|\babsence(?: du bureau)?\s*[:：]|message d'absence|fuera de|fravær|frånvaro|poza biur)[^:：]{0,60}[:：]/iu;

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
