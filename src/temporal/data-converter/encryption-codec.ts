import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { KeyMissing, type Keyring } from '../../encryption/keyring.js';

const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

/** The encoding of encrypted payloads: the same as in Temporal's samples, so that people recognize it. */
export const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

export interface EncryptionCodecOptions {
  keyring: Keyring;
  /**
   * Whether a key that we do not have was ever one of ours. Data with such a key waits until the key is back. Data with an
   * unknown key is garbage and is left alone. Default: any key may have been ours.
   */
  wasOurs?: (keyId: string) => Promise<boolean>;
  /** As in `Encryption`. */
  beforeWriting?: () => Promise<void>;
  /** Called for each payload whose key is missing. */
  onKeyMissing?: (missing: KeyMissing) => void;
}

/**
 * Encrypts every payload on its way to Temporal and decrypts it on its way back: arguments, results, signals, updates,
 * queries, memos, summaries, details and, with the failure converter, messages and stack traces of failures. Payloads in
 * other encodings are left alone. So are payloads in our encoding that this codec did not make: forged ones, and data
 * encrypted with our key that is not a payload.
 *
 * @throws KeyMissing when decoding data that needs another key. Temporal then retries the workflow task or activity, and
 *   nothing fails permanently.
 */
export function encryptionCodec({
  keyring,
  wasOurs,
  beforeWriting,
  onKeyMissing,
}: EncryptionCodecOptions): PayloadCodec {
  return {
    async encode(payloads) {
      await beforeWriting?.();
      return payloads.map((payload) => {
        const { keyId, bytes } = keyring.seal('temporal payload', PayloadMessage.encode(payload).finish(), ENCRYPTED);
        return { metadata: { encoding: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(keyId) }, data: bytes };
      });
    },
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

/** The decrypted payload; undefined if the data is not a payload, so this codec did not make it. */
function payloadIn(plain: Uint8Array): Payload | undefined {
  try {
    return PayloadMessage.decode(plain);
  } catch {
    // Throwing would fail the workflow task again and again, forever.
    return undefined;
  }
}

/** The id of the key that a payload is encrypted with; undefined if it is not encrypted. */
export function keyIdOf(payload: Payload): string | undefined {
  return text(payload.metadata?.encoding) === ENCRYPTED ? text(payload.metadata?.[KEY_ID]) : undefined;
}

function text(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
