import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeImporterKeys, openImporterKeys } from '../../../src/archive/importer-key.js';
import { MemoryArchive } from '../../support/memory-archive.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'importer-key-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

it('a number always has the same key for the same secret, even after restarts', async () => {
  const file = join(dir, 'deep', 'importer-key');
  const before = (await makeImporterKeys(file, new MemoryArchive())).keyOf('12-345678900');
  const after = (await makeImporterKeys(file, new MemoryArchive())).keyOf('12-345678900');
  expect(after).toBe(before);
  expect(before).toMatch(/^[A-Z2-7]{26}$/);
});

it('keys are HMAC-SHA256 in base32, so that another implementation can compute them', async () => {
  const file = join(dir, 'importer-key');
  await writeFile(file, '00'.repeat(32));
  // python3: base64.b32encode(hmac.new(bytes(32), b"12-345678900", "sha256").digest())[:26]
  expect((await makeImporterKeys(file, new MemoryArchive())).keyOf('12-345678900')).toBe('N5D7D2IL4564R5Z4KCMR4WLRLO');
});

it('another number, another suffix, or another secret gives another key', async () => {
  const one = await makeImporterKeys(join(dir, 'one'), new MemoryArchive());
  const other = await makeImporterKeys(join(dir, 'other'), new MemoryArchive());
  const keys = [one.keyOf('12-345678900'), one.keyOf('12-3456789A1'), other.keyOf('12-345678900')];
  expect(new Set(keys).size).toBe(3);
});

it('no other user can read the secret', async () => {
  const file = join(dir, 'importer-key');
  await makeImporterKeys(file, new MemoryArchive());
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('workers that start at the same time agree on one secret', async () => {
  const all = await Promise.all(
    Array.from({ length: 30 }, () => makeImporterKeys(join(dir, 'importer-key'), new MemoryArchive())),
  );
  expect(new Set(all.map((keys) => keys.keyOf('061234-12345'))).size).toBe(1);
});

it('a damaged secret is refused and never replaced', async () => {
  const file = join(dir, 'importer-key');
  await writeFile(file, 'oops');
  await expect(makeImporterKeys(file, new MemoryArchive())).rejects.toMatchObject({ code: 'importer-key-unusable' });
  expect(await readFile(file, 'utf8')).toBe('oops');
});

it('a second machine with another secret, or none, is refused, because it would claim every number again', async () => {
  const archive = new MemoryArchive();
  await makeImporterKeys(join(dir, 'first'), archive);
  await makeImporterKeys(join(dir, 'first'), archive);
  await expect(makeImporterKeys(join(dir, 'second'), archive)).rejects.toThrow(/Copy it/);
  await writeFile(join(dir, 'second'), '00'.repeat(32));
  await expect(makeImporterKeys(join(dir, 'second'), archive)).rejects.toThrow(/that the other workers use/);
  await writeFile(join(dir, 'second'), await readFile(join(dir, 'first')));
  await makeImporterKeys(join(dir, 'second'), archive);
});

it('a client reads the secret that a worker created, and never creates one', async () => {
  const archive = new MemoryArchive();
  const file = join(dir, 'deep', 'importer-key');
  const made = await makeImporterKeys(join(dir, 'first'), archive);
  await expect(openImporterKeys(file, archive)).rejects.toThrow(/Copy it/);
  await expect(stat(join(dir, 'deep'))).rejects.toThrow('ENOENT');
  const opened = await openImporterKeys(join(dir, 'first'), archive);
  expect(opened.keyOf('12-345678900')).toBe(made.keyOf('12-345678900'));
  await writeFile(join(dir, 'second'), '00'.repeat(32));
  await expect(openImporterKeys(join(dir, 'second'), archive)).rejects.toThrow(
    /is not the one that this archive's claims were made with/,
  );
});
