import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { supervised } from '../../support/cluster/product.mjs';
import { temporaryFolder } from '../../support/temporary-folder.js';

test('a process that is told to stop during a restart does not keep running', async () => {
  const folder = temporaryFolder('supervised');
  const started = path.join(folder, 'started');
  const pids = () => (existsSync(started) ? readFileSync(started, 'utf8').trim().split('\n').map(Number) : []);
  let isReady = (count: number) => count > 0;
  const kept = await supervised({
    name: 'The test',
    args: ['-e', "require('node:fs').appendFileSync('started', process.pid + '\\n'); setInterval(() => {}, 1000)"],
    cwd: folder,
    logFile: path.join(folder, 'log'),
    env: process.env,
    ready: async () => {
      if (!isReady(pids().length)) throw new Error('not yet');
    },
  });
  isReady = () => false;
  process.kill(kept.pid, 'SIGKILL');
  await expect.poll(() => pids().length).toBe(2);
  const stopped = kept.stop();
  isReady = () => true;
  await stopped;
  expect(() => process.kill(pids()[1] ?? 0, 0)).toThrow('ESRCH');
});
