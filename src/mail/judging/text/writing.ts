import type { ParsedMessage } from '../../incoming/parse-message.js';
import { isQuoteOf } from './case-facts.js';
import type { CaseFacts } from './mask.js';
import { paragraphsOf, subjectParagraph } from './paragraphs.js';
import { bareWords } from './readable.js';

/** What a mail newly says, and what it marks as somebody's earlier words, by the parts that have it. */
export interface ReadWriting {
  writing: Writing;
  quoted: Partial<Record<PartName, string[]>>;
}

/**
 * All that a mail says, ready to be compared with letters.
 * @param sender the domain (d=) of the signature that is believed, and the bare From address, lower case
 */
export function writingOf(
  message: ParsedMessage,
  facts: CaseFacts,
  sender: { domain: string; address: string },
): ReadWriting {
  const texts: Partial<Record<PartName, string>> = {
    ...(message.textFrom === 'nothing' ? {} : { [message.textFrom === 'plain' ? 'text' : 'html']: message.text }),
    // Without words, too: it shows something, a picture for one.
    ...(message.alternativeText === undefined ? {} : { html: message.alternativeText }),
  };
  const read: ReadWriting = {
    writing: {
      subject: subjectParagraph(message.subject),
      parts: {},
      attachments: message.attachments
        .filter(isEnclosure)
        .map(({ sha256 }) => sha256)
        .sort(),
      ...sender,
    },
    quoted: {},
  };
  for (const [name, text] of Object.entries(texts) as [PartName, string][]) {
    const { written, quoted } = paragraphsOf(text, facts);
    read.writing.parts[name] = written;
    // An answer has the subject of what it answers.
    const strange = quoted.filter((paragraph) => bareWords(paragraph) !== bareWords(read.writing.subject));
    if (strange.length > 0) read.quoted[name] = strange;
  }
  return read;
}

/** What stands before a quoted paragraph that no mail of the case has: it is never the same as one that is newly written. */
const QUOTED = '> ';

/**
 * The writing with what it quotes and no archived mail of its case says: that is part of it like any other paragraph, but
 * behind the mark of a quotation.
 * @param words bare words of the mails of the case
 */
export function withForeignQuotes({ writing, quoted }: ReadWriting, words: readonly string[]): Writing {
  const parts = { ...writing.parts };
  for (const [name, paragraphs] of Object.entries(quoted) as [PartName, string[]][]) {
    const foreign = paragraphs.filter((paragraph) => !isQuoteOf(paragraph, words));
    parts[name] = [...(parts[name] ?? []), ...foreign.map((paragraph) => `${QUOTED}${paragraph}`)];
  }
  return { ...writing, parts };
}

export function isForeignQuote(paragraph: string): boolean {
  return paragraph.startsWith(QUOTED);
}

/** All but pictures inside of the text and what proves a mail, which has a name that says so. */
export function isEnclosure({ inline, contentType, filename }: ParsedMessage['attachments'][number]): boolean {
  const isSignature =
    SIGNATURE.test(contentType) && (filename === undefined || /\.(?:p7s|asc|sig|pgp)$/i.test(filename));
  return !inline && !isSignature;
}
const SIGNATURE = /^application\/(?:x-)?(?:pkcs7|pgp)-signature$/;
export const PART_NAMES = ['text', 'html'] as const;
export type PartName = (typeof PART_NAMES)[number];
/** A mail, made ready to be compared with letters. */
export interface Writing {
  subject: string;
  parts: Partial<Record<PartName, string[]>>;
  attachments: string[];
  domain: string;
  /** Of the From line, bare and lower case. */
  address: string;
}
