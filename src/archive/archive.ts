import { KeyMissing } from '../encryption/keyring.js';

/**
 * The product's only store. Documents are stored under their sha256 and never change. Records are stored under a key, and
 * the exclusive create of a record decides every race: who owns an importer number, who may send a message.
 */
export interface Archive {
  /** Stores bytes; storing the same bytes again is the same document. Durable when it resolves. */
  putDocument(bytes: Uint8Array): Promise<ArchivedDocument>;

  /** @throws ArchiveError `document-missing` | `document-corrupt` (the bytes no longer match their sha256). */
  getDocument(sha256: string): Promise<Uint8Array>;

  /**
   * Creates a record if no record has this key: of any number of simultaneous callers exactly one gets `created: true`.
   * Durable when it resolves. `record` is JSON.
   */
  createRecord<T>(key: RecordKey, record: T): Promise<{ created: true } | { created: false; existing: unknown }>;

  /** Undefined if there is none. */
  readRecord(key: RecordKey): Promise<unknown>;

  /** Writes a record over any existing one: the last writer wins. */
  replaceRecord<T>(key: RecordKey, record: T): Promise<void>;

  /** Does nothing if there is no such record. */
  removeRecord(key: RecordKey): Promise<void>;

  /** Keys below a prefix such as `review/`, in no particular order. */
  listRecords(prefix: string): AsyncIterable<RecordKey>;
}

/** Slash-separated segments of `[A-Za-z0-9._-]+`, none starting with a dot: `claims/5XQ…`. Only `records.ts` makes them. */
export type RecordKey = string;

export interface ArchivedDocument {
  sha256: string;
  bytes: number;
}

/**
 * What a folder or bucket must offer: the archive itself, documents under given names for the encrypted archive, and what
 * maintenance needs. Names have 64 hexadecimal digits.
 */
export interface ArchiveStore extends Archive {
  /** Writes a document over any existing one. All or nothing; durable when it resolves. */
  writeNamed(name: string, bytes: Uint8Array): Promise<void>;

  /** The stored bytes, not compared with the name; undefined if there are none. */
  readNamed(name: string): Promise<Uint8Array | undefined>;

  /** By its name, which in an unencrypted archive is the sha256. Does nothing if there is no such document. */
  removeDocument(name: string): Promise<void>;

  /** The names of all documents, in no particular order. */
  listDocuments(): AsyncIterable<string>;

  /** Undefined if there is none. */
  describeDocument(name: string): Promise<DocumentFacts | undefined>;

  /** Bytes that still fit, without writing anything. Undefined if that is unknown. */
  freeBytes(): Promise<number | undefined>;
}

/** Writing failed because the archive is full. */
export interface Shortage {
  error: ArchiveError;
  /** How much had to be written. */
  bytes: number;
  /** Writes that much and removes it. @throws if it still does not fit */
  tryAgain(): Promise<void>;
}

export interface StoreOptions {
  /** False: nothing is written on opening. Default: true. */
  make?: boolean;
  /** Called for each write that fails because the archive is full. */
  onFull?: ((shortage: Shortage) => void) | undefined;
}

export interface DocumentFacts {
  /** As stored: an encrypted document is a little longer. */
  bytes: number;
  /** When it was last stored. */
  storedAt: Date;
}

export class ArchiveError extends Error {
  constructor(
    readonly code:
      | 'document-missing'
      | 'document-corrupt'
      | 'record-key-invalid'
      | 'record-corrupt'
      /** A record is missing that the others need: only part of the archive was restored. */
      | 'incomplete'
      | 'unreachable'
      /** The disk, the quota, or the bucket is full. Nothing is lost, and everything can still be read. */
      | 'full'
      /** There is no archive at that place, and this caller must not create one. */
      | 'not-made'
      /** The place lets two callers create the same record, so claims would not work there. */
      | 'not-exclusive',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ArchiveError';
  }
}

/** The errors of an archive: they say nothing about an email or an application that is being read. */
export const ARCHIVE_ERRORS = [ArchiveError, KeyMissing] as const;

export function isArchiveError(error: unknown): error is ArchiveError | KeyMissing {
  return ARCHIVE_ERRORS.some((kind) => error instanceof kind);
}

/** Whether only a key is missing: what should be read is there. */
export function isKeyMissing(error: unknown): error is KeyMissing {
  return error instanceof KeyMissing;
}

/** Whether the whole archive is full: not a problem of what is being written. */
export function isFull(error: unknown): error is ArchiveError {
  return error instanceof ArchiveError && error.code === 'full';
}

/**
 * @param place the folder or the bucket's URL
 * @param reason what the system said
 */
export function fullArchive(what: string, place: string, reason: string, cause: unknown): ArchiveError {
  return new ArchiveError(
    'full',
    `Cannot ${what} the archive ${place}: it is full (${reason}). Nothing is lost: what is there can be read, and workers keep trying until there is space. Free some space there, or make it larger.`,
    { cause },
  );
}

/** @param place the folder or the bucket's URL */
export function notMade(place: string): ArchiveError {
  return new ArchiveError(
    'not-made',
    `There is no archive at ${place}. Only a starting worker or "ace-onboarding init" creates one; nothing was written. If the workers use an archive elsewhere, give this command the same settings: run it in the folder with their .env file, or set ARCHIVE_DIR (or ARCHIVE_BUCKET), IMPORTER_KEY_FILE, and ENCRYPTION_KEYS_FILE to the same values.`,
  );
}
