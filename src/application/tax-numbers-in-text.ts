import { importerNumberOf } from './importer-number.js';
import { asciiDigitsAndHyphens } from './plain-text.js';

/** Finds importer numbers, EINs, and SSNs in text that people wrote: references, subjects, emails. */

const START = '(?<![0-9A-Z]|[0-9]-)';
const END = '(?![0-9A-Z]|-[0-9])';
const bounded = (pattern: string, flags = 'g') => new RegExp(`${START}(?:${pattern})${END}`, flags);

// A suffix after a hyphen must contain a digit: "12-3456789-as" is part of a sentence.
const SUFFIX = '[0-9A-HJ-NP-Y]{2}|-(?:\\d[0-9A-HJ-NP-Y]|[A-HJ-NP-Y]\\d)';
const WRITTEN = bounded(
  `(?<ein>\\d{2}-\\d{7}(?:${SUFFIX}))|(?<bareEin>\\d{9}(?:\\d[A-HJ-NP-Y]|[A-HJ-NP-Y][0-9A-HJ-NP-Y]))|(?<bare>\\d{11})|(?<ssn>\\d{3}-\\d{2}-\\d{4})|(?<assigned>\\d{6}-\\d{5})`,
);

/**
 * The canonical importer numbers that a text may name, each once, in order. Eleven bare digits may be an EIN with suffix
 * or a number assigned by CBP, so both are returned. Part of a longer number does not count.
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

/** The importer number that a text probably means but writes wrong. */
export interface NearMiss {
  meant: string;
  why: 'letter-for-digit' | 'suffix-missing';
}

/** Numbers that a person would recognize and `findImporterNumbers` does not: O for 0, I for 1, or an EIN without its suffix, read as 00. */
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

/** Whether two canonical numbers are one EIN with different suffixes: two importer records of one company. */
export function differOnlyInSuffix(one: string, other: string): boolean {
  const ein = /^\d{2}-\d{7}(?=[0-9A-Z]{2}$)/;
  return one !== other && ein.exec(one)?.[0] !== undefined && ein.exec(one)?.[0] === ein.exec(other)?.[0];
}

const LIKE_A_TAX_NUMBER = new RegExp(
  [
    // With hyphens or spaces in the right places, even after a word.
    '(?<!\\d)\\d{2}[- ]\\d{7}-?[0-9A-Z]{0,2}(?![0-9A-Z])',
    '(?<!\\d)\\d{3}[- ]\\d{2}[- ]\\d{4}(?![0-9A-Z])',
    '(?<!\\d)\\d{6}[- ]\\d{5}(?![0-9A-Z])',
    // Bare: nine digits, or eleven with the suffix, alone or after a label.
    '(?<![0-9A-Z])(?:F?EIN|IRS|SSN|IOR|IR|CAN|TAX|TIN|ID|NO)?\\d{9}(?:[0-9A-Z]{2})?(?![0-9A-Z])',
  ].join('|'),
);

/**
 * Whether a text contains anything that looks like an importer number, EIN, or SSN. Stricter than finding one: for text
 * that anyone may see, such as client references and subjects, where a look-alike is refused, too.
 */
export function looksLikeTaxNumber(text: string): boolean {
  return LIKE_A_TAX_NUMBER.test(asciiDigitsAndHyphens(text).toUpperCase().replaceAll('_', ' '));
}

/** `"Inc", which is ` to put before a problem; nothing if the value may be a tax number, which can stray into any field. */
export function quoting(text: string): string {
  return looksLikeTaxNumber(text) ? '' : `"${text.slice(0, 40)}", which is `;
}

/** The reference as written, or undefined if it is not one that may be shown. */
export function shownReference(written: unknown): string | undefined {
  const reference = typeof written === 'string' ? written.trim() : '';
  return /^[A-Za-z0-9-]{1,40}$/.test(reference) && !looksLikeTaxNumber(reference) ? reference : undefined;
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
