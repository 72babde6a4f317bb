import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * The keys that encrypt personal data before it leaves the process, with AES-256-GCM. All of them decrypt, the first one
 * encrypts. The id of a key is computed from the key, so two different keys never have the same id: data with the id of
 * one of our keys either decrypts or is forged, and a wrong key always shows as another id.
 */
export interface Keyring {
  /** The id of the key that encrypts, the first one. */
  readonly writingId: string;
  /** The ids of all keys, the writing key first. */
  readonly ids: readonly string[];
  /** Encrypts for a purpose. `bound` is authenticated along with it, and `open` needs the same. */
  seal(purpose: Purpose, plain: Uint8Array, bound: string): Sealed;
  /**
   * @returns undefined if we have the key, but the data was altered, cut off, or sealed for something else
   * @throws KeyMissing if we do not have the key
   */
  open(purpose: Purpose, sealed: Sealed, bound: string): Uint8Array | undefined;
}

/** Each purpose has its own derived key, so data encrypted for one cannot pass as data for another. */
export type Purpose = 'temporal payload' | 'archive document' | 'archive record' | 'archive name';

export interface Sealed {
  keyId: string;
  /** Nonce (12 bytes), ciphertext, tag (16 bytes). */
  bytes: Uint8Array;
}

/** Data is encrypted with a key that this process does not have. Nothing is lost: the key makes it readable. */
export class KeyMissing extends Error {
  readonly code = 'encryption-key-missing';
  constructor(
    readonly keyId: string,
    present: readonly string[],
  ) {
    super(
      `This data is encrypted with the key ${keyId}, which is not among the keys of this process (${present.length > 0 ? present.join(', ') : 'it has none'}). Add that key to ENCRYPTION_KEYS, after the writing key, and restart. Until then it keeps retrying, and nothing is lost.`,
    );
    this.name = 'KeyMissing';
  }
}

/** A new key, as `ENCRYPTION_KEYS` takes it: 32 random bytes in base64. */
export function newKey(): string {
  return randomBytes(32).toString('base64');
}

/**
 * Reads keys: base64 of 32 bytes each, separated by white space or commas. A comment goes from `#` to the end of the line.
 * @returns the keys, or the problems with them, which never quote a key
 */
export function readKeys(text: string): Keyring | { problems: string[] } {
  const words = text
    .split('\n')
    .map((line) => line.replace(/#.*$/, ''))
    .join(' ')
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const problems = words.flatMap((word, index) => problemOf(word, index + 1));
  if (words.length === 0) problems.push('has no key; ace-onboarding keys new makes one');
  const keys = words.map((word) => keyOf(Buffer.from(word, 'base64')));
  const ids = keys.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice && problems.length === 0) problems.push(`has the key ${twice} twice`);
  const [writing] = keys;
  return problems.length > 0 || !writing ? { problems } : new Keys(writing, keys);
}

function problemOf(word: string, position: number): string[] {
  const bytes = Buffer.from(word, 'base64');
  if (/^[A-Za-z0-9+/]{43}=$/.test(word) && bytes.toString('base64') === word) return [];
  return [`key ${position} is not base64 of 32 bytes (44 characters); ace-onboarding keys new makes one`];
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Key {
  id: string;
  derived(purpose: Purpose): Uint8Array;
}

function keyOf(secret: Uint8Array): Key {
  const derive = (info: string, length: number) =>
    new Uint8Array(hkdfSync('sha256', secret, '', `ace-onboarding ${info}`, length));
  const derived = new Map<Purpose, Uint8Array>();
  return {
    id: `k-${Buffer.from(derive('key id', 6)).toString('hex')}`,
    derived(purpose) {
      const known = derived.get(purpose) ?? derive(purpose, 32);
      derived.set(purpose, known);
      return known;
    },
  };
}

class Keys implements Keyring {
  readonly writingId: string;
  readonly ids: readonly string[];
  readonly #writing: Key;
  readonly #keys: Map<string, Key>;

  constructor(writing: Key, keys: Key[]) {
    this.#writing = writing;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.writingId = writing.id;
    this.ids = keys.map(({ id }) => id);
  }

  seal(purpose: Purpose, plain: Uint8Array, bound: string): Sealed {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#writing.derived(purpose), nonce);
    cipher.setAAD(associated(this.writingId, bound));
    const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { keyId: this.writingId, bytes };
  }

  open(purpose: Purpose, { keyId, bytes }: Sealed, bound: string): Uint8Array | undefined {
    const key = this.#keys.get(keyId);
    if (!key) throw new KeyMissing(keyId, this.ids);
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv('aes-256-gcm', key.derived(purpose), bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associated(keyId, bound));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      // Node.js says only "unable to authenticate data", which is what undefined means here.
      return undefined;
    }
  }

  /** Neither `console.log` nor `JSON.stringify` of a configuration may show a key. */
  toJSON(): string[] {
    return [...this.ids];
  }
}

function associated(keyId: string, bound: string): Buffer {
  return Buffer.from(`ace-onboarding\n${keyId}\n${bound}`);
}

/** What a connection to Temporal needs to encrypt its data. */
export interface Encryption {
  keyring: Keyring;
  /** Whether a key that this process does not have was ever one of ours. */
  wasOurs: (keyId: string) => Promise<boolean>;
  /** Awaited before anything is encrypted: registers the writing key. Default: it is registered already. */
  beforeWriting?: () => Promise<void>;
}
