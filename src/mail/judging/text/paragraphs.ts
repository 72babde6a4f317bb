import type { CaseFacts } from './mask.js';
import { FROM_NAMES, HEADER_NAME, unexpectedWords } from './quote-marks.js';
import { readable } from './readable.js';

/** A text as paragraphs, one line each: what the sender wrote and what is marked as quoted. */
export interface Paragraphs {
  written: string[];
  quoted: string[];
}

/**
 * Keeps the whole text, including the signature: nothing that a reader may see is left out. It removes only marks of mail
 * programs, and a greeting at the top from a fixed list with this case's names.
 */
export function paragraphsOf(text: string, facts: CaseFacts): Paragraphs {
  const { written, quoted } = splitQuotes(readable(text).split('\n'));
  return {
    written: joined(withoutGreeting(written, facts)).filter((paragraph) => !LINE_ACROSS.test(paragraph)),
    quoted: joined(quoted).filter((paragraph) => /[\p{L}\p{N}]/u.test(paragraph)),
  };
}

/** Only a separator line or a bullet. Any other character may matter: in a form, the checked box decides. */
const LINE_ACROSS = /^[-_=~*#+.,:;|<>•·–—\s]*$/;

/** The subject without the prefixes that mail programs add. */
export function subjectParagraph(subject: string): string {
  let plain = oneLine(readable(subject));
  for (;;) {
    const shorter = plain.replace(SUBJECT_PREFIX, '');
    if (shorter === plain) return plain;
    plain = shorter;
  }
}
const SUBJECT_PREFIX =
  /^(?:(?:re|fwd?|aw|sv|antw|tr|rv|wg|automatic reply|auto(?:matic)?[- ]?(?:reply|response))(?:\[\d{1,3}\])? ?:|\[(?:external(?: (?:e-?mail|sender|message))?|ext|caution|outside)\]) */i;

function joined(lines: string[]): string[] {
  const paragraphs: string[][] = [[]];
  for (const line of lines)
    if (line.trim() === '') paragraphs.push([]);
    else paragraphs.at(-1)?.push(line);
  return paragraphs.map((paragraph) => oneLine(paragraph.join(' ')));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

// Greetings ---------------------------------------------------------------------------------------------------------

const OPENINGS = ['dear', 'hello', 'hi', 'greetings', 'good morning', 'good afternoon', 'good evening', 'good day'];
const ANYBODY = [
  'sir',
  'madam',
  'sir or madam',
  'sir/madam',
  'applicant',
  'ace applicant',
  'importer',
  'customer',
  'all',
  'team',
  'account owner',
  'trade account owner',
  'trade member',
  'trade partner',
  'trade user',
  'valued customer',
];

/** No greeting is this long, and searching for its end takes quadratic time. */
const GREETING_CHARACTERS = 500;

function withoutGreeting(lines: string[], { company, owner }: CaseFacts): string[] {
  const at = lines.findIndex((line) => line.trim() !== '');
  if ((lines[at] ?? '').length > GREETING_CHARACTERS) return lines;
  const first = oneLine(lines[at] ?? '')
    .replace(/[\s,.:;!-]+$/, '')
    .toLowerCase();
  const names = owner
    ? [
        owner.firstName,
        owner.lastName,
        `${owner.firstName} ${owner.lastName}`,
        ...['mr', 'mr.', 'ms', 'ms.', 'mrs', 'mrs.'].map((title) => `${title} ${owner.lastName}`),
      ]
    : [];
  const addressed = [...ANYBODY, ...names, ...(company ? [company, `${company} team`] : [])].map((name) =>
    oneLine(readable(name))
      .toLowerCase()
      .replace(/[\s,.:;!-]+$/, ''),
  );
  const isGreeting =
    first === 'to whom it may concern' ||
    OPENINGS.some(
      (opening) =>
        first === opening || (first.startsWith(`${opening} `) && addressed.includes(first.slice(opening.length + 1))),
    );
  return isGreeting ? lines.slice(at + 1) : lines;
}

// Quotes ------------------------------------------------------------------------------------------------------------

const DIVIDER =
  /^\s*[-_=*]{2,}\s*(?:original message|original appointment|forwarded message|reply message|forwarded by\b.{0,200}|message d'origine|mensaje original|ursprüngliche nachricht|weitergeleitete nachricht)\s*[-_=*]{2,}\s*$/i;
const IS_FROM = new RegExp(`^(?:${FROM_NAMES})$`, 'i');
/** Headers in one line, as some programs write them. */
const HEADERS_IN_LINE =
  /^\s*[*_]{0,2}from\s?:[*_]{0,2}\s[^:]{1,200}\b(?:sent|date)\s?:[^\n]{1,100}\bto\s?:[^\n]{1,200}\bsubject\s?:/i;
/** "Broker <ace@broker.example> wrote:", with or without a date and dashes: a name of a few words and an address. */
const NAMED =
  /^\s*(?:-{2,}\s*)?(?:[^\s<>]{1,40} ){0,5}<?[^\s<>@]{1,64}@[^\s<>@]{1,190}>? wrote(?: on [\d/., :apm]{1,40})?:\s*(?:-{2,})?\s*$/i;
/** "On Tue, Nov 24, 2026 at 10:01 AM ACE Applications <ace@cbp.dhs.gov> wrote:": a date and a name or address, no more. */
const ATTRIBUTION =
  /^\s*(?:on|le|el|am|il|op|em)\b.{4,200}\b(?:wrote|a écrit|escribió|schrieb|ha scritto|schreef|escreveu) ?:\s*$/i;

/**
 * Separates quoted lines from written ones. Lines that begin with `>` or follow a mail program's quote mark ("On … wrote:")
 * are quoted. The mark itself is dropped if it contains only names, dates and addresses. The caller must check that quoted
 * words, including a subject, were really said before: being marked as quoted proves nothing.
 */
export function splitQuotes(lines: string[]): { written: string[]; quoted: string[] } {
  const written: string[] = [];
  const quoted: string[] = [];
  let below = false;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      if (!below) written.push('');
      quoted.push('');
      at++;
      continue;
    }
    const bare = line.replace(/^(?:\s*>)+ ?/, '');
    const mark = markLength(lines, at);
    if (mark > 0) {
      below ||= bare === line;
      const { subject, others } = unexpectedWords(lines.slice(at, at + mark).map(unquotedLine));
      (below ? quoted : written).push('');
      quoted.push('', ...subject, '');
      (below || bare !== line ? quoted : written).push(...others.flatMap((words) => ['', words, '']));
      at += mark;
      // "On … wrote:" before lines with ">" quotes only those lines.
      if (below && isAttribution(lines, at - mark) && /^\s*>/.test(nextWritten(lines, at))) below = false;
      continue;
    }
    const isQuoted = below || bare !== line;
    (isQuoted ? quoted : written).push(bare);
    // Lines separated by a quote are separate paragraphs.
    if (!isQuoted) quoted.push('');
    else if (!below) written.push('');
    at++;
  }
  return { written, quoted };
}

function unquotedLine(line: string): string {
  return line.replace(/^(?:\s*>)+ ?/, '');
}

/** How many lines the quote mark that begins here has. 0 if none does. */
function markLength(lines: string[], at: number): number {
  const unquoted = (index: number) => (lines[index] ?? '').replace(/^(?:\s*>)+ ?/, '').slice(0, 1_000);
  if (DIVIDER.test(unquoted(at))) return 1 + headerLength(lines, at + 1);
  if (/^\s*_{10,}\s*$/.test(unquoted(at))) {
    const length = headerLength(lines, at + 1);
    return length > 0 ? 1 + length : 0;
  }
  if (HEADERS_IN_LINE.test(unquoted(at)) || NAMED.test(unquoted(at))) return 1;
  if (isAttribution(lines, at)) return attributionLength(lines, at);
  return headerLength(lines, at);
}

function isAttribution(lines: string[], at: number): boolean {
  return attributionLength(lines, at) > 0;
}

/** The length of an attribution of up to three lines. 0 if there is none. */
function attributionLength(lines: string[], at: number): number {
  let text = '';
  for (let length = 1; length <= 3; length++) {
    const line = (lines[at + length - 1] ?? '').replace(/^(?:\s*>)+ ?/, '');
    if (line.trim() === '') return 0;
    text = `${text} ${line.slice(0, 300)}`.trim();
    if (ATTRIBUTION.test(text)) return saysWhenAndWho(text) ? length : 0;
  }
  return 0;
}

/** Leaves no room for other words: it must have a year, a time or an address, and at most 18 words in all. */
function saysWhenAndWho(text: string): boolean {
  return /\b\d{4}\b|\d:\d\d|@/.test(text) && text.split(/\s+/).length <= 18;
}

/** "From: … Sent: … To: … Subject: …", as Outlook writes above a quote: From and at least two more, at most ten lines. */
function headerLength(lines: string[], at: number): number {
  let begin = at;
  while (begin < at + 2 && begin < lines.length && (lines[begin] ?? '').replace(/^(?:\s*>)+ ?/, '').trim() === '')
    begin++;
  const names: string[] = [];
  let end = begin;
  for (; end < lines.length && end < begin + 10; end++) {
    const line = (lines[end] ?? '').replace(/^(?:\s*>)+ ?/, '').slice(0, 1_000);
    const name = HEADER_NAME.exec(line)?.[1]?.toLowerCase();
    if (!name) break;
    names.push(name);
  }
  const isBlock = IS_FROM.test(names[0] ?? '') && names.length >= 3;
  return isBlock ? end - at : 0;
}

function nextWritten(lines: string[], at: number): string {
  let next = at;
  while (next < lines.length && !(lines[next] ?? '').trim()) next++;
  return lines[next] ?? '';
}
