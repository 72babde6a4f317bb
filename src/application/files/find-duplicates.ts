import type { ValidationIssue } from '../validation-issue.js';

/** One application of a file. */
export interface InFile {
  /** Where a person finds it: 7 for row 7, 3 for application 3. */
  at: number;
  /** Undefined if it cannot be used. */
  reference: string | undefined;
  /** The canonical numbers that can be read. */
  importerNumbers: string[];
}

/**
 * What each application in a file shares with another: a reference, regardless of case, or an importer number. Both
 * applications get the problem, since only a person can say which one is right. One list per application, in order.
 */
export function findDuplicates(inFile: readonly InFile[], place: 'row' | 'application'): ValidationIssue[][] {
  const byReference = placesBy(inFile, ({ reference }) => (reference === undefined ? [] : [reference.toLowerCase()]));
  const byNumber = placesBy(inFile, ({ importerNumbers }) => [...new Set(importerNumbers)]);
  return inFile.map(({ at, reference, importerNumbers }) => {
    const others = (sharing: number[] = []) => sharing.slice(0, LISTED + 2).filter((other) => other !== at);
    const complaints: ValidationIssue[] = [];
    const sameReference = others(byReference.get(reference?.toLowerCase() ?? ''));
    if (sameReference.length > 0)
      complaints.push({
        field: 'reference',
        problem: `is also in ${listed(sameReference, place)}, regardless of case.`,
        remedy: `Give each client its own reference, or remove the ${place} that is wrong.`,
      });
    const sameNumber = [...new Set(importerNumbers.flatMap((number) => others(byNumber.get(number))))];
    if (sameNumber.length > 0)
      complaints.push({
        field: 'importerNumber',
        problem: `is also in ${listed(sameNumber, place)}; an importer number can have only one onboarding.`,
        remedy: `Remove the ${place} that is wrong, or correct its number.`,
      });
    return complaints;
  });
}

function placesBy(inFile: readonly InFile[], keysOf: (one: InFile) => string[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const one of inFile)
    for (const key of keysOf(one)) {
      const places = found.get(key);
      if (places) places.push(one.at);
      else found.set(key, [one.at]);
    }
  return found;
}

/** Keeps the list short in a file with thousands of duplicates. */
const LISTED = 5;

/** "row 3", "rows 3, 4", "rows 3, 4, 5, 6, 7 and others". */
function listed(places: number[], place: string): string {
  if (places.length === 1) return `${place} ${places[0]}`;
  return `${place}s ${places.slice(0, LISTED).join(', ')}${places.length > LISTED ? ' and others' : ''}`;
}
