import type { Application } from './application.js';

/** All numbers that an application is for, the first one first. */
export function importerNumbersOf({ importerNumber, furtherImporterNumbers }: Application): string[] {
  return [importerNumber, ...furtherImporterNumbers];
}
