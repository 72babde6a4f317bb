import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signalOnce } from '../../src/temporal/signal-once.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';

/** Marks each payload, so that the test notices one that bypasses the converter. */
const marking: PayloadCodec = {
  encode: async (payloads) =>
    payloads.map((payload) => ({ ...payload, metadata: { ...payload.metadata, marked: Buffer.from('yes') } })),
  decode: async (payloads) => payloads,
};

describe('a signal sent again with the same request id', () => {
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    connection = await Connection.connect(sharedDevServer());
    client = new Client({ connection, identity: 'the watcher', dataConverter: { payloadCodecs: [marking] } });
  });
  afterAll(() => connection.close());

  const started = () => client.workflow.start('nobodyRunsThis', { workflowId: randomUUID(), taskQueue: 'none' });
  const signalsOf = async (handle: WorkflowHandle) =>
    ((await handle.fetchHistory()).events ?? []).flatMap(
      (event) => event.workflowExecutionSignaledEventAttributes ?? [],
    );

  test('is one event in the history, with the data converter and the identity of the client', async () => {
    const handle = await started();
    for (let i = 0; i < 3; i++) {
      const told = await signalOnce(client.workflow, handle.workflowId, 'mailReceived', { mailId: 'a' }, 'a');
      expect(told).toBe('delivered');
    }
    await signalOnce(client.workflow, handle.workflowId, 'mailReceived', { mailId: 'b' }, 'b');

    const signals = await signalsOf(handle);
    expect(signals.map((signal) => [signal.signalName, signal.identity])).toEqual([
      ['mailReceived', 'the watcher'],
      ['mailReceived', 'the watcher'],
    ]);
    expect(signals[0]?.input?.payloads?.[0]?.metadata?.marked?.toString()).toBe('yes');
  });

  test('is delivered even if the workflow has closed since, and not-found if it had not arrived before', async () => {
    const handle = await started();
    const send = (id: string) => signalOnce(client.workflow, handle.workflowId, 'mailReceived', { mailId: id }, id);
    await send('a');
    await handle.terminate();

    expect(await send('a')).toBe('delivered');
    expect(await send('b')).toBe('not-found');
    expect(await signalsOf(handle)).toHaveLength(1);
  });

  test('is not-found if there never was such a workflow', async () => {
    expect(await signalOnce(client.workflow, randomUUID(), 'mailReceived', {}, 'a')).toBe('not-found');
  });
});
