import { expect, test } from 'vitest';
import { indexCase, restoreIndex } from '../../../src/archive/index-case.js';
import { aliasIndex, importerIndex } from '../../../src/archive/records.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { sampleApplication } from '../application/sample.js';

const keys = { keyOf: (number: string) => `key-of-${number}` };
const opened = {
  workflowId: 'onboarding-maple-imports',
  reference: 'maple-imports',
  aliases: { cbp: 'aaaaaaaaaaaaaaaa', client: 'bbbbbbbbbbbbbbbb' },
};
const application = { ...sampleApplication(), furtherImporterNumbers: ['13-345678900'] };
const entriesOf = ({ workflowId }: typeof opened) => [
  aliasIndex.key('aaaaaaaaaaaaaaaa'),
  aliasIndex.key('bbbbbbbbbbbbbbbb'),
  importerIndex.key('key-of-12-345678900', workflowId),
  importerIndex.key('key-of-13-345678900', workflowId),
];

test('incoming mail can find a case by both reply aliases and every importer number', async () => {
  const archive = new MemoryArchive();
  await indexCase(archive, keys, opened, application);
  expect([...archive.records.keys()].sort()).toEqual(entriesOf(opened).sort());
});

test('a correction changes the company name in the index', async () => {
  const archive = new MemoryArchive();
  await indexCase(archive, keys, opened, application);
  const company = { ...application.company, legalName: 'Maple Trading LLC' };
  await indexCase(archive, keys, opened, { ...application, company });
  const [, , entry = ''] = entriesOf(opened);
  expect(await archive.readRecord(entry)).toMatchObject({ company: 'Maple Trading LLC' });
});

test.each(entriesOf(opened))('a case that lost %s is indexed again', async (lost) => {
  const archive = new MemoryArchive();
  await indexCase(archive, keys, opened, application);
  const complete = new Map(archive.records);
  await archive.removeRecord(lost);
  await restoreIndex(archive, keys, opened, application);
  expect(archive.records).toEqual(complete);
});

test('an email about data from before a correction leaves the corrected index alone', async () => {
  const archive = new MemoryArchive();
  const company = { ...application.company, legalName: 'Maple Trading LLC' };
  await indexCase(archive, keys, opened, { ...application, company });
  const corrected = new Map(archive.records);
  await restoreIndex(archive, keys, opened, application);
  expect(archive.records).toEqual(corrected);
});
