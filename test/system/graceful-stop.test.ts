import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { afterAll, expect, test, vi } from 'vitest';
import { connectOnboardingClient } from '../../src/client.js';
import { CHECKOUT } from '../servers/checkout.js';
import { sharedDevServer } from '../servers/temporal-dev-server.js';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
});

test('a worker told to stop while the application is being taken waits for the answer: received once, its fate known', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-graceful-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const cbp = await slowMailServer();
  closers.push(cbp.close);
  const settings = environment(folder, cbp.port);
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  const client = await connectOnboardingClient();
  closers.push(() => client.close());

  const first = startWorker(settings);
  const application = JSON.parse(await readFile(path.join(CHECKOUT, 'examples/application.json'), 'utf8'));
  await client.start({ ...application, reference: 'graceful-stop' });
  await cbp.taking;
  first.kill('SIGTERM');
  expect(await once(first, 'exit')).toEqual([0, null]);

  const second = startWorker(settings);
  await expect
    .poll(async () => (await client.progress('graceful-stop')).stage, { timeout: 60_000, interval: 500 })
    .toBe('awaiting-acknowledgement');
  expect((await client.progress('graceful-stop')).attention).toEqual([]);
  expect(cbp.received).toHaveLength(1);
  second.kill('SIGTERM');
  expect(await once(second, 'exit')).toEqual([0, null]);
});

/** Takes a message, and says so only seconds later. */
async function slowMailServer() {
  const received: string[] = [];
  let taken = () => {};
  const taking = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    async onData(stream, session, answer) {
      for await (const _ of stream);
      received.push(session.envelope.rcptTo.map(({ address }) => address).join());
      taken();
      await delay(3_000);
      answer();
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, received, taking, close: () => new Promise<void>((resolve) => server.close(resolve)) };
}

function startWorker(settings: Record<string, string>) {
  const worker = spawn(process.execPath, [path.join(CHECKOUT, 'dist/src/worker.js')], {
    cwd: CHECKOUT,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, ...settings },
  });
  closers.push(() => worker.kill('SIGKILL'));
  return worker;
}

function environment(folder: string, smtpPort: number): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: sharedDevServer().address,
    TASK_QUEUE: 'graceful-stop',
    ARCHIVE_DIR: path.join(folder, 'archive'),
    IMPORTER_KEY_FILE: path.join(folder, 'importer-key'),
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(smtpPort),
    SMTP_SECURITY: 'none',
    IMAP_HOST: '127.0.0.1',
    // Nobody listens there: the mailbox plays no part.
    IMAP_PORT: '9',
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
}
