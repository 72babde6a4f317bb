import type { Application } from './application.js';

/**
 * All numbers that an application is for, the first one first. What is no text is left out: an application that nobody has
 * checked yet may have anything there.
 */
export function importerNumbersOf({ importerNumber, furtherImporterNumbers }: Application): string[] {
  const all: unknown[] = [importerNumber, ...(Array.isArray(furtherImporterNumbers) ? furtherImporterNumbers : [])];
  return all.filter((number): number is string => typeof number === 'string');
}
