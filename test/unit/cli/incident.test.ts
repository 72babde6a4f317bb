import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Archive } from '../../../src/archive/archive.js';
import { claimImporterNumbers } from '../../../src/archive/claim-importer-numbers.js';
import type { ImporterKeys } from '../../../src/archive/importer-key.js';
import { makeArchive } from '../../../src/archive/open-archive.js';
import { onboardings } from '../../../src/archive/records.js';
import { main } from '../../../src/cli/main.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { forgotten } from '../../../src/onboardings/forget.js';
import { sampleApplication } from '../../temporal/onboarding/sample-application.js';
import { keyringOf } from '../encryption/keyring-of.js';

const BREACH = '2026-12-03T17:00:00-05:00';
const key = newKey();
let folder: string;
let archive: Archive & { removeDocument(sha256: string): Promise<void> };
let importerKeys: ImporterKeys;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ace-incident-'));
  const archiveDir = path.join(folder, 'archive');
  vi.stubEnv('ARCHIVE_DIR', archiveDir);
  vi.stubEnv('ENCRYPTION_KEYS', key);
  const importerKeyFile = path.join(folder, 'importer-key');
  vi.stubEnv('IMPORTER_KEY_FILE', importerKeyFile);
  ({ archive, importerKeys } = await makeArchive({ archiveDir, importerKeyFile, encryptionKeys: keyringOf(key) }));
  await started('later', '2026-12-04T09:00:00.000Z', '07-000000300');
  await started('second', '2026-12-03T21:59:00.000Z', '07-000000200', ['07-000000201']);
  await started('first', '2026-11-01T09:00:00.000Z', '07-000000100');
  await archive.removeDocument(await started('gone', '2026-10-01T09:00:00.000Z', '07-000000400'));
  const order = { reference: 'gone', at: '2026-10-02T09:00:00.000Z', actors: ['a', 'b'], reason: 'test' };
  await archive.createRecord(forgotten.key('gone'), order);
});

async function started(reference: string, startedAt: string, importerNumber: string, further: string[] = []) {
  const application = sampleApplication({ reference, importerNumber, furtherImporterNumbers: further });
  const { sha256 } = await archive.putDocument(Buffer.from(JSON.stringify(application)));
  const record = { reference, workflowId: `onboarding-${reference}`, round: 1, applicationSha256: sha256 };
  await archive.createRecord(onboardings.key(reference), { ...record, state: 'started', startedAt });
  await claimImporterNumbers(archive, importerKeys, application, record.workflowId);
  return sha256;
}

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function incidentList(...args: string[]): Promise<{ exitCode: number; out: string; said: string }> {
  const [out, said] = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const stream of [out, said]) stream.mockReturnValue(true);
  try {
    const exitCode = await main(['incident', 'list', ...args]);
    const text = (stream: typeof out) => stream.mock.calls.map(([chunk]) => String(chunk)).join('');
    return { exitCode, out: text(out), said: text(said) };
  } finally {
    for (const stream of [out, said]) stream.mockRestore();
  }
}

test('after a breach, every importer number stored by then is listed, oldest first, including those of corrected applications', async () => {
  const { exitCode, out, said } = await incidentList('--until', BREACH, '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toEqual({
    clients: [
      expect.objectContaining({ reference: 'first', importerNumbers: ['07-000000100'] }),
      expect.objectContaining({ reference: 'second', importerNumbers: ['07-000000200', '07-000000201'] }),
    ],
    unreadable: [{ reference: 'gone', why: 'forgotten' }],
  });
  expect(said).toContain('deleted with forget: gone');
});

test('the list for the report has a line per client: reference, company, numbers and start', async () => {
  const { out } = await incidentList('--reference', 'SECOND', 'later');
  expect(out.trimEnd().split('\n')).toEqual([
    'second\tLakeside Candles Inc.\t07-000000200, 07-000000201\t2026-12-03T21:59:00.000Z',
    'later\tLakeside Candles Inc.\t07-000000300\t2026-12-04T09:00:00.000Z',
  ]);
});

test('an invalid instant is refused before anything is printed', async () => {
  const { exitCode, out, said } = await incidentList('--until', 'Tuesday');
  expect(exitCode).toBe(2);
  expect(out).toBe('');
  expect(said).toContain('"Tuesday", which is not an instant such as');
});

test('an empty list names the archive, which may be the wrong one', async () => {
  const { exitCode, out } = await incidentList('--until', '2020-01-01T00:00:00Z');
  expect(exitCode).toBe(0);
  expect(out).toContain(`The archive ${process.env.ARCHIVE_DIR} has no clients to report.`);
});

test('an incomplete list says what is missing, and exits with an error', async () => {
  await archive.removeDocument(await started('lost', '2026-10-03T09:00:00.000Z', '07-000000500'));
  await started('corrected', '2026-10-04T09:00:00.000Z', '07-000000600');
  const correction = sampleApplication({ reference: 'corrected', importerNumber: '07-000000601' });
  await claimImporterNumbers(archive, importerKeys, correction, 'onboarding-corrected');
  const { exitCode, out, said } = await incidentList('--reference', 'lost', 'Corrected', 'first', 'misspelt', '--json');
  expect(exitCode).toBe(6);
  expect(JSON.parse(out).clients).toMatchObject([
    { reference: 'corrected', importerNumbers: ['07-000000600'], furtherNumbers: 1 },
    { reference: 'first' },
  ]);
  expect(said).toContain('lost is in the archive, but its application cannot be read');
  expect(said).toContain('corrected had 1 other number(s)');
  expect(said).toContain('misspelt is not in the archive');
  expect(said).not.toContain('forgotten');
});

test('with only a copy of the archive, lists what can be listed', async () => {
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'not-here'));
  const { exitCode, out, said } = await incidentList('--reference', 'first');
  expect(exitCode).toBe(6);
  expect(out).toContain('07-000000100');
  expect(said).toContain('not-here');
});
