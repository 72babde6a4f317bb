import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { BucketSettings } from '../config/config.js';
import { type ArchivedDocument, ArchiveError, type RecordKey } from './archive.js';
import {
  checkedRecordKey,
  checkedSha256,
  documentPath,
  isDocumentName,
  isRecordKey,
  provenDocument,
  recordPath,
  sha256Of,
} from './archive-names.js';
import type { ArchiveStore, DocumentFacts } from './archive-store.js';

/**
 * The archive in an S3-compatible bucket, for workers on several machines. Objects have the paths that files have in a
 * directory. An object is there as a whole or not at all; `If-None-Match: *` makes the creation of a record exclusive.
 *
 * @param answerMs how long the server may take to answer, and to go on with an answer
 * @param make false: nothing is written at first, so the server is not tried out either
 * @throws ArchiveError `unreachable`, and `not-exclusive` for a server that ignores `If-None-Match`.
 */
export async function openBucketArchive(
  settings: BucketSettings,
  { answerMs = ANSWER_MS, make = true } = {},
): Promise<ArchiveStore> {
  const archive = new BucketArchive(settings, answerMs);
  if (make) await archive.open();
  return archive;
}

const ATTEMPTS = 4;
const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
/** A server answers so when two conditional requests meet, and asks for another try. */
const CONFLICT = 409;
const CONFLICTS_AT_MOST = 30;
const TRIES = 30;
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 412;

/** Metadata of a created record: by whom. */
const CREATOR = 'creator';

interface Found {
  bytes: Uint8Array;
  creator: string | undefined;
}

class BucketArchive implements ArchiveStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #url: string;

  constructor({ bucket, prefix, endpoint, region, pathStyle, credentials }: BucketSettings, answerMs: number) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#url = `s3://${bucket}/${prefix}`;
    this.#client = new S3Client({
      region,
      forcePathStyle: pathStyle,
      ...(endpoint ? { endpoint } : {}),
      ...(credentials ? { credentials } : {}),
      maxAttempts: ATTEMPTS,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: answerMs,
        throwOnRequestTimeout: true,
        // Of an answer that began and does not go on.
        socketTimeout: answerMs,
      },
      // Every put carries its sha256 already; not every provider knows the other sums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** Claims decide every race in the product: a bucket that would let two callers win is found out before it is used. */
  open(): Promise<void> {
    return this.#reaching('open', async () => {
      const create = () => this.#create(`${this.#prefix}probe/exclusive-create`, Buffer.from('{}'), 'probe');
      if ((await create()) === 'exists' || (await create()) === 'exists') return;
      throw new ArchiveError(
        'not-exclusive',
        `The archive ${this.#url} lies with a server that creates an object twice in spite of "If-None-Match: *": a message could be sent twice. Use a provider or a version that knows conditional writes.`,
      );
    });
  }

  async putDocument(bytes: Uint8Array): Promise<ArchivedDocument> {
    const sha256 = sha256Of(bytes);
    // Whatever was there: the same bytes again, or a damaged copy.
    await this.writeNamed(sha256, bytes);
    return { sha256, bytes: bytes.byteLength };
  }

  async getDocument(sha256: string): Promise<Uint8Array> {
    const bytes = await this.readNamed(checkedSha256(sha256));
    return provenDocument(sha256, bytes, this.#url);
  }

  writeNamed(name: string, bytes: Uint8Array): Promise<void> {
    const path = documentPath(name);
    return this.#reaching('store a document in', () => this.#put(path, bytes));
  }

  async readNamed(name: string): Promise<Uint8Array | undefined> {
    const path = documentPath(name);
    return (await this.#reaching('read a document from', () => this.#get(path)))?.bytes;
  }

  async removeDocument(name: string): Promise<void> {
    const path = documentPath(name);
    await this.#reaching('remove a document from', () => this.#delete(path));
  }

  async *listDocuments(): AsyncIterable<string> {
    for await (const path of this.#pathsBelow('documents/')) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (isDocumentName(name)) yield name;
    }
  }

  async describeDocument(name: string): Promise<DocumentFacts | undefined> {
    const path = documentPath(name);
    const found = await this.#reaching('look at a document in', () => this.#look(path));
    if (!found) return undefined;
    // One that does not say when is as good as new.
    return { bytes: found.ContentLength ?? 0, storedAt: found.LastModified ?? new Date() };
  }

  async createRecord<T>(key: RecordKey, record: T): Promise<{ created: true } | { created: false; existing: unknown }> {
    const path = recordPath(key);
    const creator = randomUUID();
    return await this.#reaching('create a record in', async () => {
      for (let tries = 1; ; tries++) {
        if ((await this.#create(this.#prefix + path, asJson(record), creator)) === 'created') return { created: true };
        const found = await this.#get(path);
        if (!found) {
          // Removed between our attempt and our look, so the name is free again.
          if (tries < TRIES) continue;
          throw new Error(`the server says of ${path} that it is there, and that it is not`);
        }
        // Ours after all: the server had done it when its answer was lost on the way, and the client tried again.
        if (found.creator === creator) return { created: true };
        return { created: false, existing: this.#parsed(key, found) };
      }
    });
  }

  async readRecord(key: RecordKey): Promise<unknown> {
    const path = recordPath(key);
    return await this.#reaching('read a record from', async () => {
      const found = await this.#get(path);
      return found && this.#parsed(key, found);
    });
  }

  async replaceRecord<T>(key: RecordKey, record: T): Promise<void> {
    const path = recordPath(key);
    await this.#reaching('write a record to', () => this.#put(path, asJson(record)));
  }

  async removeRecord(key: RecordKey): Promise<void> {
    const path = recordPath(key);
    await this.#reaching('remove a record from', () => this.#removeSeen(path));
  }

  async *listRecords(prefix: string): AsyncIterable<RecordKey> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkedRecordKey(folder.slice(0, -1));
    for await (const path of this.#pathsBelow(`records/${prefix}`)) {
      const key = path.slice('records/'.length);
      if (isRecordKey(key)) yield key;
    }
  }

  async *#pathsBelow(prefix: string): AsyncIterable<string> {
    const pages = paginateListObjectsV2(
      { client: this.#client },
      { Bucket: this.#bucket, Prefix: this.#prefix + prefix },
    )[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#reaching('list what is in', () => pages.next());
      if (page.done) return;
      for (const { Key } of page.value.Contents ?? [])
        if (Key && !Key.endsWith('/')) yield Key.slice(this.#prefix.length);
    }
  }

  async #create(key: string, bytes: Uint8Array, creator: string): Promise<'created' | 'exists'> {
    for (let conflicts = 0; ; conflicts++) {
      try {
        const conditions = { IfNoneMatch: '*', Metadata: { [CREATOR]: creator } };
        await this.#client.send(new PutObjectCommand({ ...this.#object(key, bytes), ...conditions }));
        return 'created';
      } catch (error) {
        if (statusOf(error) === PRECONDITION_FAILED) return 'exists';
        if (statusOf(error) !== CONFLICT || conflicts === CONFLICTS_AT_MOST) throw error;
        await delay(Math.random() * 20 * (conflicts + 1));
      }
    }
  }

  async #put(path: string, bytes: Uint8Array): Promise<void> {
    await this.#client.send(new PutObjectCommand(this.#object(this.#prefix + path, bytes)));
  }

  /** The server compares what arrived with the sha256 before it takes it. */
  #object(Key: string, Body: Uint8Array) {
    const ChecksumSHA256 = createHash('sha256').update(Body).digest('base64');
    return { Bucket: this.#bucket, Key, Body, ContentLength: Body.byteLength, ChecksumSHA256 };
  }

  async #get(path: string): Promise<Found | undefined> {
    try {
      const { Body, Metadata } = await this.#client.send(
        new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + path }),
      );
      if (!Body) throw new Error('the server answered without a body');
      return { bytes: await Body.transformToByteArray(), creator: Metadata?.[CREATOR] };
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  /**
   * Removes the record that is there now, in spite of whoever replaces it meanwhile, and never one that somebody creates
   * later: a server may carry out a removal long after it was given up and done by another request, and a claim that is
   * made by then must stand.
   */
  async #removeSeen(path: string): Promise<void> {
    let first: HeadObjectCommandOutput | undefined;
    for (let tries = 1; tries <= TRIES; tries++) {
      const seen = await this.#look(path);
      first ??= seen;
      const creator = seen?.Metadata?.[CREATOR];
      if (!seen || (creator !== undefined && creator !== first?.Metadata?.[CREATOR])) return;
      if (await this.#delete(path, { IfMatch: seen.ETag })) return;
    }
    throw new Error(`${path} is replaced each time it is to be removed`);
  }

  async #look(path: string): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + path }));
    } catch (error) {
      if (statusOf(error) === NOT_FOUND) return undefined;
      throw error;
    }
  }

  /** False when the condition did not hold. */
  async #delete(path: string, conditions: { IfMatch?: string | undefined } = {}): Promise<boolean> {
    try {
      const object = { Bucket: this.#bucket, Key: this.#prefix + path };
      await this.#client.send(new DeleteObjectCommand({ ...object, ...conditions }));
      return true;
    } catch (error) {
      if (statusOf(error) === NOT_FOUND) return true;
      if (statusOf(error) === PRECONDITION_FAILED || statusOf(error) === CONFLICT) return false;
      throw error;
    }
  }

  #parsed(key: RecordKey, { bytes }: Found): unknown {
    try {
      return JSON.parse(Buffer.from(bytes).toString('utf8'));
    } catch (cause) {
      throw new ArchiveError(
        'record-corrupt',
        `Record ${key} in the archive ${this.#url} is not JSON any more. Restore it from a backup.`,
        { cause },
      );
    }
  }

  async #reaching<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      const reason = cause instanceof Error ? [cause.name, cause.message].join(': ') : String(cause);
      throw new ArchiveError(
        'unreachable',
        `Cannot ${what} the archive ${this.#url}: ${reason}. Check the name of the bucket, ARCHIVE_S3_ENDPOINT, ARCHIVE_S3_REGION, and that the credentials let one list the bucket and get, put and delete its objects.`,
        { cause },
      );
    }
  }
}

function asJson(record: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
