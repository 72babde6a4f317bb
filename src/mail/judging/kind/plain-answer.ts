import { PLAIN_ANSWERS, type PlainAnswer } from '../../../workflows/contract/received-mail.js';
import { splitQuotes } from '../text/paragraphs.js';
import { readable } from '../text/readable.js';

/** The reply words of one language: `words.json` of its templates. In lower case, without punctuation. */
export type ReplyWords = Readonly<Record<PlainAnswer | 'greetings' | 'closings', readonly string[]>>;
export type ReplyLanguages = Readonly<Record<string, ReplyWords>>;

/** A plain answer with a long signature is shorter. */
const TEXT_LIMIT = 2_000;
const SIGNATURE_LINES = 10;
const LINE_LIMIT = 80;

/**
 * What a client answers in a word, in each language in which it is one: `{ en: 'yes' }`. Strict: apart from a greeting, thanks,
 * the sender's name, and phone numbers and addresses below them, the new text must be one of the reply words. Anything else
 * needs a reader: no rule tells a title or a company's name from "Link Expired Already".
 * @param text of the email, with its quotes
 * @param sender the name in the From line
 */
export function plainAnswers(text: string, sender: string, languages: ReplyLanguages): Record<string, PlainAnswer> {
  const lines = splitQuotes(readable(text).split('\n'))
    .written.map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.join('\n').length > TEXT_LIMIT || /[?¿？;]/u.test(lines.join(''))) return {};
  const courtesies = courtesiesOf(languages, sender);
  const [answer = '', ...rest] = isGreeting(lines[0] ?? '', courtesies) ? lines.slice(1) : lines;
  if (!isSignature(rest, courtesies)) return {};
  const found = Object.entries(languages).flatMap(([language, words]) => {
    const meant = meaningOf(answer, words, courtesies);
    return meant ? [[language, meant] as const] : [];
  });
  return Object.fromEntries(found);
}

interface Courtesies {
  greetings: ReadonlySet<string>;
  closings: ReadonlySet<string>;
  /** The words of the sender's name, but for those that mean something. */
  names: ReadonlySet<string>;
  /** Words that make a line mean something: it is an answer itself, or it denies one. */
  telling: ReadonlySet<string>;
}

/** Those of all languages: many people thank in one and answer in another. */
function courtesiesOf(languages: ReplyLanguages, sender: string): Courtesies {
  const all = Object.values(languages);
  const answers = all.flatMap((words) => PLAIN_ANSWERS.flatMap((name) => words[name]));
  const affirmed = new Set(all.flatMap(({ yes, done }) => [...yes, ...done].flatMap((phrase) => phrase.split(' '))));
  const denying = all
    .flatMap(({ no }) => no.flatMap((phrase) => phrase.split(' ')))
    .filter((word) => !affirmed.has(word));
  const telling = new Set([...answers.filter((phrase) => !phrase.includes(' ')), ...denying]);
  const name = (bare(sender) ?? '').split(' ');
  return {
    greetings: new Set(all.flatMap(({ greetings }) => greetings)),
    closings: new Set(all.flatMap(({ closings }) => closings)),
    names: new Set(name.filter((word) => word.length > 1 && !telling.has(word))),
    telling,
  };
}

function meaningOf(line: string, words: ReplyWords, { greetings, closings }: Courtesies): PlainAnswer | undefined {
  const written = bare(line);
  if (written === undefined) return undefined;
  const meant = (phrase: string) => PLAIN_ANSWERS.filter((name) => words[name].includes(phrase));
  const [exact, ...others] = meant(written);
  if (exact) return others.length === 0 ? exact : undefined;
  const [thanked, ...more] = meant(withoutEnd(withoutStart(written, greetings), closings));
  // "No, thanks" declines something.
  return more.length === 0 && thanked !== 'no' ? thanked : undefined;
}

function withoutStart(written: string, phrases: ReadonlySet<string>): string {
  const phrase = [...phrases].find((one) => written.startsWith(`${one} `));
  return phrase === undefined ? written : written.slice(phrase.length + 1);
}

function withoutEnd(written: string, phrases: ReadonlySet<string>): string {
  const phrase = [...phrases].find((one) => written.endsWith(` ${one}`));
  return phrase === undefined ? written : written.slice(0, -phrase.length - 1);
}

/** "Hi", "Dear Clearit Team,": a greeting and at most two capitalized words of a name. */
function isGreeting(line: string, { greetings, telling }: Courtesies): boolean {
  const written = bare(line);
  if (written === undefined) return false;
  if (greetings.has(written)) return true;
  const name = withoutStart(written, greetings);
  const words = name.split(' ');
  return (
    name !== written &&
    words.length <= 2 &&
    !words.some((word) => telling.has(word)) &&
    line.split(/[\s,]+/).every((word) => /^(?:\p{Lu}|$)/u.test(word))
  );
}

/** Thanks or the sender's name, and below them more of these, phone numbers and addresses. */
function isSignature(lines: string[], courtesies: Courtesies): boolean {
  const [first, ...rest] = lines;
  if (first === undefined) return true;
  return (
    opensSignature(first, courtesies) &&
    lines.length <= SIGNATURE_LINES &&
    rest.every((line) => opensSignature(line, courtesies) || isContact(line))
  );
}

function opensSignature(line: string, { closings, names }: Courtesies): boolean {
  if (/^(?:--+|__+)$/.test(line)) return true;
  const written = bare(line.replace(/<?https?:\S+>?/g, ''));
  if (written === undefined) return false;
  if (closings.has(written)) return true;
  const closing = [...closings].find((one) => written.startsWith(`${one} `));
  const name = (closing === undefined ? written : written.slice(closing.length + 1)).split(' ');
  // An initial may be one that the From line leaves out.
  return name.some((word) => names.has(word)) && name.every((word) => names.has(word) || word.length === 1);
}

/** "Tel. +1 518 555 0123 | jane@client.example": nothing but phone numbers, email and web addresses and what they are. */
function isContact(line: string): boolean {
  if (line.length > LINE_LIMIT) return false;
  const rest = line.toLowerCase().replace(ADDRESSES, ' ');
  const phone = (rest.match(/\d/g) ?? []).length >= PHONE_DIGITS;
  const words = rest.match(/[\p{L}\p{M}]+/gu) ?? [];
  return (
    (phone || ADDRESS.test(line)) &&
    /^[\p{L}\p{M}\d\s()+.,:/|·•*<>-]*$/u.test(rest) &&
    words.every((word) => word.length === 1 || CONTACT_LABELS.has(word))
  );
}

const ADDRESS = /(?:mailto:)?[\w.+-]+@[\w.-]+|(?:https?:\/\/|www\.)[^\s<>]+/i;
const ADDRESSES = new RegExp(ADDRESS, 'gi');
/** Without an area code. */
const PHONE_DIGITS = 7;
const CONTACT_LABELS = new Set([
  ...['tel', 'telephone', 'phone', 'cell', 'mobile', 'fax', 'office', 'direct', 'ext', 'email', 'mail', 'web'],
  ...['teléfono', 'móvil', 'celular', 'oficina', 'correo'],
]);

/** In lower case without punctuation. Undefined if it has more than words: a pause, a picture, a number. */
function bare(line: string): string | undefined {
  const written = line
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[‘’]/g, "'")
    .replace(/^["“”«»']+|["“”«»']+(?=[.!,]*$)/g, '');
  if (/\.\.|…/.test(written)) return undefined;
  const words = written
    .replace(/[,.!:]+|\s[-–—]\s/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return /^[\p{L}\p{M}' ]+$/u.test(words) ? words : undefined;
}
