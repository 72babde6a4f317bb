import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { withoutSettings } from '../../simulator/demo/demo-environment.js';
import { newKey } from '../../src/encryption/keyring.js';
import { freePort } from '../../src/process/free-port.js';
import { CHECKOUT } from '../support/checkout.js';
import { clusterPort } from '../support/cluster/cluster-port.mjs';
import { clusterIsPossible } from '../support/cluster-possible.js';

describe.skipIf(!clusterIsPossible())('the production topology, started by its script as the page describes', () => {
  let folder: string;
  let envFile: string;
  let codecPort: number;
  let cluster: ChildProcess;
  let said = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ace-cluster-'));
    await chmod(folder, 0o755); // PostgreSQL runs as another user when this is root.
    envFile = path.join(folder, 'env');
    codecPort = await freePort();
    await writeFile(envFile, environment(folder, codecPort), { mode: 0o600 });
    const ports = ['--port', String(await clusterPort()), '--ui-port', String(await clusterPort())];
    cluster = spawn(
      process.execPath,
      [path.join(CHECKOUT, 'test/support/cluster/cluster.mjs'), '--env-file', envFile, '--folder', folder, ...ports],
      { stdio: ['ignore', 'ignore', 'pipe'], env: withoutSettings(process.env) },
    );
    cluster.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    await vi.waitFor(() => expect(said).toContain('Press Ctrl+C to stop'), { timeout: 120_000, interval: 200 });
  }, 900_000);
  afterAll(async () => {
    cluster.kill('SIGTERM');
    if (cluster.exitCode === null) await once(cluster, 'exit');
    await rm(folder, { recursive: true, force: true });
  }, 90_000);

  const url = (what: RegExp) => what.exec(said)?.[1] ?? `not said: ${what}`;

  test('Temporal, the Web UI, the codec server and two workers are up, reachable only from this machine', async () => {
    const ui = url(/Web UI (http:\/\/127\.0\.0\.1:\d+)/);
    const codec = `http://127.0.0.1:${codecPort}`;
    expect((await fetch(`${ui}/namespaces/broker/workflows`)).status).toBe(200);
    const settings = (await (await fetch(`${ui}/api/v1/settings`)).json()) as {
      DefaultNamespace?: string;
      Codec?: { Endpoint?: string };
    };
    expect(settings.DefaultNamespace).toBe('broker');
    expect(settings.Codec?.Endpoint).toBe(`http://localhost:${codecPort}`);
    const asked = await fetch(`${codec}/decode`, {
      method: 'POST',
      headers: { origin: ui, 'content-type': 'application/json' },
      body: '{"payloads":[]}',
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([200, ui]);
    for (const number of [1, 2]) {
      const health = url(
        new RegExp(`Worker ${number} is running, process \\d+; health and metrics: (http://127\\.0\\.0\\.1:\\d+)`),
      );
      expect((await fetch(`${health}/readyz`)).status).toBe(200);
    }
  });

  test('a worker that dies is started again, and an interrupt ends everything', async () => {
    const pid = Number(url(/Worker 2 is running, process (\d+)/));
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(() => said, { timeout: 20_000 })
      .toContain('Worker 2 stopped unexpectedly and is being restarted');
    const health = url(/Worker 2 is running.* (\S+)/);
    const ready = () => fetch(`${health}/readyz`).then(({ status }) => status, String);
    await expect.poll(ready, { timeout: 60_000, interval: 200 }).toBe(200);

    cluster.kill('SIGINT');
    expect(await once(cluster, 'exit')).toEqual([0, null]);
    for (const dead of [health, `http://127.0.0.1:${codecPort}`, url(/Web UI (\S+)/)])
      await expect(fetch(dead)).rejects.toThrow();
  });
});

function environment(folder: string, codecPort: number): string {
  return Object.entries({
    TEMPORAL_NAMESPACE: 'broker',
    ENCRYPTION_KEYS: newKey(),
    CODEC_PORT: codecPort,
    ARCHIVE_DIR: path.join(folder, 'archive'),
    IMPORTER_KEY_FILE: path.join(folder, 'importer-key'),
    SMTP_HOST: '127.0.0.1',
    IMAP_HOST: '127.0.0.1',
    // Nobody listens there: mail plays no part.
    IMAP_PORT: 9,
    IMAP_USER: 'ace@broker.example',
    IMAP_PASSWORD: 'unused',
    BROKER_PHONE: '"+1 555 0100"',
    BROKER_ACE_EMAIL: 'cross-account@broker.example',
    MAIL_FROM: 'ace@broker.example',
    MAIL_REPLY_ALIAS: 'ace+{token}@broker.example',
    OPERATIONS_ADDRESS: 'operations@broker.example',
    MANAGER_ADDRESS: 'manager@broker.example',
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
