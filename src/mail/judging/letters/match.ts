import type { CaseFacts } from '../text/mask.js';
import { type Mask, maskFor } from '../text/mask.js';
import type { PartName, Writing } from '../text/writing.js';
import { PART_NAMES } from '../text/writing.js';
import type { KnownLetter, LetterBook, LetterPart } from './letter.js';

/** The result of comparing an email with the known letters. */
export interface Match {
  /** The letter that the whole email matches, even if it came from another address. Undefined if there is none. */
  letter?: KnownLetter;
  /** The dates in its decisive paragraph, ISO days. */
  dates: string[];
  /** Paragraphs that are in no letter of its sender, as written, without repeats. */
  unknown: string[];
  /** Why it matches no letter although every paragraph is known: a short sentence. */
  why?: string;
}

/** Compares an email with every letter of its signing domain. Pure, and linear in the email's length. */
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
      why: `it matches both ${whole.id} (${whole.kind}) and ${contrary.id} (${contrary.kind}): revoke the wrong one`,
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

/** The paragraphs that match the letter's, in its order. Undefined if one is missing or extra. */
function placed(paragraphs: MaskedParagraph[], part: LetterPart, fillers: Set<string>): MaskedParagraph[] | undefined {
  const found: MaskedParagraph[] = [];
  for (const [index, paragraph] of paragraphs.entries()) {
    const at = found.length;
    const wanted = part.paragraphs[at];
    if (wanted !== undefined && (at === part.decisive ? paragraph.decisive : paragraph.other) === wanted)
      found.push(paragraph);
    // The subject comes first and is never filler.
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
  return 'each of its paragraphs is in a known letter, but no known letter has all of them in this order';
}

function sameList(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((entry, at) => entry === other[at]);
}
