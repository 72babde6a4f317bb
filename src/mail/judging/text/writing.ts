import type { ParsedMessage } from '../../incoming/parse-message.js';
import { isQuoteOf } from './case-facts.js';
import type { CaseFacts } from './mask.js';
import { paragraphsOf, subjectParagraph } from './paragraphs.js';
import { bareWords } from './readable.js';

/** What an email newly says, and what each of its parts marks as quoted. */
export interface ReadWriting {
  writing: Writing;
  quoted: Partial<Record<PartName, string[]>>;
}

/**
 * Everything that an email says, ready to compare with letters.
 * @param sender the domain (d=) of the trusted signature, and the bare From address, lower case
 */
export function writingOf(
  message: ParsedMessage,
  facts: CaseFacts,
  sender: { domain: string; address: string },
): ReadWriting {
  const texts: Partial<Record<PartName, string>> = {
    ...(message.textFrom === 'nothing' ? {} : { [message.textFrom === 'plain' ? 'text' : 'html']: message.text }),
    // Even without words: it may show a picture.
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
    // A reply has the subject of the email it answers.
    const others = quoted.filter((paragraph) => bareWords(paragraph) !== bareWords(read.writing.subject));
    if (others.length > 0) read.quoted[name] = others;
  }
  return read;
}

/** The prefix of a quoted paragraph that no email of the case contains, so that it never equals a newly written one. */
const QUOTED = '> ';

/**
 * Adds the quoted paragraphs that no archived email of the case contains. They count like any other paragraph, but with a
 * quote prefix.
 * @param words bare words of the case's emails
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

/** Whether an attachment is more than an inline picture or a digital signature (which must have a matching file name). */
export function isEnclosure({ inline, contentType, filename }: ParsedMessage['attachments'][number]): boolean {
  const isSignature =
    SIGNATURE.test(contentType) && (filename === undefined || /\.(?:p7s|asc|sig|pgp)$/i.test(filename));
  return !inline && !isSignature;
}
const SIGNATURE = /^application\/(?:x-)?(?:pkcs7|pgp)-signature$/;
export const PART_NAMES = ['text', 'html'] as const;
export type PartName = (typeof PART_NAMES)[number];
/** An email's content, ready to compare with letters. */
export interface Writing {
  subject: string;
  parts: Partial<Record<PartName, string[]>>;
  attachments: string[];
  domain: string;
  /** From address, bare and lower case. */
  address: string;
}
