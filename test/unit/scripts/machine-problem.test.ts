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
  ])('is recognized in: %s', (said) => {
    expect(fullDiskIn(`one line\n${said}\nanother`)).toBe(said);
  });

  test.each([
    'error TS2322: Type is not assignable',
    'listen EACCES: permission denied 127.0.0.1:80',
    'git@example.com: Permission denied (publickey)',
    "EROFS: read-only file system, mkdir '/mnt/data'",
  ])('is not recognized in: %s', async (said) => {
    expect(await machineProblem(new Error(said), temporaryFolder('disk'))).toBeUndefined();
  });

  test('is reported no matter what the failed program printed', async () => {
    expect(await machineProblem(new Error('panic: runtime error'), '/run', async () => true)).toBe(
      'The disk with /run is full. Free some space, and start again.',
    );
  });

  test('elsewhere is reported in the words of the program', async () => {
    expect(await machineProblem(new Error('go: write /tmp/b: no space left on device'), temporaryFolder('disk'))).toBe(
      'A disk is full: go: write /tmp/b: no space left on device. Free some space there, and start again.',
    );
  });

  test('is detected by writing, which leaves nothing behind', async () => {
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
])('a place that cannot be used because of %s is named, with the reason and what to do', async (code, why) => {
  const error = Object.assign(new Error(`${code}: …, mkdir '/mnt/data'`), { code, path: '/mnt/data' });
  expect(await machineProblem(error, temporaryFolder('disk'))).toBe(
    `/mnt/data can't be used: ${why}. Change that or choose another place, and start again.`,
  );
});

describe('set-up', () => {
  const disk = { bsize: 4096, blocks: 1_000_000 };
  test('refuses a disk with too little space, and says how much it has and needs', () => {
    expect(() => requireSpace(800, { ...disk, bavail: 100_000 })).toThrow(
      /^The disk with .+ has 409 MB left, but 800 MB are needed\. Free some space/,
    );
  });
  test('accepts a disk with enough space, and one of unknown size', () => {
    expect(() => requireSpace(800, { ...disk, bavail: 200_000 })).not.toThrow();
    expect(() => requireSpace(800, { bsize: 4096, blocks: 0, bavail: 0 })).not.toThrow();
  });
});
