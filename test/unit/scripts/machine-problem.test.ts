import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fullDiskIn, isDiskFull, machineProblem } from '../../../scripts/machine-problem.mjs';
import { requireSpace } from '../../../scripts/setup.mjs';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('a full disk', () => {
  test.each([
    'ENOSPC: no space left on device, write',
    'Unknown system error -122: Unknown system error -122, write',
    'npm error code EDQUOT',
    'failed setting up schema: database or disk is full (13)',
    'write /tmp/go-build1/b: no space left on device',
  ])('is known by its words: %s', (said) => {
    expect(fullDiskIn(`one line\n${said}\nanother`)).toBe(said);
  });

  test.each([
    'error TS2322: Type is not assignable',
    'listen EACCES: permission denied 127.0.0.1:80',
    'git@example.com: Permission denied (publickey)',
    "EROFS: read-only file system, mkdir '/mnt/data'",
  ])('is not behind other words: %s', async (said) => {
    expect(await machineProblem(new Error(said), temporaryFolder('disk'))).toBeUndefined();
  });

  test('is said whatever a program said that failed on it', async () => {
    expect(await machineProblem(new Error('panic: runtime error'), '/run', async () => true)).toBe(
      'The disk with /run is full. Free some space, and start again.',
    );
  });

  test('elsewhere than in the folder is said as the program said it', async () => {
    expect(await machineProblem(new Error('go: write /tmp/b: no space left on device'), temporaryFolder('disk'))).toBe(
      'A disk is full: go: write /tmp/b: no space left on device. Free some space there, and start again.',
    );
  });

  test('is looked for by writing, which leaves nothing behind', async () => {
    const folder = temporaryFolder('disk');
    expect(await isDiskFull(folder)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    const missing = path.join(folder, 'missing');
    expect(await isDiskFull(missing)).toBe(false);
    expect(existsSync(missing)).toBe(false);
  });
});

test.each([
  ['EACCES', 'no permission'],
  ['EROFS', 'the file system is read-only'],
  ['EEXIST', 'it is a file, not a folder'],
])('a place that can not be used for %s is named with why and what to do', async (code, why) => {
  const error = Object.assign(new Error(`${code}: …, mkdir '/mnt/data'`), { code, path: '/mnt/data' });
  expect(await machineProblem(error, temporaryFolder('disk'))).toBe(
    `/mnt/data can't be used: ${why}. Change that or choose another place, and start again.`,
  );
});

describe('set-up', () => {
  const disk = { bsize: 4096, blocks: 1_000_000 };
  test('refuses a disk with too little space, with how much it has and how much it takes', () => {
    expect(() => requireSpace(800, { ...disk, bavail: 100_000 })).toThrow(
      /^The disk with .+ has 409 MB left, and 800 MB are needed\. Free some space/,
    );
  });
  test('takes one with enough, and one that does not know its size', () => {
    expect(() => requireSpace(800, { ...disk, bavail: 200_000 })).not.toThrow();
    expect(() => requireSpace(800, { bsize: 4096, blocks: 0, bavail: 0 })).not.toThrow();
  });
});
