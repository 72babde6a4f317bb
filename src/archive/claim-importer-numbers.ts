import type { Application } from '../application/application.js';
import { importerNumbersOf } from '../application/application.js';
import type { Archive } from './archive.js';
import type { ImporterKeys } from './importer-key.js';
import { claims, read } from './records.js';

/**
 * Claims every importer number of an application for its onboarding, for ever: at once or a year later, when histories
 * are gone, a second onboarding for one of them is refused. Claiming one's own number again is fine.
 * @returns the other onboarding's reference and which number it has, or undefined when all are this one's.
 */
export async function claimImporterNumbers(
  archive: Archive,
  keys: ImporterKeys,
  application: Application,
  workflowId: string,
): Promise<{ importerNumber: string; reference: string } | undefined> {
  const made: string[] = [];
  for (const importerNumber of importerNumbersOf(application)) {
    const key = claims.key(keys.keyOf(importerNumber));
    const claim = { reference: application.reference, workflowId, claimedAt: new Date().toISOString() };
    const result = await archive.createRecord(key, claim);
    if (result.created) {
      made.push(key);
      continue;
    }
    const owner = claims.schema.parse(result.existing);
    if (sameCase(owner.workflowId, workflowId)) continue;
    // All or none: what a refused application claimed on the way would block another client's number.
    await Promise.all(made.map((claimed) => archive.removeRecord(claimed)));
    return { importerNumber, reference: owner.reference };
  }
  return undefined;
}

/** Gives up the numbers of an application that was never started: what others have stays theirs. */
export async function releaseImporterNumbers(
  archive: Archive,
  keys: ImporterKeys,
  application: Application,
  workflowId: string,
): Promise<void> {
  for (const importerNumber of importerNumbersOf(application)) {
    const importerKey = keys.keyOf(importerNumber);
    const claim = await read(archive, claims, importerKey);
    if (claim?.workflowId === workflowId) await archive.removeRecord(claims.key(importerKey));
  }
}

/** Rounds of one client are one case: `onboarding-acme.2` may go on with the number of `onboarding-acme`. */
function sameCase(one: string, other: string): boolean {
  return one.replace(/\.\d+$/, '') === other.replace(/\.\d+$/, '');
}
