import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Keyring } from '../encryption/keyring.js';
import { type Archive, type ArchivedDocument, ArchiveError, type RecordKey } from './archive.js';
import { sha256Of } from './archive-names.js';
import type { ArchiveStore } from './archive-store.js';
import { isKeyRegisterRecord } from './key-register.js';

/**
 * An archive of which the place it lies in can read nothing: documents and records are encrypted, each bound to where it
 * lies, and a document's name there is an HMAC of its sha256, because the sha256 itself would let anybody confirm a
 * guess at what is in it. Keys of records stay as they are; they are made to say nothing personal.
 *
 * Everybody else goes on calling documents by the sha256 of their plain bytes.
 */
export interface EncryptedArchive extends Archive {
  /** Removing what is not there is fine. */
  removeDocument(sha256: string): Promise<void>;
  /** The name under which the document with this sha256 lies in its place. */
  nameOf(sha256: string): string;
  /**
   * Encrypts with the writing key whatever is not, so that older keys can go. Safe to interrupt and to repeat. With
   * workers stopped: a record that one changes in the same instant could go back to what it was.
   * @param takeUpPlain also what lies there in clear, from before there were keys
   */
  reencrypt(options?: { takeUpPlain?: boolean }): Promise<Reencryption>;
  /** How many documents and records are encrypted with a key, held or not. */
  encryptedWith(keyId: string): Promise<number>;
}

export interface Reencryption {
  documents: number;
  records: number;
  /** Of which so many had been encrypted with another key, or with none. */
  changed: number;
}

/** A record encrypted. JSON, so that every place that holds records holds it. */
const sealedRecord = z.strictObject({ keyId: z.string(), sealed: z.base64() });

/** The secret behind documents' names, made once for an archive and kept through all changes of keys. */
const NAMES: RecordKey = 'archive-secrets/document-names';
const namesSecret = z.object({ secret: z.string() });

/** The first bytes of an encrypted document; the key's id follows, then a line feed. */
const MAGIC = 'ace-onboarding/1 ';
const HEADER_BYTES = MAGIC.length + 'k-000000000000'.length + 1;

/** Whether making an archive writes this record itself, so that it is no sign of use. */
export function isMadeWithArchive(key: RecordKey): boolean {
  return isKeyRegisterRecord(key) || key === NAMES;
}

/**
 * @param make false: nothing is written; the archive must have been encrypted before
 * @throws ArchiveError `incomplete` when the secret behind the documents' names is missing: with a new one no document
 *   would be found.
 */
export async function openEncryptedArchive(
  store: ArchiveStore,
  keyring: Keyring,
  { make = true } = {},
): Promise<EncryptedArchive> {
  const records = new SealedRecords(store, keyring);
  if ((await records.readRecord(NAMES)) === undefined) {
    const encrypted = await holdsSealedRecord(store);
    // A worker that begins here at the same instant writes the secret before anything else.
    if ((encrypted || !make) && (await records.readRecord(NAMES)) === undefined) throw withoutNames(encrypted);
    if (make) await records.createRecord(NAMES, { secret: randomBytes(32).toString('hex') });
  }
  const { secret } = namesSecret.parse(await records.readRecord(NAMES));
  return new Encrypted(store, keyring, records, Buffer.from(secret, 'hex'));
}

async function holdsSealedRecord(store: ArchiveStore): Promise<boolean> {
  for await (const key of store.listRecords(''))
    if (sealedRecord.safeParse(await store.readRecord(key)).success) return true;
  return false;
}

function withoutNames(encrypted: boolean): ArchiveError {
  return new ArchiveError(
    'incomplete',
    encrypted
      ? `The archive has encrypted records, but not ${NAMES}, without which none of its documents can be found. Nothing was written. Restore the whole archive from a backup.`
      : 'ENCRYPTION_KEYS is set, but the archive holds data in clear from before. Stop the workers, then run: ace-onboarding keys reencrypt --take-up-plain',
  );
}

/** Records, encrypted one by one. Which keys were used is not: it is read before there are keys. */
class SealedRecords {
  constructor(
    private readonly store: ArchiveStore,
    private readonly keyring: Keyring,
  ) {}

  async createRecord<T>(key: RecordKey, record: T): Promise<{ created: true } | { created: false; existing: unknown }> {
    const result = await this.store.createRecord(key, this.seal(key, record));
    return result.created ? result : { created: false, existing: this.open(key, result.existing) };
  }

  async readRecord(key: RecordKey): Promise<unknown> {
    const found = await this.store.readRecord(key);
    return found === undefined ? undefined : this.open(key, found);
  }

  seal<T>(key: RecordKey, record: T): unknown {
    if (isKeyRegisterRecord(key)) return record;
    const { keyId, bytes } = this.keyring.seal('archive record', Buffer.from(JSON.stringify(record)), key);
    return { keyId, sealed: Buffer.from(bytes).toString('base64') };
  }

  open(key: RecordKey, found: unknown): unknown {
    if (isKeyRegisterRecord(key)) return found;
    const sealed = sealedRecord.safeParse(found);
    if (!sealed.success)
      throw new ArchiveError(
        'record-corrupt',
        `Record ${key} is not encrypted, though the archive is. If it lay there before there were keys, run: ace-onboarding keys reencrypt --take-up-plain. If not, somebody else wrote it.`,
      );
    const bytes = Buffer.from(sealed.data.sealed, 'base64');
    const plain = this.keyring.open('archive record', { keyId: sealed.data.keyId, bytes }, key);
    if (!plain)
      throw new ArchiveError(
        'record-corrupt',
        `Record ${key} was altered, or belongs to another place. Restore it from a backup.`,
      );
    return JSON.parse(Buffer.from(plain).toString('utf8'));
  }
}

class Encrypted implements EncryptedArchive {
  constructor(
    private readonly store: ArchiveStore,
    private readonly keyring: Keyring,
    private readonly records: SealedRecords,
    private readonly secret: Buffer,
  ) {}

  async putDocument(bytes: Uint8Array): Promise<ArchivedDocument> {
    const sha256 = sha256Of(bytes);
    const name = this.nameOf(sha256);
    // Whatever was there: the same bytes again, or a damaged copy.
    await this.store.writeNamed(name, this.sealed(name, bytes));
    return { sha256, bytes: bytes.byteLength };
  }

  async getDocument(sha256: string): Promise<Uint8Array> {
    const name = this.nameOf(sha256);
    const found = await this.store.readNamed(name);
    if (!found)
      throw new ArchiveError(
        'document-missing',
        `The archive has no document ${sha256.slice(0, 80)}. Was it moved, or is another archive configured?`,
      );
    const plain = this.opened(name, found);
    if (!plain || sha256Of(plain) !== sha256)
      throw new ArchiveError(
        'document-corrupt',
        `Document ${sha256} in the archive, under the name ${name}, was altered. Restore it from a backup.`,
      );
    return plain;
  }

  removeDocument(sha256: string): Promise<void> {
    return this.store.removeDocument(this.nameOf(sha256));
  }

  createRecord<T>(key: RecordKey, record: T): Promise<{ created: true } | { created: false; existing: unknown }> {
    return this.records.createRecord(key, record);
  }

  readRecord(key: RecordKey): Promise<unknown> {
    return this.records.readRecord(key);
  }

  replaceRecord<T>(key: RecordKey, record: T): Promise<void> {
    return this.store.replaceRecord(key, this.records.seal(key, record));
  }

  removeRecord(key: RecordKey): Promise<void> {
    return this.store.removeRecord(key);
  }

  listRecords(prefix: string): AsyncIterable<RecordKey> {
    return this.store.listRecords(prefix);
  }

  async reencrypt({ takeUpPlain = false } = {}): Promise<Reencryption> {
    const done: Reencryption = { documents: 0, records: 0, changed: 0 };
    for await (const name of this.store.listDocuments()) {
      done.documents += 1;
      const found = await this.store.readNamed(name);
      if (!found) continue;
      if (takeUpPlain && sha256Of(found) === name) {
        await this.putDocument(found);
        await this.store.removeDocument(name);
        done.changed += 1;
      } else if (keyIdIn(found) !== this.keyring.writingId) {
        const plain = this.opened(name, found);
        if (!plain) throw new ArchiveError('document-corrupt', `The document under the name ${name} was altered.`);
        await this.store.writeNamed(name, this.sealed(name, plain));
        done.changed += 1;
      }
    }
    for await (const key of this.store.listRecords('')) {
      if (isKeyRegisterRecord(key)) continue;
      done.records += 1;
      if (await this.reencryptRecord(key, takeUpPlain)) done.changed += 1;
    }
    return done;
  }

  async encryptedWith(keyId: string): Promise<number> {
    let found = 0;
    for await (const name of this.store.listDocuments()) {
      const document = await this.store.readNamed(name);
      if (document && keyIdIn(document) === keyId) found += 1;
    }
    for await (const key of this.store.listRecords(''))
      if (sealedRecord.safeParse(await this.store.readRecord(key)).data?.keyId === keyId) found += 1;
    return found;
  }

  private async reencryptRecord(key: RecordKey, takeUpPlain: boolean): Promise<boolean> {
    const found = await this.store.readRecord(key);
    const sealed = sealedRecord.safeParse(found);
    if (found === undefined || sealed.data?.keyId === this.keyring.writingId) return false;
    const record = !sealed.success && takeUpPlain ? found : this.records.open(key, found);
    await this.store.replaceRecord(key, this.records.seal(key, record));
    return true;
  }

  nameOf(sha256: string): string {
    return createHmac('sha256', this.secret).update(sha256).digest('hex');
  }

  private sealed(name: string, bytes: Uint8Array): Uint8Array {
    const { keyId, bytes: sealed } = this.keyring.seal('archive document', bytes, name);
    return Buffer.concat([Buffer.from(`${MAGIC}${keyId}\n`), sealed]);
  }

  /** Undefined when it was altered or never encrypted. */
  private opened(name: string, stored: Uint8Array): Uint8Array | undefined {
    const keyId = keyIdIn(stored);
    if (keyId === undefined) return undefined;
    return this.keyring.open('archive document', { keyId, bytes: stored.subarray(HEADER_BYTES) }, name);
  }
}

function keyIdIn(stored: Uint8Array): string | undefined {
  const header = Buffer.from(stored.subarray(0, HEADER_BYTES)).toString('latin1');
  return header.startsWith(MAGIC) && header.endsWith('\n') ? header.slice(MAGIC.length, -1) : undefined;
}
