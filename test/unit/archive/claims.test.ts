import { beforeEach, expect, test } from 'vitest';
import { claimImporterNumbers, releaseImporterNumbers } from '../../../src/archive/claim-importer-numbers.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { sampleApplication } from '../application/sample.js';

const keys = { keyOf: (number: string) => `key-of-${number}` };
const application = (importerNumber: string, ...furtherImporterNumbers: string[]) => ({
  ...sampleApplication(),
  importerNumber,
  furtherImporterNumbers,
});

let archive: MemoryArchive;
beforeEach(() => {
  archive = new MemoryArchive();
});
const claim = (workflowId: string, ...numbers: [string, ...string[]]) =>
  claimImporterNumbers(archive, keys, application(...numbers), workflowId);

test('an application that is refused one number keeps none of the others', async () => {
  await claim('onboarding-acme', '13-345678900');
  expect(await claim('onboarding-other', '12-345678900', '13-345678900')).toMatchObject({
    importerNumber: '13-345678900',
  });
  expect(await claim('onboarding-third', '12-345678900')).toBeUndefined();
});

test('rounds of one client share its numbers; another reference with the same beginning does not', async () => {
  await claim('onboarding-acme', '12-345678900');
  expect(await claim('onboarding-acme.2', '12-345678900')).toBeUndefined();
  expect(await claim('onboarding-acme.12', '12-345678900')).toBeUndefined();
  expect(await claim('onboarding-acme-2', '12-345678900')).toBeDefined();
});

test('an onboarding releases only its own numbers', async () => {
  await claim('onboarding-acme', '12-345678900');
  await claim('onboarding-other', '13-345678900');
  const given = application('12-345678900', '13-345678900', '14-345678900');
  await releaseImporterNumbers(archive, keys, given, 'onboarding-acme');
  expect(await claim('onboarding-third', '12-345678900')).toBeUndefined();
  expect(await claim('onboarding-third', '13-345678900')).toBeDefined();
});
