import { describe, expect, test } from 'vitest';
import { type KeyMissing, newKey } from '../../../src/encryption/keyring.js';
import { ENCRYPTED, encryptionCodec, keyIdOf } from '../../../src/temporal/data-converter/encryption-codec.js';
import { keyringOf } from '../encryption/keyring-of.js';

const keyring = keyringOf(newKey());
const codec = encryptionCodec({ keyring });

/** A payload in our encoding. */
function sealed(plain: Uint8Array) {
  const { keyId, bytes } = keyring.seal('temporal payload', plain, ENCRYPTED);
  return { metadata: { encoding: Buffer.from(ENCRYPTED), 'encryption-key-id': Buffer.from(keyId) }, data: bytes };
}

test.each([
  ['of an unknown wire type', [0x0f, 0xff]],
  ['cut in the middle', [0x12, 0x7f, 0x01]],
  ['of groups without end', Array(200_000).fill(0x0b)],
])('leaves data alone that is encrypted with our key but is protobuf %s', async (_, plain) => {
  const payload = sealed(Uint8Array.from(plain));
  expect((await codec.decode([payload]))[0]).toBe(payload);
});

test.each([
  ['json/plain', {}],
  ['binary/encrypted by someone else', {}],
  ['', {}],
  ['json/plain', sealed(new Uint8Array())],
])('leaves a payload in the encoding "%s" alone', async (encoding, like) => {
  const payload = { data: Buffer.from('1'), ...like };
  const foreign = {
    ...payload,
    metadata: { ...('metadata' in like ? like.metadata : {}), encoding: Buffer.from(encoding) },
  };
  expect((await codec.decode([foreign]))[0]).toBe(foreign);
});

test('decodes what it encoded', async () => {
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('1') };
  const [read] = await codec.decode(await codec.encode([payload]));
  expect(read).toMatchObject({ metadata: payload.metadata, data: payload.data });
});

describe('a payload with a missing key', () => {
  const other = keyringOf(newKey());

  test('fails until the key is back if the key was ever ours, and the missing key is reported', async () => {
    for (const more of [{}, { wasOurs: async () => true }]) {
      const missing: KeyMissing[] = [];
      const without = encryptionCodec({ keyring: other, ...more, onKeyMissing: (one) => missing.push(one) });
      await expect(without.decode([sealed(new Uint8Array())])).rejects.toThrow(keyring.writingId);
      expect(missing.map(({ keyId }) => keyId)).toEqual([keyring.writingId]);
    }
  });

  test('is left alone if the key was never ours, and nothing is reported', async () => {
    const asked: string[] = [];
    const missing: KeyMissing[] = [];
    const wasOurs = async (keyId: string) => asked.push(keyId) === 0;
    const payload = sealed(new Uint8Array());
    const without = encryptionCodec({ keyring: other, wasOurs, onKeyMissing: (one) => missing.push(one) });
    expect((await without.decode([payload]))[0]).toBe(payload);
    expect([asked, missing]).toEqual([[keyring.writingId], []]);
  });
});

test('the key of a payload is known only for our encoding', () => {
  const payload = sealed(new Uint8Array());
  expect(keyIdOf(payload)).toBe(keyring.writingId);
  expect(keyIdOf({ metadata: { ...payload.metadata, encoding: Buffer.from('json/plain') } })).toBeUndefined();
  expect(keyIdOf({ metadata: { encoding: Buffer.from(ENCRYPTED) } })).toBe('');
  for (const bare of [{}, { metadata: null }, { metadata: {} }]) expect(keyIdOf(bare)).toBeUndefined();
});
