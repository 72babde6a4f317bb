import { mayDecide } from './mask.js';

export const FROM_NAMES = 'from|de|von|da|van|od|från|fra';
export const HEADER_NAME = new RegExp(
  `^\\s*[*_]{0,2}(${FROM_NAMES}|sent|date|to|cc|subject|importance|attachments|reply-to|sent by|envoyé|objet|à|para|enviado(?: el)?|asunto|assunto|fecha|data|inviato|a|oggetto|gesendet|an|betreff|datum|verzonden|aan|onderwerp|wysłano|do|temat|skickat|sendt|till?|ämne|emne)\\s?:`,
  'i',
);

/**
 * The words in a mail program's quote mark ("On Tue, Nov 24, 2026 Jan Kok <jan@broker.example> wrote:", "From: … Sent: …
 * Subject: …") besides dates, addresses and names. Anyone can write a sentence in the form of a mark.
 */
export interface UnexpectedWords {
  /** The subject of the email that is allegedly quoted. */
  subject: string[];
  others: string[];
}

/** No mark is this long, even with a long list of recipients. */
const MARK_CHARACTERS = 10_000;

/** @param lines the mark's lines, without `>` */
export function unexpectedWords(lines: string[]): UnexpectedWords {
  const found: UnexpectedWords = { subject: [], others: [] };
  const text = lines.join('\n');
  if (text.length > MARK_CHARACTERS) return { ...found, others: lines };
  // If all headers are in one line, the subject comes last.
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

/** Real names are not longer, and lists of people have separators. */
const NAME_WORDS = 6;

/** Only dates, times, addresses and names: every word is capitalized, except connecting words. */
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

/** A day in each month, and on each weekday. */
const DAYS = Array.from({ length: 12 }, (_, month) => Date.UTC(2026, month, 1 + month));

/** Months and weekdays, as mail programs in these languages write them. Every process pays for this when it starts. */
function calendarWords(): string[] {
  return LANGUAGES.flatMap((language) =>
    (['long', 'short'] as const).flatMap((length) =>
      [{ month: length, day: 'numeric' } as const, { month: length }, { weekday: length }].flatMap((options) => {
        const { format } = new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
        return DAYS.flatMap((day) =>
          format(day)
            .toLowerCase()
            .split(/[^\p{L}]+/u),
        );
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
