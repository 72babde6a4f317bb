import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openImporterKeys } from '../../../src/archive/importer-key.js';
import { MemoryArchive } from '../../servers/memory-archive.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'importer-key-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

it('a number always has the same key under one secret, over restarts', async () => {
  const file = join(dir, 'deep', 'importer-key');
  const before = (await openImporterKeys(file)).keyOf('12-345678900');
  const after = (await openImporterKeys(file)).keyOf('12-345678900');
  expect(after).toBe(before);
  expect(before).toMatch(/^[A-Z2-7]{26}$/);
});

it('keys are HMAC-SHA256 in base32, so that another implementation can compute them', async () => {
  const file = join(dir, 'importer-key');
  await writeFile(file, '00'.repeat(32));
  // python3: base64.b32encode(hmac.new(bytes(32), b"12-345678900", "sha256").digest())[:26]
  expect((await openImporterKeys(file)).keyOf('12-345678900')).toBe('N5D7D2IL4564R5Z4KCMR4WLRLO');
});

it('another number, another suffix or another secret has another key', async () => {
  const one = await openImporterKeys(join(dir, 'one'));
  const other = await openImporterKeys(join(dir, 'other'));
  const keys = [one.keyOf('12-345678900'), one.keyOf('12-3456789A1'), other.keyOf('12-345678900')];
  expect(new Set(keys).size).toBe(3);
});

it('the secret can be read by nobody else', async () => {
  const file = join(dir, 'importer-key');
  await openImporterKeys(file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('workers that start at the same time agree on one secret', async () => {
  const all = await Promise.all(Array.from({ length: 30 }, () => openImporterKeys(join(dir, 'importer-key'))));
  expect(new Set(all.map((keys) => keys.keyOf('061234-12345'))).size).toBe(1);
});

it('a damaged secret is refused and never replaced', async () => {
  const file = join(dir, 'importer-key');
  await writeFile(file, 'oops');
  await expect(openImporterKeys(file)).rejects.toMatchObject({ code: 'importer-key-unusable' });
  expect(await readFile(file, 'utf8')).toBe('oops');
});

it('a second machine with another secret, or none, is refused, since it would claim every number again', async () => {
  const archive = new MemoryArchive();
  await openImporterKeys(join(dir, 'first'), archive);
  await openImporterKeys(join(dir, 'first'), archive);
  await expect(openImporterKeys(join(dir, 'second'), archive)).rejects.toThrow(/Copy it/);
  await writeFile(join(dir, 'second'), '00'.repeat(32));
  await expect(openImporterKeys(join(dir, 'second'), archive)).rejects.toThrow(/that the other workers have/);
  await writeFile(join(dir, 'second'), await readFile(join(dir, 'first')));
  await openImporterKeys(join(dir, 'second'), archive);
});
