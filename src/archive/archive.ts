/**
 * The only store of ours. Documents lie under their sha256 and never change; records lie under a key, and the exclusive
 * create of a record is what decides every race in the product (who owns an importer number, who may send a message).
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

  /** Undefined when there is none. */
  readRecord(key: RecordKey): Promise<unknown>;

  /** Writes a record whatever was there: the last writer wins. */
  replaceRecord<T>(key: RecordKey, record: T): Promise<void>;

  /** Removing what is not there is fine. */
  removeRecord(key: RecordKey): Promise<void>;

  /** Keys below a prefix such as `review/`, in no particular order. */
  listRecords(prefix: string): AsyncIterable<RecordKey>;
}

/** Slash-separated segments of `[A-Za-z0-9._-]+`, never starting with a dot: `claims/5XQ…`. Made in `records.ts` only. */
export type RecordKey = string;

export interface ArchivedDocument {
  sha256: string;
  bytes: number;
}

export class ArchiveError extends Error {
  constructor(
    readonly code:
      | 'document-missing'
      | 'document-corrupt'
      | 'record-key-invalid'
      | 'record-corrupt'
      /** A record is missing without which the others are of no use: only a part of it was restored. */
      | 'incomplete'
      | 'unreachable'
      /** There is no archive at that place, and this caller must not make one. */
      | 'not-made'
      /** The place lets two callers create one record: claims would decide nothing there. */
      | 'not-exclusive',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ArchiveError';
  }
}

/** @param place the folder or the bucket's URL */
export function notMade(place: string): ArchiveError {
  return new ArchiveError(
    'not-made',
    `There is no archive at ${place}. Only a worker at its start, or "ace-onboarding init", makes one; nothing was written. If the workers have theirs elsewhere, give this command what they have: run it in the folder with their .env file, or set ARCHIVE_DIR (or ARCHIVE_BUCKET), IMPORTER_KEY_FILE and ENCRYPTION_KEYS_FILE as for them.`,
  );
}
