import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeArchive } from '../../src/archive/open-archive.js';
import { newKey } from '../../src/encryption/keyring.js';
import { freePort } from '../../src/process/free-port.js';
import { isOnLoopback, listeningOn } from '../support/listening.js';
import { smallDisk, smallDisksAreMissing } from '../support/small-disk.js';
import { startWorker, workerSettings } from '../support/worker-process.js';

let folder: string;
let worker: ChildProcess;
let url: string;
let log: () => string;
let settings: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ace-worker-process-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  // Its mail servers are down, and it works all the same.
  settings = workerSettings(folder, {
    TASK_QUEUE: 'worker-process',
    BUILD_ID: 'build-7',
    HEALTH_PORT: String(port),
    LATE_DAY: '7',
  });
  ({ process: worker, log } = startWorker(settings));
});
afterAll(async () => {
  worker?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const get = (place: string) =>
  fetch(`${url}${place}`).then(
    async (answer) => ({ status: answer.status, text: await answer.text() }),
    () => ({ status: 0, text: log() }),
  );

describe('a worker process', () => {
  test("reports over HTTP that it is ready, and its metrics beside the SDK's", async () => {
    await expect.poll(async () => (await get('/readyz')).status, { timeout: 60_000 }).toBe(200);
    const { text } = await get('/metrics');
    expect(text).toContain('ace_onboarding_open{stage="awaiting-decision"}');
    expect(text).toContain('ace_onboarding_metrics_up{source="temporal"} 1');
    expect(text).toMatch(/^temporal_\w+/m);
  });

  test.skipIf(process.platform !== 'linux')('opens no port to the network', () => {
    const addresses = listeningOn(worker.pid ?? 0) ?? [];
    expect(addresses).toContain(new URL(url).host);
    expect(addresses.filter((address) => !isOnLoopback(address))).toEqual([]);
  });

  test('says at the start that its build gets no tasks, and how to change that', () => {
    expect(log()).toContain('ace-onboarding deploy promote build-7');
  });

  test('warns in its log about a variable that nothing reads, and about one that may be missing', async () => {
    expect(log()).toMatch(/"level":40,.*LATE_DAY is set, but nothing reads it: did you mean LATE_DAYS\?/);
    const refused = startWorker({ ...settings, SMTP_HOST: '', SMTP_HOTS: '127.0.0.1' });
    expect((await once(refused.process, 'close'))[0]).toBe(78);
    expect(refused.log()).toMatch(/SMTP_HOST is not set.*\n.*SMTP_HOTS is set, .* did you mean SMTP_HOST\?/s);
  }, 30_000);

  test('with real mail, refuses a Temporal server that accepts commands from anyone', async () => {
    const armed = { LIVE: 'true', ENCRYPTION_KEYS: newKey(), SMTP_SECURITY: 'tls', IMAP_SECURITY: 'tls' };
    const refused = startWorker({
      ...settings,
      ...armed,
      HEALTH_PORT: '',
      TEMPORAL_ADDRESS: 'temporal.broker.example:7233',
    });
    expect((await once(refused.process, 'close'))[0]).toBe(78);
    expect(refused.log()).toMatch(/temporal.broker.example:7233 does not use TLS/);
  }, 30_000);

  test.skipIf(smallDisksAreMissing())(
    'starts on a full disk, raises one alarm, and is measured',
    async () => {
      const disk = smallDisk(4 * 2 ** 20);
      const archiveDir = path.join(disk.dir, 'archive');
      await makeArchive({ archiveDir, importerKeyFile: path.join(disk.dir, 'importer-key') });
      disk.fill();
      const port = await freePort();
      // A mailbox of its own: the first one is watched by the worker above.
      const further = JSON.stringify({ 'full-disk': { user: 'ace', password: 'unused' } });
      const full = startWorker(
        workerSettings(disk.dir, {
          TASK_QUEUE: 'full-disk',
          HEALTH_PORT: String(port),
          IMAP_FURTHER_MAILBOXES: further,
        }),
      );
      const ended = once(full.process, 'close');
      try {
        await expect.poll(full.log, { timeout: 60_000 }).toContain('worker ready');
        // The watcher tries to record that its mail server is down.
        await expect.poll(full.log, { timeout: 20_000 }).toContain('the archive is full');
        const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
        expect(metrics).toMatch(/^ace_onboarding_archive_full 1$/m);
        expect(metrics).toContain('ace_onboarding_metrics_up{source="archive"} 1');
        expect(full.log().match(/the archive is full: email/g)).toHaveLength(1);
      } finally {
        full.process.kill('SIGKILL');
        await ended;
        disk.remove();
      }
    },
    90_000,
  );

  test('whose health port is taken exits and says which port', async () => {
    const second = startWorker(settings);
    expect((await once(second.process, 'close'))[0]).toBe(1);
    expect(second.log()).toContain(`HEALTH_PORT ${settings.HEALTH_PORT}`);
  }, 30_000);

  test('told to stop, exits within its grace period without an error', async () => {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(log()).not.toContain('"level":50');
  }, 20_000);
});
