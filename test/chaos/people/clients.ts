import path from 'node:path';
import { readParts } from '../../../simulator/demo/demo-clients.js';
import type { Application } from '../../../src/application/application.js';
import { CHECKOUT } from '../../support/checkout.js';

/** Copies of the first sample client, each with its own reference, name, number and account owner. */
export async function makeClients(count: number): Promise<Application[]> {
  const read = await readParts(path.join(CHECKOUT, 'examples/clients.csv'), { once: true });
  const sample = 'parts' in read ? read.parts.find(({ scenarioName }) => scenarioName === 'happy') : undefined;
  if (!sample) throw new Error('examples/clients.csv has no client whose application is approved.');
  const { application } = sample;
  return Array.from({ length: count }, (_, index) => ({
    ...application,
    reference: referenceOf(index),
    // The name has no word that a letter could contain: otherwise a person would have to look at each.
    company: { ...application.company, legalName: `Fleet Imports ${index + 1} LLC` },
    accountOwner: { ...application.accountOwner, email: `owner-${index + 1}@fleet.example` },
    // EIN prefix 07 was never assigned.
    importerNumber: `07-${String(3_000_000 + index)}00`,
  }));
}

/** No reference is the beginning of another. */
const referenceOf = (index: number) => `chaos-${String(index + 1).padStart(4, '0')}`;
