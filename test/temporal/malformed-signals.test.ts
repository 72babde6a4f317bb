import { randomUUID } from 'node:crypto';
import type { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Encryption } from '../../src/encryption/keyring.js';
import { type Keyring, newKey } from '../../src/encryption/keyring.js';
import { encryptionCodec } from '../../src/temporal/data-converter/encryption-codec.js';
import * as messages from '../../src/workflows/contract/messages.js';
import { connect, finish, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { keyringOf } from '../unit/encryption/keyring-of.js';

/** Anyone with access to the namespace can signal anything: a careless script, another tool, an attacker. */

const keyring = keyringOf(newKey());
const stranger = keyringOf(newKey());
const encryption: Encryption = { keyring, wasOurs: async () => false };

const text = (value: string) => Buffer.from(value);
const payload = (encoding: string, data?: Uint8Array | string, more: Record<string, Uint8Array> = {}): Payload => ({
  metadata: { encoding: text(encoding), ...more },
  ...(data === undefined ? {} : { data: typeof data === 'string' ? text(data) : data }),
});
const json = (value: unknown): Payload => payload('json/plain', JSON.stringify(value));
const sealed = async (by: Keyring, plain: Payload): Promise<Payload> => {
  const [encrypted] = await encryptionCodec({ keyring: by }).encode([plain]);
  return encrypted ?? {};
};
const keyId = (id: string) => ({ 'encryption-key-id': text(id) });

const mail = {
  mailId: 'm',
  receivedAt: '2026-11-25T15:00:00Z',
  mailbox: 'main',
  kind: 'approved',
  confidence: 0.9,
  evidence: [],
  authenticity: { verdict: 'authentic', reasons: [] },
  alias: 'cbp',
  from: 'a@b.example',
  subject: '',
  excerpt: '',
  documentSha256: '',
};

const MALFORMED: Record<string, Payload[] | undefined> = {
  'no input': undefined,
  'no payload': [],
  'an empty payload': [{}],
  'no encoding': [{ metadata: {}, data: text('{}') }],
  'an empty encoding': [payload('', '{}')],
  'an encoding that is not UTF-8': [{ metadata: { encoding: Buffer.from([0xff, 0xfe]) }, data: text('{}') }],
  'an unknown encoding': [payload('binary/unknown', 'x')],
  protobuf: [payload('binary/protobuf', 'x', { messageType: text('some.Message') })],
  'protobuf as JSON': [payload('json/protobuf', '{}', { messageType: text('some.Message') })],
  'JSON that is none': [payload('json/plain', '{"mailId":')],
  'JSON without data': [payload('json/plain')],
  'JSON of no bytes': [payload('json/plain', '')],
  'JSON that is not UTF-8': [payload('json/plain', Buffer.from([0xff, 0x00, 0xc3, 0x28]))],
  'JSON nested ten thousand deep': [payload('json/plain', `${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
  'JSON with a prototype': [payload('json/plain', '{"__proto__":{"mailId":1},"constructor":null}')],
  null: [json(null)],
  'a null payload': [payload('binary/null')],
  bytes: [payload('binary/plain', Buffer.from([1, 2, 3]))],
  'a number': [json(42)],
  'a text': [json('approved')],
  'a list': [json([mail])],
  'an empty object': [json({})],
  'other types': [json({ ...mail, mailId: 1, authenticity: 'authentic' })],
  'reasons that are no texts': [
    json({ ...mail, mailId: 'm1', authenticity: { verdict: 'maybe', reasons: [{}, null] } }),
  ],
  'an unknown kind': [json({ ...mail, mailId: 'm2', kind: 'toString' })],
  'a mail with wrong further fields': [
    json({
      ...mail,
      mailId: 'm3',
      evidence: null,
      assigned: 'me',
      responseBusinessDays: 'five',
      importerNumber: {},
      aboutMessageId: 7,
    }),
  ],
  'a mail assigned by nobody': [
    json({ ...mail, mailId: 'm4', kind: 'acknowledgement', assigned: { actor: {} }, responseBusinessDays: -1e300 }),
  ],
  'an approval with odd values': [json({ source: ' ', actor: {}, evidence: [], importerNumber: null })],
  'an approval for nobody': [json({ source: 'x', actor: 'x', evidence: 'x', importerNumber: 'no number' })],
  'several payloads, the later ones unreadable': [json(null), payload('binary/unknown'), payload('json/plain', '{')],
  'encrypted without a key id': [payload('binary/encrypted', 'x')],
  'encrypted without data': [payload('binary/encrypted', undefined, keyId(keyring.writingId))],
  'encrypted with a key nobody ever had': [payload('binary/encrypted', 'x', keyId('k-000000000000'))],
  'a key id that climbs': [payload('binary/encrypted', 'x', keyId('../../etc/passwd'))],
  'a key id of a kilobyte': [payload('binary/encrypted', 'x', keyId('k'.repeat(1_000)))],
  'our key id on rubbish': [payload('binary/encrypted', Buffer.alloc(100, 7), keyId(keyring.writingId))],
  'sealed with another key, under our id': [
    {
      ...(await sealed(stranger, json({}))),
      metadata: { encoding: text('binary/encrypted'), ...keyId(keyring.writingId) },
    },
  ],
  'sealed with a key of a stranger': [await sealed(stranger, json(mail))],
  'sealed properly, JSON that is none': [await sealed(keyring, payload('json/plain', '{'))],
  'sealed properly, an unknown encoding': [await sealed(keyring, payload('binary/unknown', 'x'))],
  'sealed twice': [await sealed(keyring, await sealed(keyring, json(mail)))],
};

/** Not a failure: something arrived just as the task ended, so the server repeats the task. */
const UNHANDLED_COMMAND = 1;

const SIGNALS = ['mailReceived', 'approvalArrived', 'noSuchSignal', '__temporal_made_up', '__stack_trace'];

describe.each([
  ['encrypted', encryption],
  ['in clear', undefined],
] as const)('nothing from outside can fail a workflow task, %s', (_, secured) => {
  const taskQueue = `malformed-${randomUUID()}`;
  const reference = `malformed-${randomUUID().slice(0, 8)}`;
  let worker: Awaited<ReturnType<typeof startWorker>>;
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    worker = await startWorker(sharedDevServer().address, taskQueue, secured);
    ({ connection, client } = await connect(sharedDevServer().address, secured));
  });
  afterAll(async () => {
    await worker.stop();
    await connection.close();
  });

  const signal = (workflowId: string, signalName: string, payloads: Payload[] | undefined) =>
    connection.workflowService.signalWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
      requestId: randomUUID(),
      signalName,
      header: { fields: { odd: payload('binary/unknown', 'x') } },
      ...(payloads ? { input: { payloads } } : {}),
    });
  const failedTasks = async (workflowId: string) => {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).flatMap((event) => {
      const failed = event.workflowTaskFailedEventAttributes;
      return failed && failed.cause !== UNHANDLED_COMMAND ? [failed.failure?.message ?? 'failed'] : [];
    });
  };

  /** Signals that a completed workflow task has brought to the workflow. Several can come with one task. */
  const signalsHandled = async (workflowId: string) => {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const lastTask = (events ?? []).findLastIndex((event) => event.workflowTaskCompletedEventAttributes);
    return (events ?? []).slice(0, lastTask + 1).filter((event) => event.workflowExecutionSignaledEventAttributes)
      .length;
  };

  test('no signal to an onboarding, which notes it and runs to its end', async () => {
    const handle = await startOnboarding(client, taskQueue, reference);
    await reaches(handle, 'awaiting-acknowledgement');
    for (const [what, payloads] of Object.entries(MALFORMED)) {
      for (const name of SIGNALS) await signal(handle.workflowId, name, payloads);
      const { notes } = await handle.query(messages.progress);
      expect(await failedTasks(handle.workflowId), what).toEqual([]);
      expect(notes.length, what).toBeGreaterThan(0);
    }
    expect(await finish(handle)).toBe('access-granted');
    expect(await failedTasks(handle.workflowId)).toEqual([]);
  });

  test('no signal that arrives before the first task or with the start', async () => {
    const workflowId = `onboarding-${reference}-early`;
    await connection.workflowService.signalWithStartWorkflowExecution({
      namespace: 'default',
      requestId: randomUUID(),
      workflowId,
      workflowType: { name: 'onboardImporter' },
      taskQueue: { name: taskQueue },
      input: { payloads: [payload('json/plain', '{')] },
      signalName: 'mailReceived',
      signalInput: { payloads: [payload('binary/unknown', 'x')] },
    });
    await expect(client.workflow.getHandle(workflowId).result()).rejects.toMatchObject({
      cause: { type: 'not-an-onboarding' },
    });
    expect(await failedTasks(workflowId)).toEqual([]);
  });

  test.each([[5], [{}], [[`${reference}-odd`]]])('no start with the reference %j', async (odd) => {
    const handle = await client.workflow.start('onboardImporter', {
      workflowId: `onboarding-${reference}-odd`,
      taskQueue,
      args: [{ reference: odd }],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'not-an-onboarding' } });
    expect(await failedTasks(handle.workflowId)).toEqual([]);
  });

  test('no signal to a mailbox watcher', async () => {
    const handle = await client.workflow.start('watchMailbox', {
      workflowId: `mailbox-${reference}`,
      taskQueue,
      args: [{ mailbox: reference }],
    });
    for (const payloads of Object.values(MALFORMED)) await signal(handle.workflowId, 'mailboxTroubles', payloads);
    await signal(handle.workflowId, 'mailboxTroubles', [
      json([{ kind: 'unreadable', says: 5 }, null, { kind: {} }, 7]),
    ]);
    const sent = Object.values(MALFORMED).length + 1;
    await expect.poll(() => signalsHandled(handle.workflowId), { timeout: 20_000 }).toBe(sent);
    await handle.query('__temporal_workflow_metadata');
    expect(await failedTasks(handle.workflowId)).toEqual([]);
    await handle.terminate();
  });

  test('and an unreadable update or query is refused', async () => {
    const handle = await startOnboarding(client, taskQueue, `${reference}-asked`);
    await reaches(handle, 'awaiting-acknowledgement');
    for (const [what, payloads] of Object.entries(MALFORMED)) {
      const input = payloads ? { args: { payloads } } : {};
      const answer = await connection.workflowService.updateWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: handle.workflowId },
        waitPolicy: { lifecycleStage: 3 },
        request: { meta: { updateId: randomUUID(), identity: 'test' }, input: { name: 'decide', ...input } },
      });
      expect(answer.outcome?.failure, what).toBeTruthy();
    }
    expect((await handle.query(messages.progress)).stage).toBe('awaiting-acknowledgement');
    expect(await failedTasks(handle.workflowId)).toEqual([]);
    await handle.terminate();
  });
});

test('readable payloads are decoded as usual', () => {
  expect(defaultPayloadConverter.fromPayload(json(mail))).toEqual(mail);
});
