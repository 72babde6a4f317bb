import { DECISION_KINDS, type DecisionKind } from '../../../workflows/contract/received-mail.js';
import { readable } from '../text/readable.js';
import { HINTS, WEAKENS } from './suggestion-words.js';

/** What an email probably says, as a hint for the person who reads it. */
export interface Suggestion {
  kind: DecisionKind;
  /** 0 to 1. */
  score: number;
  /** The sentences that suggest it, best first. */
  because: string[];
}

/** Best first, without unlikely ones. They may be wrong: nothing may act on them. */
export function suggestions(text: string): Suggestion[] {
  const sentences = sentencesOf(text).map((sentence) => ({ sentence, words: wordsOf(sentence) }));
  return DECISION_KINDS.map((kind) => {
    const hits = sentences
      .map(({ sentence, words }) => ({ sentence, weight: weightOf(kind, words) }))
      .filter(({ weight }) => weight > 0)
      .sort((one, other) => other.weight - one.weight);
    const score = hits.reduce((sum, { weight }) => sum + (1 - sum) * weight, 0);
    return { kind, score: Math.round(score * 100) / 100, because: hits.slice(0, 3).map(({ sentence }) => sentence) };
  })
    .filter(({ score }) => score >= 0.3)
    .sort((one, other) => other.score - one.score);
}

/** How strongly a sentence suggests a decision of any kind: 0 to 1. */
export function decisionScore(sentence: string): number {
  const words = wordsOf(sentence);
  return Math.max(...DECISION_KINDS.map((kind) => weightOf(kind, words)));
}

function weightOf(kind: DecisionKind, words: Set<string>): number {
  const weights = COMPILED[kind].filter(({ groups }) => groups.every((group) => group.some((word) => words.has(word))));
  const best = Math.max(0, ...weights.map(({ weight }) => weight));
  return kind === 'approved' && WEAKENS.some((word) => words.has(word)) ? best / 4 : best;
}

const COMPILED = Object.fromEntries(
  Object.entries(HINTS).map(([kind, hints]) => [kind, hints.split(',').map(hintOf)]),
) as Record<DecisionKind, { groups: string[][]; weight: number }[]>;

function hintOf(written: string): { groups: string[][]; weight: number } {
  const [weight, ...groups] = written.trim().split(/\s+/).reverse();
  return { groups: groups.map((group) => group.split('|')), weight: Number(weight) };
}

/** Splits at sentence ends ("March 2. We", but not "7. Dezember" or "1. Go to"), empty lines, and before list items. */
export function sentencesOf(text: string): string[] {
  return readable(text)
    .slice(0, 40_000)
    .split(SENTENCE_END)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter(Boolean)
    .slice(0, 400);
}

/** An item number, a day before its month, or a legal form does not end a sentence: "ab 7. Dezember", "Maple Inc. is in". */
const SENTENCE_END =
  /(?<=[.!?:])(?<!(?<!\b(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]u[nl]|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec)[a-z]{0,6})\s\d{1,2}\.)(?<!\b(?:Inc|INC|Corp|CORP|Co|CO|Ltd|LTD)\.(?=\s+\p{Ll}))\s+|\n\s*\n|\n(?=\s*[-*•\d])/u;

export function wordsOf(sentence: string): Set<string> {
  return new Set(
    sentence
      .toLowerCase()
      .replace(/n't\b/g, ' not')
      .replace(/\bcannot\b/g, 'can not cannot')
      .split(/[^\p{L}\p{N}-]+/u),
  );
}
