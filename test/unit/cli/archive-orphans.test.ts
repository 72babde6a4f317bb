import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { documentPath } from '../../../src/archive/archive-names.js';
import { makeArchive } from '../../../src/archive/open-archive.js';
import { main } from '../../../src/cli/main.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { EXIT } from '../../../src/process/output.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { hear } from './heard.js';

const heard = hear();

/** `archive orphans`: what it lists, and what it deletes. */

let dir: string;
let archive: Awaited<ReturnType<typeof makeArchive>>['archive'];
beforeEach(async () => {
  const folder = temporaryFolder('orphans');
  dir = path.join(folder, 'archive');
  vi.stubEnv('ARCHIVE_DIR', dir);
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
  ({ archive } = await makeArchive(readClientConfig()));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const put = async (text: string) => (await archive.putDocument(Buffer.from(text))).sha256;
async function age(sha256: string, hours: number): Promise<void> {
  const then = new Date(Date.now() - hours * 3_600_000);
  await utimes(path.join(dir, documentPath(sha256)), then, then);
}

test('an archive in which every document has an owner has no orphans', async () => {
  await archive.createRecord('something/1', { sha256: await put('owned') });
  expect(await main(['archive', 'orphans', '--remove'])).toBe(EXIT.ok);
  expect(heard.out).toBe('Every document in the archive has an owner.\n');
});

test('a document without an owner is listed with its size, its date and how to remove it', async () => {
  const sha256 = await put('nobody’s');
  expect(await main(['archive', 'orphans'])).toBe(EXIT.findings);
  expect(heard.out).toContain('Documents without an owner: 1, 10 bytes.');
  expect(heard.out).toMatch(new RegExp(`${sha256}, 10 bytes, stored \\d{4}-\\d\\d-\\d\\dT`));
  expect(heard.out).toContain('ace-onboarding archive orphans --remove');
  expect(Buffer.from(await archive.getDocument(sha256)).toString()).toBe('nobody’s');
});

test('documents older than a day are removed, younger ones are kept', async () => {
  const [old, young] = [await put('old'), await put('young')];
  await age(old, 25);
  await age(young, 23);
  expect(await main(['archive', 'orphans', '--remove', '--json'])).toBe(EXIT.findings);
  const { orphans } = JSON.parse(heard.out) as { orphans: { name: string; bytes: number; removed: boolean }[] };
  expect(orphans).toMatchObject([
    { name: old, bytes: 3, removed: true },
    { name: young, bytes: 5, removed: false },
  ]);
  await expect(archive.getDocument(old)).rejects.toMatchObject({ code: 'document-missing' });
  await age(young, 25);
  expect(await main(['archive', 'orphans', '--remove'])).toBe(EXIT.ok);
});

test('nothing is listed or removed while a record cannot be read', async () => {
  const sha256 = await put('perhaps owned');
  await age(sha256, 25);
  await archive.createRecord('something/1', {});
  await writeFile(path.join(dir, 'records', 'something', '1'), '{"half');
  expect(await main(['archive', 'orphans', '--remove'])).toBe(EXIT.failed);
  expect(heard.said).toContain('Restore it from a backup');
  await archive.getDocument(sha256);
});
