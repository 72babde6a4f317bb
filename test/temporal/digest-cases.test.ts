import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { expect, onTestFinished, test } from 'vitest';
import { collectCases, countCases } from '../../src/digest/digest-case.js';
import type { Progress } from '../../src/workflows/contract/progress.js';
import { CHECKOUT } from '../support/checkout.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

test('lists every open case that needs a person, page by page, and one that does not answer as such', async () => {
  const taskQueue = `cases-${randomUUID()}`;
  const native = await NativeConnection.connect(sharedDevServer());
  const client = new Client({ connection: await Connection.connect(sharedDevServer()) });
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: path.join(CHECKOUT, 'test/support/listed-case-workflow.ts'),
      logger: new DefaultLogger('ERROR'),
    }),
  });
  const running = worker.run();
  const started: string[] = [];
  onTestFinished(async () => {
    for (const workflowId of started) await client.workflow.getHandle(workflowId).terminate();
    worker.shutdown();
    await running;
    await client.connection.close();
    await native.close();
  });
  const start = async (answer: Partial<Progress> | 'never', onQueue = taskQueue) => {
    const workflowId = `onboarding-${randomUUID()}`;
    started.push(workflowId);
    await client.workflow.start('onboardImporter', { workflowId, taskQueue: onQueue, args: [answer] });
    return workflowId;
  };
  const progress = (reference: string, attention: Progress['attention']): Partial<Progress> => ({
    ...{ reference, company: `Company ${reference}`, stage: 'awaiting-decision', attention, escalation: 'handler' },
    tasks: attention.map((reason) => ({ reason, since: '2026-12-01T13:00:00Z' })),
  });
  const references = ['A', 'B', 'C', 'D', 'E'];
  for (const reference of references) await start(progress(reference, ['late', 'chase']));
  await start(progress('quiet', []));
  const silent = await start('never');
  // Another office in the same namespace, whose workers are not running.
  await start(progress('elsewhere', ['late']), `${taskQueue}-other`);
  const { workflow } = client;
  await expect.poll(async () => (await countCases(workflow, taskQueue)).open).toBe(7);
  const listed = `TaskQueue="${taskQueue}" AND NeedsAttention IS NOT NULL`;
  await expect.poll(async () => (await workflow.count(listed)).count).toBe(6);

  const found = await collectCases({
    client: {
      list: (options) => workflow.list({ ...options, pageSize: 2 }),
      getHandle: (id) => workflow.getHandle(id),
      withDeadline: (at, run) => workflow.withDeadline(at, run),
    } as typeof workflow,
    taskQueue,
    concurrency: 3,
    againMs: [10],
  });
  expect(
    found
      .filter(({ unanswered }) => !unanswered)
      .map(({ reference }) => reference)
      .sort(),
  ).toEqual(references);
  expect(found[0]?.tasks.map(({ reason }) => reason)).toEqual(['late', 'chase']);
  expect(found.filter(({ unanswered }) => unanswered)).toEqual([
    {
      ...{ workflowId: silent, reference: 'silent', company: '', handler: 'jo' },
      ...{ tasks: [], escalation: 'operations', unanswered: ['bounced'] },
    },
  ]);
});
