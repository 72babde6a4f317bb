import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startWorkerProcess, type WorkerProcess } from '../../../../simulator/worker/worker-process.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

let worker: WorkerProcess | undefined;
afterEach(() => worker?.stop());

describe('the worker process', () => {
  it('is restarted when it is killed, and ends for good when it is stopped', async () => {
    const { logFile } = start('console.log("up", process.pid); setInterval(() => {}, 1000)');
    await vi.waitFor(() => expect(pids(logFile)).toHaveLength(1));
    worker?.kill();
    await vi.waitFor(() => expect(pids(logFile)).toHaveLength(2), 5_000);
    await worker?.stop();
    for (const pid of pids(logFile)) expect(() => process.kill(pid, 0)).toThrow();
    expect(worker?.starts).toBe(2);
  });

  it('is given up with its last log line when it keeps dying', async () => {
    const { givenUp } = start('console.error("SMTP_HOST is not set."); process.exit(1)');
    expect((await givenUp).message).toMatch(/ended 3 times, the last time with 1[\s\S]*SMTP_HOST is not set/);
  });

  it('is given up when something else keeps killing it, such as a system that is out of memory', async () => {
    const { givenUp } = start("process.kill(process.pid, 'SIGKILL')");
    expect((await givenUp).message).toMatch(/ended 3 times, the last time with SIGKILL/);
  });

  it('may be killed by us any number of times', async () => {
    const { logFile, givenUp } = start('console.log("up", process.pid); setInterval(() => {}, 1000)');
    for (let times = 1; times <= 5; times++) {
      await vi.waitFor(() => expect(pids(logFile)).toHaveLength(times), 5_000);
      worker?.kill();
    }
    await vi.waitFor(() => expect(pids(logFile)).toHaveLength(6), 5_000);
    expect(await Promise.race([givenUp, 'never'])).toBe('never');
  });
});

function start(script: string) {
  const logFile = join(temporaryFolder('worker-process'), 'worker.log');
  const givenUp = new Promise<Error>((resolve) => {
    worker = startWorkerProcess({
      command: ['-e', script],
      env: process.env,
      cwd: process.cwd(),
      logFile,
      onGivenUp: resolve,
    });
  });
  return { logFile, givenUp };
}

function pids(logFile: string): number[] {
  return [...readFileSync(logFile, 'utf8').matchAll(/up (\d+)/g)].map(([, pid]) => Number(pid));
}
