import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { diskProblem, machineProblem } from '../../../scripts/machine-problem.mjs';
import { temporaryFolder } from '../../temporary-folder.js';

test.each([
  ['ENOSPC: no space left on device, write', 'The disk with /run is full. Free some space, and start again.'],
  ['npm error errno EDQUOT', 'The disk with /run is full. Free some space, and start again.'],
  [
    'failed setting up schema: database or disk is full (13)',
    'The disk with /run is full. Free some space, and start again.',
  ],
  [
    "EROFS: read-only file system, mkdir '/mnt/data'",
    'The disk with /mnt/data is read-only. Make it writable, and start again.',
  ],
  [
    "EACCES: permission denied, open '/home/jo/it'",
    'Permission to write to /home/jo/it is missing. Change its owner or its permissions, and start again.',
  ],
  [
    "It can't be built: write /run/temporal: no space left on device. It's done.",
    'The disk with /run is full. Free some space, and start again.',
  ],
])('%s', (said, line) => {
  expect(machineProblem(said, '/run')).toBe(line);
});

test('other words say nothing about the machine', () => {
  expect(machineProblem('error TS2322: Type is not assignable', '/run')).toBeUndefined();
});

test('a disk that takes data has no problem, and keeps nothing of the attempt', async () => {
  const folder = temporaryFolder('disk');
  expect(await diskProblem(folder)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
  const missing = path.join(folder, 'missing');
  expect(await diskProblem(missing)).toBeUndefined();
  expect(existsSync(missing)).toBe(false);
});
