import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openArchive } from '../../../src/archive/open-archive.js';
import { onboardings } from '../../../src/archive/records.js';
import { main } from '../../../src/cli/main.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { sampleApplication } from '../../temporal/onboarding/sample-application.js';
import { keyringOf } from '../encryption/keyring-of.js';

const BREACH = '2026-12-03T17:00:00-05:00';
const key = newKey();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ace-incident-'));
  const archiveDir = path.join(folder, 'archive');
  vi.stubEnv('ARCHIVE_DIR', archiveDir);
  vi.stubEnv('ENCRYPTION_KEYS', key);
  const { archive } = await openArchive({ archiveDir, encryptionKeys: keyringOf(key) });
  const started = async (reference: string, startedAt: string, importerNumber: string, further: string[] = []) => {
    const application = sampleApplication({ reference, importerNumber, furtherImporterNumbers: further });
    const { sha256 } = await archive.putDocument(Buffer.from(JSON.stringify(application)));
    const record = { reference, workflowId: `onboarding-${reference}`, round: 1, applicationSha256: sha256 };
    await archive.createRecord(onboardings.key(reference), { ...record, state: 'started', startedAt });
    return sha256;
  };
  await started('later', '2026-12-04T09:00:00.000Z', '07-000000300');
  await started('second', '2026-12-03T21:59:00.000Z', '07-000000200', ['07-000000201']);
  await started('first', '2026-11-01T09:00:00.000Z', '07-000000100');
  await archive.removeDocument(await started('gone', '2026-10-01T09:00:00.000Z', '07-000000400'));
});
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

test('after a breach every importer number that was here by then is listed, further ones too, oldest first', async () => {
  const { exitCode, out, said } = await incidentList('--until', BREACH, '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toEqual({
    clients: [
      expect.objectContaining({ reference: 'first', importerNumbers: ['07-000000100'] }),
      expect.objectContaining({ reference: 'second', importerNumbers: ['07-000000200', '07-000000201'] }),
    ],
    unreadable: ['gone'],
  });
  expect(said).toContain('forgotten: gone');
});

test('the list for the report is a line a client: reference, company, numbers, since when', async () => {
  const { out } = await incidentList('--reference', 'SECOND', 'later');
  expect(out.trimEnd().split('\n')).toEqual([
    'second\tLakeside Candles Inc.\t07-000000200, 07-000000201\t2026-12-03T21:59:00.000Z',
    'later\tLakeside Candles Inc.\t07-000000300\t2026-12-04T09:00:00.000Z',
  ]);
});

test('an instant that is none is refused before anything is printed', async () => {
  const { exitCode, out, said } = await incidentList('--until', 'Tuesday');
  expect(exitCode).toBe(2);
  expect(out).toBe('');
  expect(said).toContain('"Tuesday", which is not an instant such as');
});
