import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test, vi } from 'vitest';
import { createApplicationActivities, type FilledOrRefused } from '../../../src/activities/prepare-application.js';
import { canonical } from '../../../src/application/canonical.js';
import { sha256Of } from '../../../src/archive/archive-names.js';
import { onboardings, read } from '../../../src/archive/records.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { POLICY } from '../../support/usual-policy.js';
import { sampleApplication } from '../application/sample.js';
import { anOutgoingCase } from '../mail/outgoing/outgoing-case.js';

const keys = { keyOf: (number: string) => `key-of-${number}` };
const WORKFLOW = 'onboarding-maple-imports';

async function prepare(
  archive: MemoryArchive,
  application = sampleApplication(),
  workflowId = WORKFLOW,
  { languages = ['en'], now = new Date(), filler = aFiller(), warn = vi.fn() } = {},
) {
  const { prepareApplication } = createApplicationActivities({
    languages: () => languages,
    ...{ archive, importerKeys: keys, companyInSearchAttributes: true, brokerDomains: [], policy: POLICY },
    now: () => now,
    filler,
  });
  const environment = new MockActivityEnvironment(
    { workflowExecution: { workflowId, runId: 'run' } },
    { logger: { ...QUIET, warn } },
  );
  return await environment.run(prepareApplication, { application, round: 1, attempt: 1, form: true });
}
const FORM = Buffer.from('form');
const QUIET = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Counts the forms it fills. Without a picture, it says why. */
function aFiller({ fingerprint = 'replica', picture = true } = {}) {
  const filler = {
    fingerprint,
    filled: 0,
    async fill(): Promise<FilledOrRefused> {
      filler.filled += 1;
      const form = { kind: 'filled', pdf: FORM, sha256: sha256Of(FORM), pages: 6, edition: 'replica' } as const;
      return { ...form, ...(picture ? { picture: Buffer.from('picture') } : { pictureProblem: 'no font' }) };
    },
  };
  return filler;
}

test('the worker archives an application as the document that the client archived', async () => {
  const archive = new MemoryArchive();
  const { sha256 } = await archive.putDocument(canonical(sampleApplication()));
  expect(await prepare(archive)).toMatchObject({ kind: 'ready', applicationSha256: sha256 });
  expect(archive.documents.size).toBe(3);
});

test('a worker records a correction once it is checked, for searches, letters, and repeated starts', async () => {
  const archive = new MemoryArchive();
  const first = sampleApplication();
  const started = {
    reference: first.reference,
    workflowId: WORKFLOW,
    round: 1,
    state: 'started',
    startedAt: '',
  } as const;
  const applicationSha256 = sha256Of(canonical(first));
  const record = () => read(archive, onboardings, first.reference);
  await archive.createRecord(onboardings.key(first.reference), { ...started, applicationSha256 });
  await prepare(archive, first);
  expect(await record()).toEqual({ ...started, applicationSha256 });
  const corrected = { ...first, company: { ...first.company, legalName: 'Maple Imports Inc.' } };
  await prepare(archive, { ...corrected, importerNumber: '12-3' });
  await prepare(archive, corrected, `${WORKFLOW}.2`);
  expect(await record()).toEqual({ ...started, applicationSha256 });
  await prepare(archive, corrected);
  expect(await record()).toEqual({ ...started, applicationSha256, correctedSha256: sha256Of(canonical(corrected)) });
  await prepare(archive, first);
  expect(await record()).toEqual({ ...started, applicationSha256, correctedSha256: applicationSha256 });
});

test('a worker checks an application that was started without the client, and claims its numbers', async () => {
  const archive = new MemoryArchive();
  const invalid = { ...sampleApplication(), importerNumber: '12-3' };
  expect(await prepare(archive, invalid)).toMatchObject({ kind: 'refused', why: 'application-refused' });
  await prepare(archive);
  const other = { ...sampleApplication(), reference: 'other' };
  expect(await prepare(archive, other, 'onboarding-other')).toMatchObject({ why: 'importer-number-taken' });
});

test('an application in a language without templates is refused before its number is claimed', async () => {
  const archive = new MemoryArchive();
  expect(await prepare(archive, sampleApplication(), WORKFLOW, { languages: ['es', 'fr'] })).toMatchObject({
    kind: 'refused',
    why: 'application-refused',
    complaints: [
      { field: 'language', problem: expect.stringContaining('"en"'), remedy: expect.stringContaining('es, fr') },
    ],
  });
  expect([...archive.records.keys()]).toEqual([]);
});

test('the clock of the case gets the client’s time zone, and the alarm of the refund’s last day', async () => {
  const { company, ...rest } = sampleApplication();
  const inBoise = { ...company, address: { ...company.address, country: 'US', state: 'ID', postalCode: '83702' } };
  const application = { ...rest, company: inBoise, refundDeadline: '2027-01-15' };
  const now = new Date('2026-12-01T15:00:00Z');
  expect(await prepare(new MemoryArchive(), application, WORKFLOW, { now })).toMatchObject({
    timeZone: 'America/Boise',
    refundAlarm: { name: 'refund', at: '2026-12-24T13:00:00.000Z' },
  });
  const { refundDeadline: _, ...without } = application;
  expect(await prepare(new MemoryArchive(), without)).not.toHaveProperty('refundAlarm');
});

test('preparing again keeps the reply aliases and the index entries', async () => {
  const archive = new MemoryArchive();
  await prepare(archive);
  const kept = () => [...archive.records].filter(([key]) => /^(cases|index|claims)\//.test(key));
  const first = kept();
  expect(first).toHaveLength(5);
  await prepare(archive);
  expect(kept()).toEqual(first);
});

test('before an email is sent, its case is in the index', async () => {
  const closedPort = 1;
  const { archive, activities, notice } = await anOutgoingCase(closedPort);
  await expect(activities.sendNotice(notice())).rejects.toThrow();
  const keysOf = async (prefix: string) => {
    const found: string[] = [];
    for await (const key of archive.listRecords(prefix)) found.push(key);
    return found;
  };
  expect(await keysOf('index/alias/')).toHaveLength(2);
  expect(await keysOf('index/importer/')).toHaveLength(2);
});

describe('a form on record', () => {
  test('is used again when an attempt begins again, and its documents get no second owner', async () => {
    const archive = new MemoryArchive();
    const filler = aFiller();
    const first = await prepare(archive, sampleApplication(), WORKFLOW, { filler });
    const records = [...archive.records.keys()];
    expect(await prepare(archive, sampleApplication(), WORKFLOW, { filler })).toEqual(first);
    expect(first).toMatchObject({ form: { sha256: sha256Of(FORM), preview: sha256Of(Buffer.from('picture')) } });
    expect(filler.filled).toBe(1);
    expect([...archive.records.keys()]).toEqual(records);
  });

  test.each([
    ['a changed application', { ...sampleApplication(), handler: 'desk-2' }, 'replica'],
    ['a changed form, map, or product', sampleApplication(), 'next'],
  ])('is not used for %s', async (_, application, fingerprint) => {
    const archive = new MemoryArchive();
    await prepare(archive);
    // As the client does with a correction.
    await archive.putDocument(canonical(application));
    const filler = aFiller({ fingerprint });
    expect(await prepare(archive, application, WORKFLOW, { filler })).toMatchObject({ kind: 'ready' });
    expect(filler.filled).toBe(1);
  });

  test.each(['application', 'form', 'picture'])(
    'is not used when its %s is missing from the archive',
    async (which) => {
      const archive = new MemoryArchive();
      const [application = '', form = '', picture = ''] = [
        canonical(sampleApplication()),
        FORM,
        Buffer.from('picture'),
      ].map(sha256Of);
      await prepare(archive);
      await archive.removeDocument({ application, form, picture }[which] ?? '');
      const filler = aFiller();
      await prepare(archive, sampleApplication(), WORKFLOW, { filler });
      expect(filler.filled).toBe(1);
      expect(archive.documents.size).toBe(3);
    },
  );

  test('is not used when its record is damaged', async () => {
    const archive = new MemoryArchive();
    await prepare(archive);
    await archive.replaceRecord(`fills/${WORKFLOW}`, { fingerprint: 'replica' });
    const filler = aFiller();
    await prepare(archive, sampleApplication(), WORKFLOW, { filler });
    expect(filler.filled).toBe(1);
  });

  test('is not on record before its documents are in the archive', async () => {
    const archive = new MemoryArchive();
    const full = Object.assign(Object.create(archive) as MemoryArchive, {
      putDocument: async () => {
        throw new Error('the disk is full');
      },
    });
    await expect(prepare(full)).rejects.toThrow('the disk is full');
    expect([...archive.records.keys()].filter((key) => key.startsWith('fills/'))).toEqual([]);
  });

  test('counts without a picture, and the log says why', async () => {
    const archive = new MemoryArchive();
    const filler = aFiller({ picture: false });
    const warn = vi.fn();
    const first = await prepare(archive, sampleApplication(), WORKFLOW, { filler, warn });
    expect(warn).toHaveBeenCalledWith('no picture of the form', expect.objectContaining({ error: 'no font' }));
    expect(first).toMatchObject({ kind: 'ready', form: { sha256: sha256Of(FORM) } });
    expect(first).not.toHaveProperty('form.preview');
    expect(await prepare(archive, sampleApplication(), WORKFLOW, { filler })).toEqual(first);
    expect(filler.filled).toBe(1);
  });
});
