import { once } from 'node:events';
import { openSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { freePort } from '../../src/process/free-port.js';
import { CHECKOUT } from '../support/checkout.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { startWorker, workerSettings } from '../support/worker-process.js';

/** A worker whose output goes where nothing fits: what it says may get lost, what it does may not. */

const program = path.join(CHECKOUT, 'bin/ace-onboarding-worker.mjs');
const full = () => openSync('/dev/full', 'w');

async function working(output: { stdout?: number; stderr?: number }) {
  const port = await freePort();
  const settings = workerSettings(temporaryFolder('worker-output'), {
    TASK_QUEUE: `worker-output-${port}`,
    HEALTH_PORT: String(port),
  });
  const worker = startWorker(settings, { program, ...output });
  const ready = async () =>
    worker.process.exitCode ??
    (await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ status }) => status,
      () => 0,
    ));
  await expect.poll(ready, { timeout: 60_000 }).toBe(200);
  return worker;
}

describe.runIf(process.platform === 'linux')('a worker', () => {
  test('whose log cannot be written says so once, works, and stops when told to', async () => {
    const { process: worker, log } = await working({ stdout: full() });
    worker.kill('SIGTERM');
    expect(await once(worker, 'close')).toEqual([0, null]);
    expect(log()).toMatch(/^The log cannot be written\. [^\n]*ENOSPC[^\n]*\n$/);
  });

  test('that can write nothing at all works, and stops when told to', async () => {
    const { process: worker } = await working({ stdout: full(), stderr: full() });
    worker.kill('SIGTERM');
    expect(await once(worker, 'close')).toEqual([0, null]);
  });

  test('whose configuration is wrong exits with 78, although it cannot say why', async () => {
    const { process: worker } = startWorker({ SMTP_PORT: 'x' }, { program, stderr: full() });
    expect(await once(worker, 'close')).toEqual([78, null]);
  });
});
