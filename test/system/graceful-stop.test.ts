import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { afterAll, expect, test, vi } from 'vitest';
import { connectOnboardingClient } from '../../src/client.js';
import { beginAsWorker } from '../support/as-a-worker.js';
import { CHECKOUT } from '../support/checkout.js';
import { startWorker, workerSettings } from '../support/worker-process.js';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
});

test('a worker told to stop during a transmission waits for the answer: the application is received once, and the outcome is known', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-graceful-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const cbp = await slowMailServer();
  closers.push(cbp.close);
  const settings = workerSettings(folder, { TASK_QUEUE: 'graceful-stop', SMTP_PORT: String(cbp.port) });
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  await beginAsWorker();
  const client = await connectOnboardingClient();
  closers.push(() => client.close());

  const { process: first } = startWorker(settings);
  closers.push(() => first.kill('SIGKILL'));
  const application = JSON.parse(await readFile(path.join(CHECKOUT, 'examples/application.json'), 'utf8'));
  await client.start({ ...application, reference: 'graceful-stop' });
  await cbp.taking;
  first.kill('SIGTERM');
  expect(await once(first, 'exit')).toEqual([0, null]);

  const { process: second } = startWorker(settings);
  closers.push(() => second.kill('SIGKILL'));
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
