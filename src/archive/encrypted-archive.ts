import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Keyring, Sealed } from '../encryption/keyring.js';
import { type Archive, type ArchivedDocument, ArchiveError, type ArchiveStore, type RecordKey } from './archive.js';
import { sha256Of } from './archive-names.js';
import { isKeyRegisterRecord } from './key-register.js';

/**
 * An archive whose folder or bucket reveals nothing. Documents and records are encrypted, each bound to its name or key.
 * The name of a document is an HMAC of its sha256, because the sha256 would let anyone confirm a guess at the content. The
 * keys of records are unchanged, since they contain nothing personal.
 *
 * Callers still use the sha256 of the plain bytes to name a document.
 */
export interface EncryptedArchive extends Archive {
  /** Does nothing if there is no such document. */
  removeDocument(sha256: string): Promise<void>;
  /** The name under which the document with this sha256 is stored. */
  nameOf(sha256: string): string;
  /**
   * Encrypts everything with the writing key, so that older keys can be removed. Safe to interrupt and to repeat. Stop the
   * workers first: a record that one changes at the same moment could revert.
   * @param takeUpPlain also encrypts unencrypted data from before there were keys
   */
  reencrypt(options?: { takeUpPlain?: boolean }): Promise<Reencryption>;
  /** How many documents and records are encrypted with a key, even one that we no longer have. */
  encryptedWith(keyId: string): Promise<number>;
}

export interface Reencryption {
  documents: number;
  records: number;
  /** How many of them were encrypted with another key, or not at all. */
  changed: number;
}

/** An encrypted record. It is JSON, so it is stored like any record. */
const sealedRecord = z.strictObject({ keyId: z.string(), sealed: z.base64() });

/** The secret for the names of documents, created once per archive and kept when keys change. */
const NAMES: RecordKey = 'archive-secrets/document-names';
const namesSecret = z.object({ secret: z.string() });

/** The first bytes of an encrypted document, followed by the key ID and a line feed. */
const MAGIC = 'ace-onboarding/1 ';
const HEADER_BYTES = MAGIC.length + 'k-000000000000'.length + 1;

/** Whether creating an archive writes this record, so that it does not show that the archive was used. */
export function isMadeWithArchive(key: RecordKey): boolean {
  return isKeyRegisterRecord(key) || key === NAMES;
}

/**
 * @param make false: nothing is written; the archive must be encrypted already
 * @param beforeWriting awaited before anything is encrypted
 * @throws ArchiveError `incomplete` if the secret for the names of documents is missing: with a new one, no document
 *   would be found
 */
export async function openEncryptedArchive(
  store: ArchiveStore,
  keyring: Keyring,
  { make = true, beforeWriting }: { make?: boolean; beforeWriting?: () => Promise<void> } = {},
): Promise<EncryptedArchive> {
  const sealing: Sealing = {
    writingId: keyring.writingId,
    open: (...sealed) => keyring.open(...sealed),
    async seal(...plain) {
      await beforeWriting?.();
      return keyring.seal(...plain);
    },
  };
  const records = new SealedRecords(store, sealing);
  if ((await records.readRecord(NAMES)) === undefined) {
    const encrypted = await hasSealedRecord(store);
    // A worker that starts at the same instant writes the secret before anything else.
    if ((encrypted || !make) && (await records.readRecord(NAMES)) === undefined) throw withoutNames(encrypted);
    if (make) await records.createRecord(NAMES, { secret: randomBytes(32).toString('hex') });
  }
  const { secret } = namesSecret.parse(await records.readRecord(NAMES));
  return new Encrypted(store, sealing, records, Buffer.from(secret, 'hex'));
}

async function hasSealedRecord(store: ArchiveStore): Promise<boolean> {
  for await (const key of store.listRecords(''))
    if (sealedRecord.safeParse(await store.readRecord(key)).success) return true;
  return false;
}

function withoutNames(encrypted: boolean): ArchiveError {
  return new ArchiveError(
    'incomplete',
    encrypted
      ? `The archive has encrypted records, but not ${NAMES}, which is needed to find its documents. Nothing was written. Restore the whole archive from a backup.`
      : 'ENCRYPTION_KEYS is set, but the archive has unencrypted data from before. Stop the workers, then run: ace-onboarding keys reencrypt --take-up-plain',
  );
}

/** A keyring whose writing key is registered before it encrypts. */
interface Sealing extends Pick<Keyring, 'writingId' | 'open'> {
  seal(...plain: Parameters<Keyring['seal']>): Promise<Sealed>;
}

/** Encrypts records one by one, except the register of keys, which is read before any key is available. */
class SealedRecords {
  constructor(
    private readonly store: ArchiveStore,
    private readonly keyring: Sealing,
  ) {}

  async createRecord<T>(key: RecordKey, record: T): Promise<{ created: true } | { created: false; existing: unknown }> {
    const result = await this.store.createRecord(key, await this.seal(key, record));
    return result.created ? result : { created: false, existing: this.open(key, result.existing) };
  }

  async readRecord(key: RecordKey): Promise<unknown> {
    const found = await this.store.readRecord(key);
    return found === undefined ? undefined : this.open(key, found);
  }

  async seal<T>(key: RecordKey, record: T): Promise<unknown> {
    if (isKeyRegisterRecord(key)) return record;
    const { keyId, bytes } = await this.keyring.seal('archive record', Buffer.from(JSON.stringify(record)), key);
    return { keyId, sealed: Buffer.from(bytes).toString('base64') };
  }

  open(key: RecordKey, found: unknown): unknown {
    if (isKeyRegisterRecord(key)) return found;
    const sealed = sealedRecord.safeParse(found);
    if (!sealed.success)
      throw new ArchiveError(
        'record-corrupt',
        `Record ${key} is not encrypted, though the archive is. If it is from before there were keys, run: ace-onboarding keys reencrypt --take-up-plain. If not, another program wrote it.`,
      );
    const bytes = Buffer.from(sealed.data.sealed, 'base64');
    const plain = this.keyring.open('archive record', { keyId: sealed.data.keyId, bytes }, key);
    if (!plain)
      throw new ArchiveError(
        'record-corrupt',
        `Record ${key} was altered or moved from another key. Restore it from a backup.`,
      );
    return JSON.parse(Buffer.from(plain).toString('utf8'));
  }
}

class Encrypted implements EncryptedArchive {
  constructor(
    private readonly store: ArchiveStore,
    private readonly keyring: Sealing,
    private readonly records: SealedRecords,
    private readonly secret: Buffer,
  ) {}

  async putDocument(bytes: Uint8Array): Promise<ArchivedDocument> {
    const sha256 = sha256Of(bytes);
    const name = this.nameOf(sha256);
    // Any existing document is the same one or a damaged copy of it.
    await this.store.writeNamed(name, await this.sealed(name, bytes));
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
        `Document ${sha256} in the archive (stored as ${name}) was altered. Restore it from a backup.`,
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

  async replaceRecord<T>(key: RecordKey, record: T): Promise<void> {
    await this.store.replaceRecord(key, await this.records.seal(key, record));
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
        if (!plain) throw new ArchiveError('document-corrupt', `The document stored as ${name} was altered.`);
        await this.store.writeNamed(name, await this.sealed(name, plain));
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
    await this.store.replaceRecord(key, await this.records.seal(key, record));
    return true;
  }

  nameOf(sha256: string): string {
    return createHmac('sha256', this.secret).update(sha256).digest('hex');
  }

  private async sealed(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    const { keyId, bytes: sealed } = await this.keyring.seal('archive document', bytes, name);
    return Buffer.concat([Buffer.from(`${MAGIC}${keyId}\n`), sealed]);
  }

  /** Undefined if it was altered or never encrypted. */
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
