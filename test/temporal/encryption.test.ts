import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeArchive, openArchiveToReencrypt } from '../../src/archive/open-archive.js';
import type { Encryption } from '../../src/encryption/keyring.js';
import { newKey } from '../../src/encryption/keyring.js';
import { executionsWithKey, keyIdsIn } from '../../src/temporal/data-converter/key-use.js';
import * as messages from '../../src/workflows/contract/messages.js';
import type { onboardImporter } from '../../src/workflows/onboarding/onboard-importer.js';
import { connect, finish, logged, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { sharedDevServer, startDevServer } from '../support/temporal-dev-server.js';
import { keyringOf } from '../unit/encryption/keyring-of.js';

const always = async () => true;

describe('the data in Temporal', () => {
  const keyring = keyringOf(newKey());
  const encryption: Encryption = { keyring, wasOurs: always };
  const taskQueue = `encrypted-${randomUUID()}`;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let connected: Awaited<ReturnType<typeof connect>>;
  beforeAll(async () => {
    worker = await startWorker(sharedDevServer().address, taskQueue, encryption);
    connected = await connect(sharedDevServer().address, encryption);
  });
  afterAll(async () => {
    await worker.stop();
    await connected.connection.close();
  });

  test('shows nothing personal in histories, including summaries and failures, and still reads normally for us', async () => {
    const { client } = connected;
    const handle = await startOnboarding(client, taskQueue, `encrypted-${randomUUID().slice(0, 8)}`);
    await reaches(handle, 'awaiting-acknowledgement');
    const wrong = { actor: 'Mara Quist', decision: 'approved', evidence: '' } as unknown as messages.Decide;
    await expect(handle.executeUpdate(messages.decide, { args: [wrong] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('evidence is missing') },
    });
    expect(await finish(handle)).toBe('access-granted');

    const history = await handle.fetchHistory();
    const raw = JSON.stringify(history, (_, value) =>
      value?.type === 'Buffer' || value instanceof Uint8Array
        ? Buffer.from(value.data ?? value).toString('latin1')
        : value,
    );
    for (const mark of [
      'Lakeside',
      'Quist',
      '1970-03-14',
      '07-123456700',
      'ivo@',
      'claim the number, fill the form',
      'seen-in-ace',
    ])
      expect(raw.replaceAll(/"indexedFields":\{.*?\}\}/gs, ''), mark).not.toContain(mark);
    expect([...keyIdsIn(history)]).toEqual([keyring.writingId]);
  });

  test('hides the message and stack trace when a workflow fails', async () => {
    const { client } = connected;
    const workflowId = `onboarding-stranger-${randomUUID().slice(0, 8)}`;
    const handle = await client.workflow.start('onboardImporter', {
      workflowId,
      taskQueue,
      args: [{ reference: 'Born-1970-03-14' }],
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('Born-1970-03-14'), type: 'not-an-onboarding' },
    });
    const { events } = await handle.fetchHistory();
    const failure = events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
    expect(failure).toMatchObject({ message: 'Encoded failure', stackTrace: '' });
    expect(JSON.stringify(failure)).not.toContain('1970');
  });
});

describe('with a wrong key', () => {
  test('the worker reports it and fails nothing, and with the right key everything continues', async () => {
    const right: Encryption = { keyring: keyringOf(newKey()), wasOurs: always };
    const wrong: Encryption = { keyring: keyringOf(newKey()), wasOurs: always };
    const taskQueue = `wrong-key-${randomUUID()}`;
    const { address: server } = sharedDevServer();
    const { connection, client } = await connect(server, right);
    try {
      const before = await startWorker(server, taskQueue, right);
      const parked = await startOnboarding(client, taskQueue, `wrong-${randomUUID().slice(0, 8)}`);
      await reaches(parked, 'awaiting-acknowledgement');
      await before.stop();

      const astray = await startWorker(server, taskQueue, wrong);
      const fresh = await startOnboarding(client, taskQueue, `wrong-${randomUUID().slice(0, 8)}`);
      await parked.signal(messages.approvalArrived, {
        source: 'crm',
        actor: 'jo',
        evidence: 'x',
        importerNumber: '07-123456700',
      });
      await expect.poll(() => astray.missing.length, { timeout: 30_000 }).toBeGreaterThan(1);
      expect(astray.missing[0]).toMatch(
        new RegExp(`${right.keyring.writingId}.*${wrong.keyring.writingId}.*Add that key to ENCRYPTION_KEYS`),
      );
      const failures = async () =>
        ((await fresh.fetchHistory()).events ?? []).flatMap(
          (event) => event.workflowTaskFailedEventAttributes?.failure?.message ?? [],
        );
      await expect
        .poll(failures, { timeout: 30_000, interval: 200 })
        .toContainEqual(expect.stringContaining(right.keyring.writingId));
      for (const handle of [parked, fresh]) expect((await handle.describe()).status.name).toBe('RUNNING');
      await astray.stop();

      const after = await startWorker(server, taskQueue, right);
      await reaches(parked, 'awaiting-access-grant');
      await reaches(fresh, 'awaiting-acknowledgement');
      expect(await finish(fresh)).toBe('access-granted');
      await after.stop();
      await parked.terminate();
    } finally {
      await connection.close();
    }
  });
});

describe('keys', () => {
  const PARKED = 100;

  test(`can be changed with ${PARKED} onboardings open: all finish, and nothing breaks when the old key is removed`, async () => {
    logged.length = 0;
    const [old, fresh] = [newKey(), newKey()];
    const dir = await mkdtemp(join(tmpdir(), 'rotation-'));
    // A separate server: in the end, nothing in it may need the old key.
    const server = await startDevServer();
    const taskQueue = 'rotation';
    const opened = (...keys: string[]) =>
      makeArchive({ archiveDir: dir, importerKeyFile: join(dir, 'importer-key'), encryptionKeys: keyringOf(...keys) });
    const withKeys = async (...keys: string[]) => {
      const { archive, encryption } = await opened(...keys);
      const worker = await startWorker(server.address, taskQueue, encryption);
      const { client, connection } = await connect(server.address, encryption);
      return { archive, client, stop: () => worker.stop().then(() => connection.close()) };
    };
    try {
      const first = await withKeys(old);
      const { sha256 } = await first.archive.putDocument(Buffer.from('a form'));
      const references = Array.from({ length: PARKED }, (_, n) => `rotation-${n}`);
      await together(references, (reference) => startOnboarding(first.client, taskQueue, reference));
      const ids = references.map((reference) => `onboarding-${reference}`);
      await expect
        .poll(async () => (await first.client.workflow.count(`OnboardingStage = "awaiting-acknowledgement"`)).count, {
          timeout: 90_000,
          interval: 500,
        })
        .toBe(PARKED);
      await first.stop();

      // Every process can read the new key before any writes with it.
      const second = await withKeys(old, fresh);
      await finishAll(second.client, ids.slice(0, 20));
      await second.stop();
      const third = await withKeys(fresh, old);
      await finishAll(third.client, ids.slice(20, 40));
      await rejectAll(third.client, ids.slice(40));
      const finished = await third.client.workflow.getHandle(ids[50] ?? '').fetchHistory();
      expect(keyIdsIn(finished)).toEqual(new Set([...keyringOf(old).ids, ...keyringOf(fresh).ids]));

      const outcomes = await Promise.all(
        ids.map(async (id) => (await third.client.workflow.getHandle(id).describe()).status.name),
      );
      expect(outcomes.filter((status) => status !== 'COMPLETED')).toEqual([]);
      await third.stop();
      expect(await failedTasksIn(server.address, ids.slice(0, 40))).toEqual([]);

      const archive = await openArchiveToReencrypt({ archiveDir: dir }, keyringOf(fresh, old));
      expect((await archive.reencrypt()).changed).toBeGreaterThan(0);
      const { connection, client } = await connect(server.address, undefined);
      expect(await executionsWithKey(client, keyringOf(old).writingId)).toHaveLength(PARKED);
      await together(ids, (workflowId) =>
        connection.workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId } }),
      );
      await expect.poll(() => executionsWithKey(client, keyringOf(old).writingId), { timeout: 30_000 }).toEqual([]);
      await connection.close();

      const last = await withKeys(fresh);
      expect(Buffer.from(await last.archive.getDocument(sha256)).toString()).toBe('a form');
      const handle = await startOnboarding(last.client, taskQueue, 'rotation-after');
      await reaches(handle, 'awaiting-acknowledgement');
      expect(await finish(handle)).toBe('access-granted');
      await last.stop();
      expect(logged.filter(({ level }) => level === 'ERROR').map(({ message }) => message)).toEqual([]);
    } finally {
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    }
  }, 180_000);
});

/** Not a failure: something arrived just as the task ended, so the server repeats the task. */
const UNHANDLED_COMMAND = 1;

type AnyClient = Awaited<ReturnType<typeof connect>>['client'];

async function together<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const next = all[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: 30 }, async () => {
      for (const one of { [Symbol.iterator]: () => next }) await work(one);
    }),
  );
}

async function finishAll(client: AnyClient, ids: readonly string[]): Promise<void> {
  await together(ids, async (id) => expect(await finish(client.workflow.getHandle(id))).toBe('access-granted'));
}

async function rejectAll(client: AnyClient, ids: readonly string[]): Promise<void> {
  const reject: messages.Decide = { actor: 'jo', evidence: 'ACE', decision: 'rejected', verification: 'seen-in-ace' };
  await together(ids, async (id) => {
    const handle = client.workflow.getHandle<typeof onboardImporter>(id);
    await handle.executeUpdate(messages.decide, { args: [reject] });
    expect(await handle.result()).toBe('rejected');
  });
}

async function failedTasksIn(server: string, ids: readonly string[]): Promise<string[]> {
  const { connection, client } = await connect(server, undefined);
  const histories = await Promise.all(ids.map((id) => client.workflow.getHandle(id).fetchHistory()));
  await connection.close();
  return histories.flatMap(({ events }) =>
    (events ?? []).flatMap((event) =>
      (event.workflowTaskFailedEventAttributes?.cause ?? UNHANDLED_COMMAND) === UNHANDLED_COMMAND ? [] : ['failed'],
    ),
  );
}
