import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, expect, test, vi } from 'vitest';
import type { Application } from '../../src/application/application.js';
import { workflowIdOf } from '../../src/application/reference.js';
import { connectOnboardingClient } from '../../src/client.js';
import { workflowBundle } from '../../src/temporal/workflow-bundle.js';
import { beginAsWorker } from '../support/as-a-worker.js';
import { CHECKOUT } from '../support/checkout.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { startWorker, workerSettings } from '../support/worker-process.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const closers: (() => unknown)[] = [];
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
});

/**
 * A question that somebody asked while no worker was there is handed to the next one beside whatever else has come
 * since. A worker that went on from the state in which it answered would write a history that no later one can follow.
 */
test('queries, signals and decisions that came while no worker ran leave histories that replay', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-cold-query-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const settings = workerSettings(folder, { TASK_QUEUE: 'cold-query' });
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
  await beginAsWorker();
  const office = await connectOnboardingClient();
  closers.push(() => office.close());
  const connection = await Connection.connect({ address: sharedDevServer().address });
  const temporal = new Client({ connection });
  closers.push(() => connection.close());
  const example: Application = JSON.parse(await readFile(path.join(CHECKOUT, 'examples/application.json'), 'utf8'));
  // Nothing is due before the test is over: what waits for the mailbox to be read would wait in vain.
  const channel = { kind: 'already-submitted' as const, at: new Date().toISOString(), by: 'the client' };
  const applications = Array.from({ length: 12 }, (_, index) => ({
    ...example,
    reference: `cold-query-${index}`,
    importerNumber: `07-12345${10 + index}00`,
    route: { ...example.route, channel },
  }));

  const { process: first } = startWorker(settings);
  closers.push(() => first.kill('SIGKILL'));
  await office.startMany(applications);
  for (const { reference } of applications)
    await expect
      .poll(async () => (await office.progress(reference)).stage, { timeout: 60_000, interval: 100 })
      .toMatch(/awaiting-(acknowledgement|decision)/);
  first.kill('SIGKILL');
  await once(first, 'exit');

  const asked = applications.map(({ reference }) => office.progress(reference));
  for (const { reference, importerNumber } of applications)
    await office.approve(reference, { source: 'crm', actor: 'bot', evidence: 'ticket', importerNumber });
  const decided = applications.map(({ reference }) => {
    const rejected = { decision: 'rejected', verification: 'desk-phoned' } as const;
    return office.decide(reference, { actor: 'op', evidence: 'note', ...rejected });
  });
  const { process: second } = startWorker(settings);
  closers.push(() => second.kill('SIGKILL'));
  for (const answer of await Promise.allSettled(asked)) expect(answer).toMatchObject({ status: 'fulfilled' });
  const answers = await Promise.allSettled(decided);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(applications.length);

  const code = await workflowBundle();
  for (const { reference } of applications) {
    const handle = temporal.workflow.getHandle(workflowIdOf(reference));
    await handle.result();
    const history = await handle.fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: code }, history, workflowIdOf(reference));
  }
  second.kill('SIGTERM');
  await once(second, 'exit');
}, 120_000);
