import { asciiDigitsAndHyphens } from '../../../application/plain-text.js';
import { findImporterNumbers, type NearMiss, nearMisses } from '../../../application/tax-numbers-in-text.js';

/** Importer numbers in an email's subject and newly written text. Quoted text does not count. */
export interface ImporterMentions {
  /** Canonical, without repeats. Eleven bare digits appear in both readings. */
  inSubject: string[];
  inText: string[];
  /** Written with the hyphen, so certainly importer numbers: if one is unknown to us, the email contradicts other evidence. */
  certain: Set<string>;
  /** Labeled as importer numbers but without hyphen or suffix, in each reading. An EIN alone gets the suffix 00. */
  labeled: { written: string; readings: string[]; ein?: string }[];
  near: NearMiss[];
}

const LABELLED =
  /\b(?:ior|ir|importer(?: of record)?|f?ein|irs|tax id)(?: (?:number|no\.?|id))?\s?[:#]?\s?#?\s?(\d{2}-?\d{7}|\d{11})(?![\dA-Z]|-\d)/gi;

const TEXT_LIMIT = 50_000;

export function importerMentions(subject: string, text: string): ImporterMentions {
  const words = text.slice(0, TEXT_LIMIT);
  const inSubject = findImporterNumbers(subject);
  const inText = findImporterNumbers(words);
  const written = asciiDigitsAndHyphens(`${subject}\n${words}`).toUpperCase();
  const certain = [...inSubject, ...inText].filter(
    (number) => written.includes(number) || written.includes(`${number.slice(0, 10)}-${number.slice(10)}`),
  );
  return {
    inSubject,
    inText,
    certain: new Set(certain),
    labeled: [...written.matchAll(LABELLED)].map(([, number = '']) => ({ written: number, ...readingsOf(number) })),
    near: [...nearMisses(subject), ...nearMisses(words)],
  };
}

/** Eleven digits are an EIN with a suffix or a number assigned by CBP. An EIN alone usually has the suffix 00. */
function readingsOf(written: string): { readings: string[]; ein?: string } {
  const digits = written.replace('-', '');
  if (digits.length !== 9) return { readings: findImporterNumbers(digits) };
  const ein = `${digits.slice(0, 2)}-${digits.slice(2)}`;
  return { readings: [`${ein}00`], ein };
}

/** The one number it names. Undefined if it names none or several. */
export function onlyMention({ inSubject, inText, certain }: ImporterMentions): string | undefined {
  const all = [...new Set([...inSubject, ...inText])];
  const [only] = all.length === 1 ? all : [...certain].length === 1 ? [...certain] : [];
  return only;
}
