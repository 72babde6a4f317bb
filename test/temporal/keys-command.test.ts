import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DevServer } from '../../simulator/dev-server/dev-server.js';
import { makeArchive, openArchive } from '../../src/archive/open-archive.js';
import { main } from '../../src/cli/main.js';
import { newKey } from '../../src/encryption/keyring.js';
import { connect, startOnboarding } from '../support/parked-onboardings.js';
import { startDevServer } from '../support/temporal-dev-server.js';
import { keyringOf } from '../unit/encryption/keyring-of.js';

const [old, fresh] = [newKey(), newKey()];
const idOf = (key: string) => keyringOf(key).writingId;
let folder: string;
let server: DevServer;

beforeAll(async () => {
  // A separate server, because the command searches every history in it.
  server = await startDevServer();
  folder = await mkdtemp(path.join(tmpdir(), 'ace-keys-'));
  vi.stubEnv('TEMPORAL_ADDRESS', server.address);
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function keys(...args: string[]): Promise<{ exitCode: number; out: string; said: string }> {
  const [out, said] = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const stream of [out, said]) stream.mockReturnValue(true);
  try {
    const exitCode = await main(['keys', ...args]);
    const text = (stream: typeof out) => stream.mock.calls.map(([chunk]) => String(chunk)).join('');
    return { exitCode, out: text(out), said: text(said) };
  } finally {
    for (const stream of [out, said]) stream.mockRestore();
  }
}

test('a key can be removed only when neither archive nor histories need it, and data stays readable throughout', async () => {
  const archiveDir = path.join(folder, 'archive');
  const importerKeyFile = path.join(folder, 'importer-key');
  const before = await makeArchive({ archiveDir, importerKeyFile, encryptionKeys: keyringOf(old) });
  const { sha256 } = await before.archive.putDocument(Buffer.from('a form'));
  await before.archive.createRecord('onboardings/acme', { reference: 'acme' });
  const { client, connection } = await connect(server.address, before.encryption);
  const parked = await startOnboarding(client, 'nobody-works-here', 'acme');

  vi.stubEnv('ENCRYPTION_KEYS', `${fresh},${old}`);
  expect(await keys('retire', idOf(old))).toMatchObject({
    exitCode: 5,
    said: expect.stringContaining('no worker has, so workers could not read'),
  });
  await makeArchive({ archiveDir, importerKeyFile, encryptionKeys: keyringOf(fresh, old) });
  expect(await keys('retire', idOf(fresh))).toMatchObject({
    exitCode: 4,
    said: expect.stringContaining('the key that encrypts'),
  });
  expect(await keys('retire', 'k-000000000000')).toMatchObject({ exitCode: 3 });
  expect(await keys('retire', idOf(old))).toMatchObject({
    exitCode: 6,
    said: expect.stringMatching(/4 documents and records of the archive .* run: ace-onboarding keys reencrypt/),
  });

  expect(JSON.parse((await keys('reencrypt', '--json')).out)).toEqual({
    key: idOf(fresh),
    documents: 1,
    records: 3,
    changed: 4,
  });
  expect(JSON.parse((await keys('reencrypt', '--json')).out)).toMatchObject({ changed: 0 });
  const needed = await keys('retire', idOf(old), '--json');
  expect(needed.exitCode).toBe(6);
  expect(JSON.parse(needed.out)).toEqual({ keyId: idOf(old), retired: false, workflows: ['onboarding-acme'] });

  await parked.terminate();
  await client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: parked.workflowId },
  });
  await expect.poll(async () => (await keys('retire', idOf(old))).exitCode, { timeout: 30_000, interval: 300 }).toBe(0);
  await connection.close();
  expect((await keys('list')).out).toMatch(new RegExp(`${idOf(fresh)} +writes and reads.*\n${idOf(old)} +reads`));

  vi.stubEnv('ENCRYPTION_KEYS', fresh);
  expect((await keys('list')).out).toMatch(new RegExp(`${idOf(old)} +retired `));
  const { archive, missingKeys } = await openArchive({ archiveDir, encryptionKeys: keyringOf(fresh) });
  expect(missingKeys).toEqual([]);
  expect(Buffer.from(await archive.getDocument(sha256)).toString()).toBe('a form');
  expect(await archive.readRecord('onboardings/acme')).toEqual({ reference: 'acme' });
});

test('unencrypted data from before there were keys is encrypted only on request', async () => {
  const archiveDir = path.join(folder, 'in-clear');
  const { archive } = await makeArchive({ archiveDir, importerKeyFile: path.join(folder, 'importer-key-in-clear') });
  await archive.createRecord('onboardings/acme', { reference: 'acme' });
  vi.stubEnv('ARCHIVE_DIR', archiveDir);
  vi.stubEnv('ENCRYPTION_KEYS', '');
  expect(await keys('reencrypt')).toMatchObject({ exitCode: 2, said: expect.stringContaining('no key to encrypt') });
  vi.stubEnv('ENCRYPTION_KEYS', fresh);
  expect(await keys('reencrypt')).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('reencrypt --take-up-plain'),
  });
  expect((await keys('reencrypt', '--take-up-plain')).exitCode).toBe(0);
  const opened = await openArchive({ archiveDir, encryptionKeys: keyringOf(fresh) });
  expect(await opened.archive.readRecord('onboardings/acme')).toEqual({ reference: 'acme' });
});
