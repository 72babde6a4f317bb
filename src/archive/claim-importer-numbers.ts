import type { Application } from '../application/application.js';
import { importerNumbersOf } from '../application/application.js';
import type { Archive } from './archive.js';
import type { ImporterKeys } from './importer-key.js';
import { claims, read } from './records.js';

/**
 * Claims every importer number of an application for its onboarding, permanently: a second onboarding for one of them is
 * refused even years later, when the histories are gone. An onboarding may claim its own numbers again.
 * @returns the number that another onboarding has and that onboarding's reference; undefined if the claim succeeded
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
    // All or none: the claims of a refused application would block other clients.
    await Promise.all(made.map((claimed) => archive.removeRecord(claimed)));
    return { importerNumber, reference: owner.reference };
  }
  return undefined;
}

/** Releases the numbers of an application that was never started, but not those of other onboardings. */
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

/** All rounds of a client share its numbers: `onboarding-acme.2` may use the number of `onboarding-acme`. */
function sameCase(one: string, other: string): boolean {
  return one.replace(/\.\d+$/, '') === other.replace(/\.\d+$/, '');
}
