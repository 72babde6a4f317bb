import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { expect, test } from 'vitest';
import { type KeyMissing, newKey } from '../../../src/encryption/keyring.js';
import { dataConverter, FAILURE_CONVERTER_PATH } from '../../../src/temporal/data-converter/data-converter.js';
import { executionsWithKey, keyIdsIn } from '../../../src/temporal/data-converter/key-use.js';
import { keyringOf } from '../encryption/keyring-of.js';

const keyring = keyringOf(newKey());
const encryption = { keyring, wasOurs: async () => true };
const PLAIN = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('1') };

async function encrypted() {
  const [payload] = (await dataConverter(encryption).payloadCodecs?.[0]?.encode([PLAIN])) ?? [];
  if (!payload) throw new Error('Nothing was encoded.');
  return payload;
}

test('the keys of payloads are found at any depth, and none if there are none', async () => {
  const payload = await encrypted();
  expect(keyIdsIn({ events: [null, { memo: null, input: { payloads: [PLAIN, payload] } }] })).toEqual(
    new Set([keyring.writingId]),
  );
  for (const nothing of [null, undefined, 'text', 7, {}, { metadata: null }, [PLAIN], new Uint8Array(3)])
    expect(keyIdsIn(nothing)).toEqual(new Set());
});

test('every workflow whose history needs a key is named, and a workflow that is gone by now is skipped', async () => {
  const payload = await encrypted();
  const histories: Record<string, unknown> = { plain: [PLAIN], gone: undefined };
  for (let i = 0; i < 25; i++) histories[`encrypted-${i}`] = { events: [{ input: [payload] }] };
  const fetchHistory = async (workflowId: string) => {
    if (workflowId === 'gone') throw new WorkflowNotFoundError('gone', workflowId, 'run');
    return histories[workflowId];
  };
  const client = {
    workflow: {
      async *list() {
        for (const workflowId of Object.keys(histories)) yield { workflowId, runId: `run of ${workflowId}` };
      },
      getHandle: (workflowId: string) => ({ fetchHistory: () => fetchHistory(workflowId) }),
    },
  } as unknown as Client;
  const wanted = Object.keys(histories).filter((workflowId) => workflowId.startsWith('encrypted'));
  expect((await executionsWithKey(client, keyring.writingId)).sort()).toEqual(wanted.sort());
  expect(await executionsWithKey(client, 'k-000000000000')).toEqual([]);
});

test('without keys nothing is encrypted; with keys, failures are encrypted, too, and a missing key is reported', async () => {
  expect(dataConverter(undefined)).toEqual({});
  expect(dataConverter(encryption).failureConverterPath).toBe(FAILURE_CONVERTER_PATH);
  const payload = await encrypted();
  expect(payload.data).not.toEqual(PLAIN.data);
  const missing: KeyMissing[] = [];
  const other = dataConverter({ ...encryption, keyring: keyringOf(newKey()) }, (one) => missing.push(one));
  await expect(other.payloadCodecs?.[0]?.decode([payload])).rejects.toThrow(keyring.writingId);
  expect(missing.map(({ keyId }) => keyId)).toEqual([keyring.writingId]);
});
