import type { CaseFacts } from '../text/mask.js';
import { type Mask, maskFor } from '../text/mask.js';
import type { PartName, Writing } from '../text/writing.js';
import { PART_NAMES } from '../text/writing.js';
import type { KnownLetter, LetterBook, LetterPart } from './letter.js';

/** How a mail stands to the letters that are known. */
export interface Match {
  /** Which one it is, whole, be it from an address that is not among its own; undefined when it is none. */
  letter?: KnownLetter;
  /** What stood in date slots of its decisive paragraph, ISO days. */
  dates: string[];
  /** Paragraphs that are in no letter of its sender, as written, each once. */
  unknown: string[];
  /** Why it is none, where every paragraph is known: a short sentence. */
  why?: string;
}

/** Compares a mail with every letter of its signing domain. Pure, and linear in the mail's length. */
export function matchLetter(writing: Writing, facts: CaseFacts, book: LetterBook): Match {
  const mask = maskFor(facts);
  const candidates = book.letters.filter(({ domain }) => domain === writing.domain);
  const fillers = new Set(book.fillers[writing.domain] ?? []);
  const parts = PART_NAMES.flatMap((name) => {
    const paragraphs = writing.parts[name];
    return paragraphs ? [{ name, paragraphs: maskedParagraphs([writing.subject, ...paragraphs], mask) }] : [];
  });
  const same = candidates.filter(
    (letter) =>
      parts.length === Object.keys(letter.parts).length &&
      parts.every(({ name, paragraphs }) => isPart(paragraphs, letter.parts[name], fillers)) &&
      sameList(letter.attachments, writing.attachments),
  );
  const whole = same.find(({ addresses }) => addresses.includes(writing.address)) ?? same[0];
  const contrary = same.find(({ kind }) => kind !== whole?.kind);
  if (whole && contrary)
    return {
      unknown: [],
      dates: [],
      why: `it is ${whole.id} (${whole.kind}) and ${contrary.id} (${contrary.kind}) at once: revoke the one that is wrong`,
    };
  if (whole)
    return {
      letter: whole,
      unknown: [],
      dates: parts.flatMap(({ name, paragraphs }) => datesIn(paragraphs, whole.parts[name], fillers)),
    };
  const unknown = unknownParagraphs(parts, candidates, fillers);
  return { unknown, dates: [], ...(unknown.length > 0 ? {} : { why: whyNot(parts, candidates, writing) }) };
}

interface MaskedParagraph {
  written: string;
  other: string;
  decisive: string;
  dates: string[];
}

function maskedParagraphs(paragraphs: string[], mask: Mask): MaskedParagraph[] {
  return paragraphs.map((written) => {
    return {
      written,
      other: mask(written, 'other').paragraph,
      get decisive() {
        return mask(written, 'decisive').paragraph;
      },
      get dates() {
        return mask(written, 'decisive').dates;
      },
    };
  });
}

function isPart(paragraphs: MaskedParagraph[], part: LetterPart | undefined, fillers: Set<string>): boolean {
  return part !== undefined && placed(paragraphs, part, fillers) !== undefined;
}

/** Which paragraph stands for which of the letter's; undefined when one lacks or one is too many. */
function placed(paragraphs: MaskedParagraph[], part: LetterPart, fillers: Set<string>): MaskedParagraph[] | undefined {
  const found: MaskedParagraph[] = [];
  for (const [index, paragraph] of paragraphs.entries()) {
    const at = found.length;
    const wanted = part.paragraphs[at];
    if (wanted !== undefined && (at === part.decisive ? paragraph.decisive : paragraph.other) === wanted)
      found.push(paragraph);
    // The subject stands first, and is never filler.
    else if (index === 0 || !fillers.has(paragraph.other)) return undefined;
  }
  return found.length === part.paragraphs.length ? found : undefined;
}

function datesIn(paragraphs: MaskedParagraph[], part: LetterPart | undefined, fillers: Set<string>): string[] {
  return (part && placed(paragraphs, part, fillers)?.[part.decisive]?.dates) ?? [];
}

interface Part {
  name: PartName;
  paragraphs: MaskedParagraph[];
}

function unknownParagraphs(parts: Part[], letters: KnownLetter[], fillers: Set<string>): string[] {
  const known = new Set(
    letters.flatMap((letter) => PART_NAMES.flatMap((name) => letter.parts[name]?.paragraphs ?? [])),
  );
  const isKnown = ({ other, decisive }: MaskedParagraph) =>
    fillers.has(other) || known.has(other) || known.has(decisive);
  return [
    ...new Set(
      parts.flatMap(({ paragraphs }) => paragraphs.filter((one) => !isKnown(one)).map(({ written }) => written)),
    ),
  ];
}

function whyNot(parts: Part[], letters: KnownLetter[], writing: Writing): string {
  if (letters.length === 0) return 'no letter of its sender is known yet';
  if (parts.length === 0) return 'it has no text';
  if (writing.attachments.length > 0) return 'it has an attachment that no known letter has';
  return 'each of its paragraphs is in a known letter, but all of them together, in this order, are in none';
}

function sameList(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((entry, at) => entry === other[at]);
}
