import type { DecisionKind } from '../../../workflows/contract/received-mail.js';
import { suggestions } from '../kind/suggest.js';
import { type CaseFacts, maskFor } from '../text/mask.js';
import { bareWords } from '../text/readable.js';
import { PART_NAMES, type PartName, type Writing } from '../text/writing.js';
import { type Letter, type LetterPart, letterId } from './letter.js';

/** A paragraph as shown to a person who teaches a letter. */
export interface ShownParagraph {
  /** 0 is the subject. */
  number: number;
  written: string;
  /** With slots, as in the letter. */
  masked: string;
  /** It is already known as filler of its sender. */
  filler: boolean;
  /** The versions of the email that contain it. */
  parts: PartName[];
}

/** Every paragraph once, even if it is in both the text and the HTML version. Those of the text come first. */
export function shownParagraphs(writing: Writing, facts: CaseFacts, fillers: ReadonlySet<string>): ShownParagraph[] {
  const mask = maskFor(facts);
  const shown = new Map<string, ShownParagraph>();
  const names = PART_NAMES.filter((name) => writing.parts[name]);
  const add = (key: string, written: string, parts: PartName[]) => {
    const known = shown.get(key);
    if (known) known.parts.push(...parts.filter((part) => !known.parts.includes(part)));
    else {
      const masked = mask(written, 'other').paragraph;
      shown.set(key, { number: shown.size, written, masked, filler: fillers.has(masked), parts });
    }
  };
  // Kept separate from the text, which may repeat it.
  add('the subject', writing.subject, [...names]);
  for (const name of names)
    for (const written of writing.parts[name] ?? []) add(`:${bareWords(written)}`, written, [name]);
  return [...shown.values()];
}

/** The paragraph that most strongly suggests the kind. Undefined if there is none, or more than one. */
export function likelyDecisive(shown: ShownParagraph[], kind: DecisionKind): number | undefined {
  const scored = shown
    .filter(({ number, filler }) => number > 0 && !filler)
    .map(({ number, written }) => ({
      number,
      score: suggestions(written).find((one) => one.kind === kind)?.score ?? 0,
    }))
    .sort((one, other) => other.score - one.score);
  const [first, second] = scored;
  return first && first.score > 0 && first.score > (second?.score ?? 0) ? first.number : undefined;
}

export interface Lesson {
  kind: DecisionKind;
  /** Paragraph numbers as shown. */
  decisive: number;
  fillers: readonly number[];
}

/** @throws LessonRefused if the result would not be a letter that can be recognized again */
export function letterOf(
  writing: Writing,
  facts: CaseFacts,
  known: ReadonlySet<string>,
  lesson: Lesson,
): { letter: Letter; fillers: string[] } {
  const shown = shownParagraphs(writing, facts, known);
  const decisive = shown.find(({ number }) => number === lesson.decisive);
  const parts = PART_NAMES.filter((name) => writing.parts[name]);
  if (!decisive || lesson.decisive === 0)
    throw new LessonRefused(
      `Paragraph ${lesson.decisive} cannot decide. Choose a number from 1 to ${shown.length - 1}.`,
    );
  if (decisive.filler)
    throw new LessonRefused(
      `Paragraph ${lesson.decisive} is known as filler for ${writing.domain}, so it cannot decide. If it does decide, revoke that filler block first.`,
    );
  if (lesson.fillers.includes(lesson.decisive))
    throw new LessonRefused(`Paragraph ${lesson.decisive} cannot be both decisive and filler.`);
  const lacking = parts.filter((name) => !decisive.parts.includes(name));
  if (lacking.length > 0)
    throw new LessonRefused(
      `Paragraph ${lesson.decisive} is not in the ${lacking.join(' and ')} version of the email. Its versions say different things, so it cannot be a letter.`,
    );
  const strange = lesson.fillers.filter((number) => number === 0 || !shown.some((one) => one.number === number));
  if (strange.length > 0)
    throw new LessonRefused(
      `Paragraph ${strange.join(', ')} cannot be filler. Choose numbers from 1 to ${shown.length - 1}.`,
    );
  const chosen = shown.filter(({ number }) => lesson.fillers.includes(number)).map(({ masked }) => masked);
  const fillers = new Set([...known, ...chosen]);
  const mask = maskFor(facts);
  const part = (name: PartName): LetterPart => {
    const paragraphs: string[] = [];
    let at = -1;
    for (const [index, written] of [writing.subject, ...(writing.parts[name] ?? [])].entries()) {
      const isDecisive = bareWords(written) === bareWords(decisive.written) && index > 0 && at < 0;
      const masked = mask(written, isDecisive ? 'decisive' : 'other').paragraph;
      if (!isDecisive && index > 0 && fillers.has(masked)) continue;
      if (isDecisive) at = paragraphs.length;
      paragraphs.push(masked);
    }
    return { paragraphs, decisive: at };
  };
  const content = {
    kind: lesson.kind,
    domain: writing.domain,
    parts: Object.fromEntries(parts.map((name) => [name, part(name)])),
    attachments: writing.attachments,
  };
  return {
    letter: { id: letterId(content), ...content },
    fillers: chosen.filter((paragraph) => !known.has(paragraph)),
  };
}

export class LessonRefused extends Error {
  readonly code = 'lesson-refused';
  constructor(
    message: string,
    /** The paragraphs to choose from. */
    readonly paragraphs: ShownParagraph[] = [],
  ) {
    super(message);
    this.name = 'LessonRefused';
  }
}
