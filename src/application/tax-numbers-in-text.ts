import { importerNumberOf } from './importer-number.js';
import { asciiDigitsAndHyphens } from './plain-text.js';

/** Finding importer numbers, EINs and SSNs in text that people wrote: references, subjects, mails. */

const START = '(?<![0-9A-Z]|[0-9]-)';
const END = '(?![0-9A-Z]|-[0-9])';
const bounded = (pattern: string, flags = 'g') => new RegExp(`${START}(?:${pattern})${END}`, flags);

// A suffix after a hyphen has a digit in it: "12-3456789-as" is a sentence.
const SUFFIX = '[0-9A-HJ-NP-Y]{2}|-(?:\\d[0-9A-HJ-NP-Y]|[A-HJ-NP-Y]\\d)';
const WRITTEN = bounded(
  `(?<ein>\\d{2}-\\d{7}(?:${SUFFIX}))|(?<bareEin>\\d{9}(?:\\d[A-HJ-NP-Y]|[A-HJ-NP-Y][0-9A-HJ-NP-Y]))|(?<bare>\\d{11})|(?<ssn>\\d{3}-\\d{2}-\\d{4})|(?<assigned>\\d{6}-\\d{5})`,
);

/**
 * The canonical importer numbers that a text may be naming, each once, in order. Eleven bare digits may be an EIN with
 * suffix or a number assigned by CBP: both are given. A number inside a longer one is none.
 */
export function findImporterNumbers(text: string): string[] {
  const found: string[] = [];
  for (const { groups } of asciiDigitsAndHyphens(text).toUpperCase().matchAll(WRITTEN)) {
    const { ein, bareEin, bare, ssn, assigned } = groups ?? {};
    if (ein) found.push(`${ein.slice(0, 10)}${ein.slice(-2)}`);
    if (bareEin ?? bare) found.push(hyphenAt(2, bareEin ?? bare ?? ''));
    if (bare) found.push(hyphenAt(6, bare));
    if (ssn ?? assigned) found.push(ssn ?? assigned ?? '');
  }
  return [...new Set(found)].filter(isImporterNumber);
}

/** A number in a text that is nearly an importer number, and the one it may stand for. */
export interface NearMiss {
  meant: string;
  why: 'letter-for-digit' | 'suffix-missing';
}

/** What `findImporterNumbers` does not take but a person would: O for 0 or I for 1, and an EIN alone, as if its suffix were 00. */
export function nearMisses(text: string): NearMiss[] {
  const readable = asciiDigitsAndHyphens(text).toUpperCase();
  const misses: NearMiss[] = [];
  for (const [written] of readable.matchAll(bounded('[\\dOIZ]{2}-[\\dOIZ]{7}[0-9A-Z]{2}|[\\dOIZ]{6}-[\\dOIZ]{5}'))) {
    const meant = written.replaceAll('O', '0').replaceAll('I', '1').replaceAll('Z', '2');
    if (meant !== written && isImporterNumber(meant)) misses.push({ meant, why: 'letter-for-digit' });
  }
  for (const [ein] of readable.matchAll(bounded('\\d{2}-\\d{7}')))
    if (isImporterNumber(`${ein}00`)) misses.push({ meant: `${ein}00`, why: 'suffix-missing' });
  return misses;
}

/** Whether two canonical numbers are one EIN under different suffixes: two importer records of one firm. */
export function differOnlyInSuffix(one: string, other: string): boolean {
  const ein = /^\d{2}-\d{7}(?=[0-9A-Z]{2}$)/;
  return one !== other && ein.exec(one)?.[0] !== undefined && ein.exec(one)?.[0] === ein.exec(other)?.[0];
}

const LIKE_A_TAX_NUMBER = new RegExp(
  [
    // Hyphens or spaces where they belong, even behind a word.
    '(?<!\\d)\\d{2}[- ]\\d{7}-?[0-9A-Z]{0,2}(?![0-9A-Z])',
    '(?<!\\d)\\d{3}[- ]\\d{2}[- ]\\d{4}(?![0-9A-Z])',
    '(?<!\\d)\\d{6}[- ]\\d{5}(?![0-9A-Z])',
    // Bare: nine digits, or eleven with the suffix, standing alone or behind a label.
    '(?<![0-9A-Z])(?:F?EIN|IRS|SSN|IOR|IR|CAN|TAX|TIN|ID|NO)?\\d{9}(?:[0-9A-Z]{2})?(?![0-9A-Z])',
  ].join('|'),
);

/**
 * Whether a text holds what looks like an importer number, EIN or SSN. Stricter than finding one: for text that is
 * shown to anybody, such as client references and subjects, where a look-alike is refused too.
 */
export function looksLikeTaxNumber(text: string): boolean {
  return LIKE_A_TAX_NUMBER.test(asciiDigitsAndHyphens(text).toUpperCase().replaceAll('_', ' '));
}

function hyphenAt(position: number, digits: string): string {
  return `${digits.slice(0, position)}-${digits.slice(position)}`;
}

function isImporterNumber(canonical: string): boolean {
  try {
    importerNumberOf(canonical);
    return true;
  } catch {
    return false;
  }
}
