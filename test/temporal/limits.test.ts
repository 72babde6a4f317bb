import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { workflowIdOf } from '../../src/application/reference.js';
import { main } from '../../src/cli/main.js';
import { connectOnboardingClient, type OnboardingClient } from '../../src/client.js';
import { newKey } from '../../src/encryption/keyring.js';
import * as messages from '../../src/workflows/contract/messages.js';
import type { onboardImporter } from '../../src/workflows/onboarding/onboard-importer.js';
import { beginAsWorker } from '../support/as-a-worker.js';
import { connect, finish, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { startDevServer } from '../support/temporal-dev-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { hear } from '../unit/cli/heard.js';
import { keyringOf } from '../unit/encryption/keyring-of.js';
import { mail } from '../unit/workflows/onboarding/records.js';

const heard = hear();

/** Texts of megabytes, and very many of them: every case can still be shown. */

const key = newKey();
const encryption = { keyring: keyringOf(key), wasOurs: async () => true };
const taskQueue = 'limits';
const LONG = 'é'.repeat(4_000);
const TOO_LONG = 'x'.repeat(1_500_000);
const closers: (() => Promise<unknown>)[] = [];
let client: Client;
let connection: Connection;
let office: OnboardingClient;
let worker: Awaited<ReturnType<typeof startWorker>>;
let startTheWorker: () => Promise<void>;
const stopWorker = () => worker.stop();

beforeAll(async () => {
  const server = await startDevServer();
  closers.push(() => server.stop());
  const folder = temporaryFolder('ace-limits');
  vi.stubEnv('TEMPORAL_ADDRESS', server.address);
  vi.stubEnv('ENCRYPTION_KEYS', key);
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
  await beginAsWorker();
  ({ client, connection } = await connect(server.address, encryption));
  closers.push(() => connection.close());
  startTheWorker = async () => {
    worker = await startWorker(server.address, taskQueue, encryption);
  };
  await startTheWorker();
  closers.push(() => stopWorker());
  office = await connectOnboardingClient();
  closers.push(() => office.close());
});
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
});

const MESSAGES = {
  decide: { decision: 'approved', verification: 'seen-in-ace', evidence: 'x' },
  correctApplication: {
    reason: 'x',
    application: { reference: 'limits', importerNumber: 'x', company: {}, route: {} },
  },
  settleSubmission: { outcome: 'not-sent', evidence: 'x' },
  confirmAccessGranted: { importerNumbers: ['x'], role: 'full-access', evidence: 'x' },
  changeDeadline: { reason: 'x', recompute: true },
  dismissMail: { mailId: 'x', reason: 'x' },
  withdraw: { reason: 'x' },
} as const;

test('the client and the onboarding refuse a text of 1.5 MB in any message, and keep none of it', async () => {
  const handle = await startOnboarding(client, taskQueue, 'limits');
  await reaches(handle, 'awaiting-acknowledgement');
  // It enters the stage before the client is told.
  const underWay = async () => {
    const { pendingActivities, pendingWorkflowTask } = (await handle.describe()).raw;
    return (pendingActivities?.length ?? 0) + (pendingWorkflowTask ? 1 : 0);
  };
  await expect.poll(underWay).toBe(0);
  const size = async () => Number((await handle.describe()).historyLength);
  const before = await size();
  for (const [name, fields] of Object.entries(MESSAGES)) {
    for (const field of ['actor', ...Object.keys(fields).filter((one) => typeof fields[one as never] === 'string')]) {
      const refused = handle.executeUpdate(name, { args: [{ actor: 'jo', ...fields, [field]: TOO_LONG }] });
      await expect(refused, `${name}: ${field}`).rejects.toMatchObject({
        cause: { type: 'refused', message: expect.stringMatching(/has 1500000 characters; the limit is (200|4000)/) },
      });
    }
  }
  expect(await size()).toBe(before);

  const by = { actor: 'jo', evidence: 'x' };
  const asked: Promise<unknown>[] = [
    office.decide('limits', { ...by, decision: 'abandoned', evidence: TOO_LONG }),
    office.correct('limits', { actor: 'jo', reason: TOO_LONG, application: await sample() }),
    office.settle('limits', { ...by, outcome: 'not-sent', actor: TOO_LONG }),
    office.confirmAccess('limits', { ...by, importerNumbers: [TOO_LONG], role: 'full-access' }),
    office.changeDeadline('limits', { actor: 'jo', reason: TOO_LONG, recompute: true }),
    office.dismissMail('limits', { actor: 'jo', mailId: TOO_LONG, reason: 'x' }),
    office.withdraw('limits', { actor: 'jo', reason: TOO_LONG }),
    office.approve('limits', { ...by, source: 'crm', importerNumber: 'x', evidence: TOO_LONG }),
    office.reopen(await sample(), { actor: 'jo', reason: TOO_LONG }),
  ];
  for (const refused of asked) await expect(refused).rejects.toMatchObject({ code: 'refused', message: /1500000/ });
  expect(await size()).toBe(before);

  for (const field of ['actor', 'source', 'evidence', 'importerNumber'])
    await handle.signal(messages.approvalArrived, { ...by, source: 'crm', importerNumber: 'x', [field]: TOO_LONG });
  await handle.signal(messages.mailReceived, mail('approved', { excerpt: TOO_LONG }));
  const { notes, mails } = await handle.query(messages.progress);
  expect(notes.filter(({ text }) => text.includes('with an unusable payload'))).toHaveLength(5);
  expect(mails.filter(({ direction }) => direction === 'received')).toEqual([]);
  expect(await finish(handle)).toBe('access-granted');
});

test('who reopened a case and why is in its notes but not in its details, and too much text is ignored', async () => {
  const { sampleApplication } = await import('./onboarding/sample-application.js');
  const start = (reference: string, reopened: messages.Reopened) =>
    client.workflow.start<typeof onboardImporter>('onboardImporter', {
      workflowId: workflowIdOf(reference, 2),
      taskQueue,
      args: [sampleApplication({ reference }), 2, reopened],
    });
  const handle = await start('reopened', { actor: 'Mara Quist', reason: 'imports again' });
  await reaches(handle, 'awaiting-acknowledgement');
  const { notes } = await handle.query(messages.progress);
  expect(notes[0]).toMatchObject({ by: 'Mara Quist', text: 'Reopened: imports again' });
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toContain('round 2');
  expect(currentDetails).not.toMatch(/Quist|imports again/);
  const laden = await start('reopened-much', { actor: 'Mara Quist', reason: TOO_LONG });
  await reaches(laden, 'awaiting-acknowledgement');
  expect(JSON.stringify(await laden.query(messages.progress))).not.toContain('Reopened');
  for (const one of [handle, laden]) await one.terminate();
});

async function sample(): Promise<unknown> {
  const { sampleApplication } = await import('./onboarding/sample-application.js');
  return sampleApplication({ reference: 'limits' });
}

test('the client and the command line show a case with 500 notes and 500 emails of maximum length', async () => {
  const handle = await startOnboarding(client, taskQueue, 'laden');
  await reaches(handle, 'awaiting-acknowledgement');
  const signals = Array.from({ length: 500 }, (_, index) => index);
  const next = signals.values();
  const send = async () => {
    for (const index of next) {
      await handle.signal(messages.mailReceived, {
        ...mail('unclear', { mailId: randomUUID(), subject: LONG, excerpt: LONG }),
        evidence: [LONG],
      });
      const evidence = `${index} ${LONG.slice(10)}`;
      await handle.signal(messages.approvalArrived, {
        source: 'crm',
        actor: 'jo',
        evidence,
        importerNumber: 'another',
      });
    }
  };
  await Promise.all(Array.from({ length: 10 }, send));
  const progress = await office.progress('laden');
  expect(progress.notes.length + (progress.earlier?.notes ?? 0)).toBe(500);
  expect(progress.mails.length + (progress.earlier?.mails ?? 0)).toBeGreaterThanOrEqual(500);
  expect(progress.attention).toContain('mail-to-review');
  expect(await main(['show', 'laden'])).toBe(0);
  expect(heard.out).toContain('crm reports that CBP approved');
  expect(heard.out).toMatch(/Notes:\n {2}\(\d+ earlier: see the history/);
  await handle.terminate();
}, 120_000);

test('thousands of messages that waited for a worker are processed at once, and people can act on the case', async () => {
  const handle = await startOnboarding(client, taskQueue, 'waited');
  await reaches(handle, 'awaiting-acknowledgement');
  await stopWorker();
  const messagesWaiting = Array.from({ length: 6_000 }, (_, index) => index).values();
  const approval = { source: 'crm', actor: 'jo', importerNumber: 'another' };
  const send = async () => {
    for (const index of messagesWaiting)
      if (index % 6 === 0)
        await handle.signal(messages.mailReceived, {
          ...mail('approved', { mailId: randomUUID() }),
          authenticity: { verdict: 'unauthentic', reasons: ['no signature'] },
        });
      else await handle.signal(messages.approvalArrived, { ...approval, evidence: `ticket ${index}` });
  };
  await Promise.all(Array.from({ length: 40 }, send));
  await startTheWorker();
  const progress = await office.progress('waited');
  expect(progress.attention).toEqual(expect.arrayContaining(['approval-mismatch', 'mail-to-review']));
  expect(progress.notes.length + (progress.earlier?.notes ?? 0)).toBe(5_000);
  expect(progress.mails.length + (progress.earlier?.mails ?? 0)).toBeGreaterThanOrEqual(1_000);
  await office.withdraw('waited', { actor: 'jo', reason: 'goes with another broker' });
  const { events } = await handle.fetchHistory();
  const failed = (events ?? []).flatMap((event) => event.workflowTaskFailedEventAttributes?.failure?.message ?? []);
  const timedOut = (events ?? []).filter((event) => event.workflowTaskTimedOutEventAttributes?.timeoutType === 1);
  expect([failed, timedOut]).toEqual([[], []]);
}, 180_000);

test('histories above the default limit of a client can be read: to correct a case, to replay it, to forget it', async () => {
  const handle = await startOnboarding(client, taskQueue, 'large');
  await reaches(handle, 'awaiting-acknowledgement');
  const evidence = Array.from({ length: 23 }, () => LONG);
  for (let count = 0; count < 30; count++)
    await handle.signal(messages.mailReceived, { ...mail('unclear', { mailId: randomUUID() }), evidence });
  const { connectClient } = await import('../../src/temporal/connect.js');
  const office = await connectClient(encryption);
  const bytes = async () => {
    const { events } = await office.client.workflow.getHandle(handle.workflowId).fetchHistory();
    const inputs = (events ?? []).map((event) => event.workflowExecutionSignaledEventAttributes?.input?.payloads?.[0]);
    return inputs.reduce((sum, input) => sum + (input?.data?.length ?? 0), 0);
  };
  // What arrives during a task goes into the history after it.
  await expect.poll(bytes, { timeout: 20_000 }).toBeGreaterThan(5 * 2 ** 20);
  await office.close();
  await handle.terminate();
}, 60_000);

test.each([
  ['without an importer number', { importerNumber: undefined }],
  ['with another thing for a number', { importerNumber: 5, furtherImporterNumbers: 7 }],
])('a case started by hand %s receives approvals and emails, and can be ended', async (_, numbers) => {
  const reference = `by-hand-${randomUUID().slice(0, 8)}`;
  const { sampleApplication } = await import('./onboarding/sample-application.js');
  const handle = await client.workflow.start('onboardImporter', {
    workflowId: workflowIdOf(reference),
    taskQueue,
    args: [{ ...sampleApplication({ reference }), ...numbers }],
  });
  const approval = { source: 'crm', actor: 'jo', evidence: 'ticket', importerNumber: '12-345678900' };
  await handle.signal(messages.approvalArrived, approval);
  await handle.signal(messages.mailReceived, mail('approved', { importerNumber: '12-345678900' }));
  await expect
    .poll(async () => (await handle.query(messages.progress)).notes.length, { timeout: 20_000 })
    .toBeGreaterThan(0);
  await handle.executeUpdate(messages.withdraw, { args: [{ actor: 'jo', reason: 'was started by mistake' }] });
  expect(await handle.result()).toBe('withdrawn');
});

test.each([
  ['larger than a message may be', 'too-large', { officer: { title: 'x'.repeat(200_000) } }],
  ['with Markdown for a reference', 'x` ![x](https://evil.example/a.png)', {}],
])('an application %s does not start a case', async (_, reference, more) => {
  const handle = await client.workflow.start('onboardImporter', {
    workflowId: workflowIdOf(reference),
    taskQueue,
    args: [{ ...((await sample()) as object), reference, ...more }],
  });
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'not-an-onboarding' } });
});

test('the client does not start a case that it could not correct later', async () => {
  const furtherImporterNumbers = Array.from({ length: 20_000 }, (_, index) => `07-${String(index).padStart(7, '0')}00`);
  const application = { ...((await sample()) as object), reference: 'laden-start', furtherImporterNumbers };
  await expect(office.start(application)).rejects.toMatchObject({
    code: 'invalid-application',
    message: expect.stringMatching(/too large/),
  });
});
