import { asciiDigitsAndHyphens } from '../application/plain-text.js';
import { findImporterNumbers, type NearMiss, nearMisses } from '../application/tax-numbers-in-text.js';

/** Importer numbers in a mail's subject and newly written text. What it quotes is not its own word. */
export interface ImporterMentions {
  /** Canonical, each once. Eleven bare digits are given in both readings. */
  inSubject: string[];
  inText: string[];
  /** Those written with their hyphen, which can be nothing else: naming one of nobody's is a contradiction. */
  certain: Set<string>;
  near: NearMiss[];
}

const TEXT_LIMIT = 50_000;

export function importerMentions(subject: string, text: string): ImporterMentions {
  const words = text.slice(0, TEXT_LIMIT);
  const inSubject = findImporterNumbers(subject);
  const inText = findImporterNumbers(words);
  const written = asciiDigitsAndHyphens(`${subject}\n${words}`).toUpperCase();
  const certain = [...inSubject, ...inText].filter(
    (number) => written.includes(number) || written.includes(`${number.slice(0, 10)}-${number.slice(10)}`),
  );
  return { inSubject, inText, certain: new Set(certain), near: [...nearMisses(subject), ...nearMisses(words)] };
}

/** The one number it names; undefined when it names none, or several. */
export function onlyMention({ inSubject, inText, certain }: ImporterMentions): string | undefined {
  const all = [...new Set([...inSubject, ...inText])];
  const [only] = all.length === 1 ? all : [...certain].length === 1 ? [...certain] : [];
  return only;
}
