import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { withItems } from '../application/plain-text.js';
import { CBP_WORDING } from './cbp-wording.js';
import { DECISION_KINDS } from './received-mail.js';

/**
 * How CBP's mails are recognised: phrases as data, so that what CBP words anew is added to a file and not to code. See
 * `docs/mail-wording.md` for how a phrase is written.
 */

/** Kinds that are told by their words. */
export const WORDED_KINDS = ['acknowledgement', 'in-process', ...DECISION_KINDS, 'out-of-office'] as const;
export type WordedKind = (typeof WORDED_KINDS)[number];

const phrase = z.string().trim().min(3).max(500);
const kind = z.enum(WORDED_KINDS);

/** A file of wordings. */
export const wordingSchema = z.strictObject({
  /** Of this format. */
  version: z.literal(1),
  /** For people: what these wordings are, since when. */
  about: z.string().optional(),
  phrases: z
    .array(
      z.strictObject({
        kind,
        phrase,
        /** How sure the phrase alone makes us, 0 to 1. From 0.7 on it stands alone. Default 0.9. */
        weight: z.number().gt(0).max(1).optional(),
      }),
    )
    .default([]),
  /** Phrases that take the word back: in a sentence with one of these, phrases of that kind do not count. */
  exceptions: z.array(z.strictObject({ kind, phrase })).default([]),
});
export type WordingFile = z.input<typeof wordingSchema>;

export interface Wording {
  phrases: { kind: WordedKind; phrase: string; weight: number; pattern: RegExp }[];
  exceptions: { kind: WordedKind; pattern: RegExp }[];
}

export class WordingError extends Error {
  readonly code = 'wording-invalid';
  constructor(
    file: string,
    readonly problems: string[],
  ) {
    super(withItems(`The wording file ${file} cannot be used:`, problems));
    this.name = 'WordingError';
  }
}

/**
 * The wording that comes with the product, and a file's on top of it.
 * @throws WordingError naming every problem of the file at once.
 */
export function readWording(file?: string): Wording {
  const own = compile('built in', CBP_WORDING);
  if (!file) return own;
  const further = compile(file, readJson(file));
  return { phrases: [...own.phrases, ...further.phrases], exceptions: [...own.exceptions, ...further.exceptions] };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new WordingError(file, [error instanceof Error ? error.message : String(error)]);
  }
}

function compile(file: string, data: unknown): Wording {
  const parsed = wordingSchema.safeParse(data);
  if (!parsed.success)
    throw new WordingError(
      file,
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
    );
  const problems: string[] = [];
  const pattern = (where: string, written: string): RegExp => {
    try {
      return phrasePattern(written);
    } catch {
      problems.push(`${where}: "${written}" has brackets that do not match.`);
      return /(?!)/;
    }
  };
  const wording: Wording = {
    phrases: parsed.data.phrases.map((entry, at) => ({
      kind: entry.kind,
      phrase: entry.phrase,
      weight: entry.weight ?? 0.9,
      pattern: pattern(`phrases.${at}`, entry.phrase),
    })),
    exceptions: parsed.data.exceptions.map((entry, at) => ({
      kind: entry.kind,
      pattern: pattern(`exceptions.${at}`, entry.phrase),
    })),
  };
  if (problems.length > 0) throw new WordingError(file, problems);
  return wording;
}

/** One spelling for what is spelled in several ways, in phrases and in mails alike: lower case, "cannot" as "can not". */
export function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/\bcan(?:'t|not)\b/g, 'can not')
    .replace(/\bwon't\b/g, 'will not')
    .replace(/n't\b/g, ' not')
    .replace(/'(?:ve|re|ll|m)\b/g, (contracted) => CONTRACTIONS[contracted] ?? contracted)
    .replace(/\/+/g, ' ')
    .replace(/\b(?:u\.?s\.? )?customs and border protection(?: \(cbp\))?/g, 'cbp')
    .replace(/\bautomated commercial environment(?: \(ace\))?/g, 'ace')
    .replace(/\b(it|that|he|she|there|here)'s(?= been\b)/g, '$1 has')
    .replace(/\b(it|that|he|she|there|here)'s\b/g, '$1 is')
    .replace(/\be-mail/g, 'email')
    .replace(/\bre-(?=submit|send|appl|sign)/g, 're')
    .replace(/\bweb-?form/g, 'web form')
    .replace(/\bon-line\b/g, 'online');
}

const CONTRACTIONS: Record<string, string> = { "'ve": ' have', "'re": ' are', "'ll": ' will', "'m": ' am' };

/** At most this many words stand for `...`. */
const GAP_WORDS = 8;

/** Where something begins to be said: a sentence, or what stands behind a label ("Resolution: account created"). */
const BEGINNING = '(?:^|:\\s|\\s-\\s)["\'(*\\s]*';
/** Where it is said: before a stop, not before a further word. */
const END = '(?=\\W*$|[.,;!)]| - )';

/**
 * A phrase as people write it, as a regular expression: words in a row whatever their case and spacing; `(a|b)` one of
 * several, `(a |)` perhaps; `...` up to eight words within the sentence; `approv*` a word's beginning; `^` in front, only
 * where the sentence begins or behind a colon; `$` at the end, only before a stop.
 */
export function phrasePattern(written: string): RegExp {
  const [, beginning = '', words = '', end = ''] = /^(\^?)(.*?)(\$?)$/.exec(plainWords(written)) ?? [];
  const source = words
    .replace(/\s*\.{3}\s*/g, '\u0000')
    .replace(/[\\^$.+?[\]{}/]/g, '\\$&')
    .replace(/\(/g, '(?:')
    .replace(/\*/g, "[\\w'-]*")
    .replace(/\s+/g, '\\s+')
    .replaceAll('\u0000', `\\s+(?:\\S+\\s+){0,${GAP_WORDS}}?`);
  return new RegExp(`${beginning ? `(?<=${BEGINNING})` : '(?<!\\w)'}(?:${source})(?!\\w)${end ? END : ''}`, 'i');
}
