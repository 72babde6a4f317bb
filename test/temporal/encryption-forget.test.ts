import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeImporterKeys } from '../../src/archive/importer-key.js';
import { makeArchive } from '../../src/archive/open-archive.js';
import {
  aliasIndex,
  cases,
  claims,
  mails,
  onboardings,
  outbox,
  sendResults,
  sends,
} from '../../src/archive/records.js';
import { OnboardingClient } from '../../src/client.js';
import { forget } from '../../src/onboardings/forget.js';
import { connect, finish, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { sampleApplication } from './onboarding/sample-application.js';

const reference = `forget-${randomUUID().slice(0, 8)}`;
const workflowId = `onboarding-${reference}`;
const taskQueue = `forget-${randomUUID()}`;
const order = { reference, actors: ['Jo', 'Kim'], reason: 'five years are over' } as const;
const SIX_YEARS = new Date(Date.now() + 6 * 366 * 86_400_000);

let dir: string;
let archive: Awaited<ReturnType<typeof makeArchive>>['archive'];
let worker: Awaited<ReturnType<typeof startWorker>>;
let connected: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forget-'));
  ({ archive } = await makeArchive({ archiveDir: dir, importerKeyFile: join(dir, 'importer-key') }));
  worker = await startWorker(sharedDevServer().address, taskQueue, undefined);
  connected = await connect(sharedDevServer().address, undefined);
});
afterAll(async () => {
  await worker.stop();
  await connected.connection.close();
  await rm(dir, { recursive: true, force: true });
});

test('without keys nothing is hidden: anyone can read why a workflow failed', async () => {
  const { workflow } = connected.client;
  const workflowId = `onboarding-clear-${randomUUID().slice(0, 8)}`;
  const handle = await workflow.start('onboardImporter', { workflowId, taskQueue, args: [{ reference: 'Elsewhere' }] });
  await expect(handle.result()).rejects.toThrow();
  const { events } = await handle.fetchHistory();
  expect(events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure?.message).toContain('Elsewhere');
});

const everything = async () => {
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'latin1')))).join('\n');
};

test('two people can forget a closed case after the retention period; the submission and the claim stay', async () => {
  const put = async (text: string) => (await archive.putDocument(Buffer.from(text))).sha256;
  const at = new Date().toISOString();
  const messageId = `${reference}@broker.example`;
  const indexed = { workflowId, reference };
  await archive.createRecord(onboardings.key(reference), {
    reference,
    workflowId,
    round: 1,
    applicationSha256: await put('MARK application'),
    state: 'started',
    startedAt: at,
  });
  await archive.createRecord(claims.key('KEY'), { reference, workflowId, claimedAt: at });
  await archive.createRecord(cases.key(workflowId), { ...indexed, aliases: { cbp: 'MARK1', client: 'MARK2' } });
  await archive.createRecord(aliasIndex.key('MARK1'), { ...indexed, alias: 'cbp' });
  await archive.createRecord(outbox.key(messageId), {
    messageId,
    workflowId,
    purpose: 'application',
    documentSha256: await put('MARK sent mail'),
    formSha256: await put('MARK form'),
    envelope: { from: 'MARK@a.example', to: [] },
    recipient: 'cbp',
    composedAt: at,
  });
  await archive.createRecord(sends.key(messageId), { messageId, claimedAt: at, by: 'worker' });
  await archive.createRecord(sendResults.key(messageId), { messageId, acceptedAt: at, source: 'server' });
  await archive.createRecord(mails.key('m1'), {
    mailId: 'm1',
    mailbox: 'main',
    receivedAt: at,
    firstSeenAt: at,
    state: 'signalled',
    workflowId,
    reference,
    candidates: [],
    reasons: [],
    mail: { mailId: 'm1', subject: 'MARK', documentSha256: await put('MARK received mail') },
  });
  const other = await put('another client’s');
  const { client: temporal } = connected;
  const wanted = { temporal, archive, retentionYears: 5 };

  const handle = await startOnboarding(temporal, taskQueue, reference);
  await reaches(handle, 'awaiting-acknowledgement');
  await expect(forget(order, { ...wanted, now: SIX_YEARS })).rejects.toMatchObject({ code: 'open' });
  await finish(handle);
  await expect(forget(order, wanted)).rejects.toMatchObject({ code: 'too-early' });
  await expect(forget({ ...order, actors: ['Jo', ' jo'] }, { ...wanted, now: SIX_YEARS })).rejects.toMatchObject({
    code: 'one-person',
  });
  const verified = { ...order, actors: ['Jo', 'Kim, verified by login.broker.example'] } as const;
  await expect(forget(verified, { ...wanted, now: SIX_YEARS })).rejects.toMatchObject({ code: 'actor-refused' });
  expect((await everything()).includes('MARK')).toBe(true);

  const done = await forget(order, { ...wanted, now: SIX_YEARS });
  expect(done).toMatchObject({ workflows: 1 });
  expect(await everything()).not.toContain('MARK');
  await expect
    .poll(() => handle.fetchHistory().then(() => 'there', String), {
      timeout: 60_000,
      interval: 500,
    })
    .toContain('not found');
  expect(await archive.readRecord(claims.key('KEY'))).toMatchObject({ reference });
  expect(await archive.readRecord(sends.key(messageId))).toBeDefined();
  expect(await archive.readRecord(sendResults.key(messageId))).toBeDefined();
  expect(await archive.readRecord(`forgotten/${reference}`)).toMatchObject({
    actors: ['Jo', 'Kim'],
    reason: order.reason,
  });
  expect(Buffer.from(await archive.getDocument(other)).toString()).toBe('another client’s');
  await forget(order, { ...wanted, now: SIX_YEARS });

  const office = new OnboardingClient({
    temporal,
    archive,
    importerKeys: await makeImporterKeys(join(dir, 'importer-key'), archive),
    config: {
      taskQueue,
      uiUrl: 'http://127.0.0.1:8233',
      archiveDir: dir,
      importerKeyFile: join(dir, 'importer-key'),
      companyInSearchAttributes: true,
      brokerDomains: ['broker.example'],
    },
  });
  const again = sampleApplication({ reference });
  for (const asked of [
    () => office.start(again),
    () => office.progress(reference),
    () => office.application(reference),
  ])
    await expect(asked()).rejects.toMatchObject({
      code: 'forgotten',
      message: expect.stringMatching(/was forgotten on \d{4}-\d\d-\d\d.*To apply for the client again.*reopen/),
    });
  expect(await office.reopen(again, { actor: 'jo', reason: 'a new account' })).toMatchObject({
    status: 'started',
    workflowId: `${workflowId}.2`,
  });
  expect((await office.start(again)).status).toBe('running');
  expect(await office.application(reference)).toEqual(again);
  await temporal.workflow.getHandle(`${workflowId}.2`).terminate();
});
