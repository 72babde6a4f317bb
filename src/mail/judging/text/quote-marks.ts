import { mayDecide } from './mask.js';

export const FROM_NAMES = 'from|de|von|da|van|od|från|fra';
export const HEADER_NAME = new RegExp(
  `^\\s*[*_]{0,2}(${FROM_NAMES}|sent|date|to|cc|subject|importance|attachments|reply-to|sent by|envoyé|objet|à|para|enviado(?: el)?|asunto|assunto|fecha|data|inviato|a|oggetto|gesendet|an|betreff|datum|verzonden|aan|onderwerp|wysłano|do|temat|skickat|sendt|till?|ämne|emne)\\s?:`,
  'i',
);

/**
 * What stands in the mark of a mail program ("On Tue, Nov 24, 2026 Jan Kok <jan@broker.example> wrote:", "From: … Sent: …
 * Subject: …") beside days, addresses and names. Anybody can write a sentence that has the form of a mark.
 */
export interface StrangeWords {
  /** Of the mail that it says is quoted below. */
  subject: string[];
  others: string[];
}

/** No mark is as long, long lists of recipients included. */
const MARK_CHARACTERS = 10_000;

/** @param lines the mark's own, without signs of quotation */
export function wordsNoMarkHas(lines: string[]): StrangeWords {
  const found: StrangeWords = { subject: [], others: [] };
  const text = lines.join('\n');
  if (text.length > MARK_CHARACTERS) return { ...found, others: lines };
  // The subject is the last of them where all stand in one line.
  const isHeaders = HEADER_NAME.test(lines.find((line) => line.trim() && !/^\s*[-_=*]{2,}/.test(line)) ?? '');
  for (const value of isHeaders ? text.split(isOneLine(lines) ? IN_LINE : '\n') : [text.replace(/\n/g, ' ')]) {
    const subject = isHeaders ? SUBJECT.exec(value)?.[1] : undefined;
    if (subject !== undefined) found.subject.push(withoutPrefixes(subject));
    else if (!isNames(isHeaders ? value.replace(HEADER_NAME, ' ') : value)) found.others.push(value.trim());
  }
  return found;
}

const SUBJECT =
  /^\s*[*_]{0,2}(?:subject|objet|asunto|assunto|oggetto|betreff|onderwerp|temat|ämne|emne)\s?:[*_]{0,2}(.*)$/iu;
const IN_LINE = /(?=\b(?:sent|date|to|cc|subject)\s?:)/i;

function isOneLine(lines: string[]): boolean {
  return lines.length === 1;
}

function withoutPrefixes(subject: string): string {
  return subject.trim().replace(/^(?:(?:re|fwd?|aw|sv|antw|tr|rv|wg) ?: *){1,20}/i, '');
}

const FIGURE_OR_FILE =
  /^(?:\d[\d.:/-]*(?:st|nd|rd|th|am|pm)?|\S{1,200}\.(?:pdf|docx?|xlsx?|png|jpe?g|eml|msg|zip|html?|txt))$/i;

/** Longer names, and lists of people without a sign between them, nobody has. */
const NAME_WORDS = 6;

/** Days, times, addresses, and names: every word of one with a capital, but for what stands between. */
function isNames(text: string): boolean {
  const names = text
    .replace(/<?[^\s<>@;,]{1,200}@[^\s<>@;,]{1,200}>?/g, ' ; ')
    .split(/[;,<>()[\]"|/]+/)
    .map((name) =>
      name
        .split(/[\s:*_=]+|-{2,}/)
        .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
        .filter((word) => word !== '' && !BETWEEN.has(word.toLowerCase()) && !FIGURE_OR_FILE.test(word)),
    );
  return (
    names.filter((words) => words.length > 0).length <= 50 &&
    names.every(
      (words) => words.length <= NAME_WORDS && words.every((word) => /^[^\p{Ll}]/u.test(word) && !mayDecide(word)),
    )
  );
}

const LANGUAGES = ['en', 'fr', 'es', 'de', 'it', 'nl', 'pt', 'pl', 'sv', 'nb', 'da'];

/** Months and days of the week, as programs of these languages write them. */
function calendarWords(): string[] {
  return LANGUAGES.flatMap((language) =>
    (['long', 'short'] as const).flatMap((length) =>
      [...Array(12).keys()].flatMap((month) => {
        const day = new Date(Date.UTC(2026, month, 1 + month));
        const written = (options: Intl.DateTimeFormatOptions) =>
          new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }).format(day);
        return [
          written({ month: length, day: 'numeric' }),
          written({ month: length }),
          written({ weekday: length }),
        ].flatMap((words) => words.toLowerCase().split(/[^\p{L}]+/u));
      }),
    ),
  ).filter(Boolean);
}

const BETWEEN = new Set([
  ...calendarWords(),
  ...`on le el am il op em at um uhr om à a las alle ore giorno às h pm am wrote écrit escribió schrieb ha scritto schreef
  escreveu original message appointment forwarded reply by d'origine mensaje ursprüngliche nachricht weitergeleitete
  of and the for via m de la del di da du van von der den och og und et y e high normal low utc gmt est edt`.split(
    /\s+/,
  ),
]);
