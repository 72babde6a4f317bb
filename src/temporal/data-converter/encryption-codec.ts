import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { KeyMissing, type Keyring } from '../../encryption/keyring.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** The encoding that encrypted payloads carry, as in Temporal's own samples, so that people recognise it. */
export const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

export interface EncryptionCodecOptions {
  keyring: Keyring;
  /**
   * Whether a key that we do not hold was ever one of ours. Data under such a key waits for it; under a key that nobody
   * ever had it is rubbish, and is left as it is. Default: every key might have been.
   */
  wasOurs?: (keyId: string) => Promise<boolean>;
  /** Told of each payload that cannot be read for want of a key. */
  onKeyMissing?: (missing: KeyMissing) => void;
}

/**
 * Encrypts every payload on its way to Temporal and decrypts it on its way back: arguments, results, signals, updates,
 * queries, memos, summaries, details and, with the failure converter, messages and stack traces of failures. Payloads
 * in other encodings pass through, and so do those in our encoding that this codec did not make: sealed by no one, or
 * with our key but not around a payload. They are not ours to judge.
 *
 * @throws KeyMissing on decoding, for data that can be read with another key. A workflow task or an activity that meets
 *   it is tried again; nothing fails for good.
 */
export function encryptionCodec({ keyring, wasOurs, onKeyMissing }: EncryptionCodecOptions): PayloadCodec {
  return {
    encode: async (payloads) =>
      payloads.map((payload) => {
        const { keyId, bytes } = keyring.seal('temporal payload', PayloadMessage.encode(payload).finish(), ENCRYPTED);
        return { metadata: { encoding: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(keyId) }, data: bytes };
      }),
    decode: (payloads) => Promise.all(payloads.map(decoded)),
  };

  async function decoded(payload: Payload): Promise<Payload> {
    if (text(payload.metadata?.encoding) !== ENCRYPTED) return payload;
    const sealed = { keyId: text(payload.metadata?.[KEY_ID]), bytes: payload.data ?? new Uint8Array() };
    try {
      const plain = keyring.open('temporal payload', sealed, ENCRYPTED);
      return (plain && payloadIn(plain)) ?? payload;
    } catch (error) {
      if (!(error instanceof KeyMissing)) throw error;
      if (wasOurs && !(await wasOurs(sealed.keyId))) return payload;
      onKeyMissing?.(error);
      throw error;
    }
  }
}

/** What was sealed with our key; undefined when it is no payload, so not sealed by this codec. */
function payloadIn(plain: Uint8Array): Payload | undefined {
  try {
    return PayloadMessage.decode(plain);
  } catch {
    // It would fail each time, and a workflow task with it, forever.
    return undefined;
  }
}

/** The id of the key that a payload is encrypted with; undefined for one that is not encrypted. */
export function keyIdOf(payload: Payload): string | undefined {
  return text(payload.metadata?.encoding) === ENCRYPTED ? text(payload.metadata?.[KEY_ID]) : undefined;
}

function text(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
