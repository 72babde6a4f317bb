import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addKey, makeKeyFile } from '../../../src/encryption/key-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ace-key-file-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const keysIn = async (file: string) =>
  (await readFile(file, 'utf8')).split('\n').flatMap((line) => line.split(' #')[0] || []);

test('a key file stays private to its owner when keys are added, and keeps the order of its keys', async () => {
  const file = path.join(folder, 'below', 'keys');
  await makeKeyFile(file);
  await makeKeyFile(file);
  const first = await keysIn(file);
  expect(first).toHaveLength(1);
  await addKey(file, 'for reading');
  const second = await keysIn(file);
  await addKey(file, 'for writing');
  const third = await keysIn(file);
  expect([second.slice(0, 1), third.slice(1)]).toEqual([first, second]);
  expect(await readFile(file, 'utf8')).not.toContain('\n\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test.each([
  ['ends without a line break', 'a-key # made long ago', ['a-key']],
  ['is empty', '', []],
])('a key added to a file that %s gets its own line', async (_, written, present) => {
  for (const place of ['for reading', 'for writing'] as const) {
    const file = path.join(folder, `${present.length} ${place}`);
    await writeFile(file, written);
    await addKey(file, place);
    const keys = await keysIn(file);
    expect(keys).toHaveLength(present.length + 1);
    expect(place === 'for writing' ? keys.slice(1) : keys.slice(0, -1)).toEqual(present);
    expect(await readFile(file, 'utf8')).not.toMatch(/^\n/);
  }
});
