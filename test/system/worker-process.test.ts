import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKey } from '../../src/encryption/keyring.js';
import { freePort } from '../../src/temporal/dev-server/free-port.js';
import { CHECKOUT } from '../servers/checkout.js';
import { isOnLoopback, listeningOn } from '../servers/listening.js';
import { sharedDevServer } from '../servers/temporal-dev-server.js';

let folder: string;
let worker: ChildProcess;
let url: string;
let log = '';
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ace-worker-process-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  // Nobody listens on these ports: a worker whose mail servers are down works all the same.
  const nobody = { host: '127.0.0.1', port: String(await freePort()) };
  environment = {
    PATH: process.env.PATH,
    TEMPORAL_ADDRESS: sharedDevServer().address,
    TASK_QUEUE: 'worker-process',
    BUILD_ID: 'build-7',
    HEALTH_PORT: String(port),
    ARCHIVE_DIR: path.join(folder, 'archive'),
    IMPORTER_KEY_FILE: path.join(folder, 'importer-key'),
    SMTP_HOST: nobody.host,
    SMTP_PORT: nobody.port,
    SMTP_SECURITY: 'none',
    IMAP_HOST: nobody.host,
    IMAP_PORT: nobody.port,
    IMAP_SECURITY: 'none',
    IMAP_USER: 'ace@broker.example',
    IMAP_PASSWORD: 'unused',
    BROKER_PHONE: '+1 555 0100',
    BROKER_ACE_EMAIL: 'cross-account@broker.example',
    MAIL_FROM: 'ace@broker.example',
    MAIL_REPLY_ALIAS: 'ace+{token}@broker.example',
    OPERATIONS_ADDRESS: 'operations@broker.example',
    MANAGER_ADDRESS: 'manager@broker.example',
  };
  worker = spawn(process.execPath, [path.join(CHECKOUT, 'dist/src/worker.js')], {
    cwd: CHECKOUT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (chunk) => (log += chunk));
});
afterAll(async () => {
  worker?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const get = (place: string) =>
  fetch(`${url}${place}`).then(
    async (answer) => ({ status: answer.status, text: await answer.text() }),
    () => ({ status: 0, text: log }),
  );

describe('a worker process', () => {
  test('says over HTTP that it takes work, and what it measures beside the engine', async () => {
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

  test('says at its start that its build gets no work, and how it will', () => {
    expect(log).toContain('ace-onboarding deploy promote build-7');
  });

  test('with real mail, refuses a Temporal server that whoever reaches it can command', async () => {
    const armed = { LIVE: 'true', ENCRYPTION_KEYS: newKey(), SMTP_SECURITY: 'tls', IMAP_SECURITY: 'tls' };
    const refused = spawn(process.execPath, [path.join(CHECKOUT, 'dist/src/worker.js')], {
      cwd: CHECKOUT,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...environment, ...armed, HEALTH_PORT: '', TEMPORAL_ADDRESS: 'temporal.broker.example:7233' },
    });
    let said = '';
    refused.stderr.on('data', (chunk) => {
      said += chunk;
    });
    expect((await once(refused, 'exit'))[0]).not.toBe(0);
    expect(said).toMatch(/temporal.broker.example:7233 is spoken to without TLS/);
  }, 30_000);

  test('whose health port is taken ends, and says which port', async () => {
    const second = spawn(process.execPath, [path.join(CHECKOUT, 'dist/src/worker.js')], {
      cwd: CHECKOUT,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: environment,
    });
    let said = '';
    second.stderr.on('data', (chunk) => {
      said += chunk;
    });
    expect((await once(second, 'exit'))[0]).toBe(1);
    expect(said).toContain(`HEALTH_PORT ${environment.HEALTH_PORT}`);
  }, 30_000);

  test('told to stop, ends by itself within its grace, without an error', async () => {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(log).not.toContain('"level":50');
  }, 20_000);
});
