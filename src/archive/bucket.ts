import { createHash, randomBytes, randomUUID } from 'node:crypto';
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
import {
  type ArchivedDocument,
  ArchiveError,
  type ArchiveStore,
  type DocumentFacts,
  fullArchive,
  type RecordKey,
  type StoreOptions,
} from './archive.js';
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

/**
 * The archive in an S3-compatible bucket, for workers on several machines. Objects have the same paths as files in a
 * folder. An object is stored completely or not at all; `If-None-Match: *` makes the creation of a record exclusive.
 *
 * @param answerMs how long the server may take to start an answer, and to continue it
 * @param options with `make: false`, the server is not tested either
 * @throws ArchiveError `unreachable`, `full`, and `not-exclusive` for a server that ignores `If-None-Match`.
 */
export async function openBucketArchive(
  settings: BucketSettings,
  { answerMs = ANSWER_MS, make = true, onFull }: StoreOptions & { answerMs?: number } = {},
): Promise<ArchiveStore> {
  const archive = new BucketArchive(settings, answerMs, onFull);
  if (make) await archive.open();
  return archive;
}

const ATTEMPTS = 4;
const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
/** The answer when two conditional requests collide: try again. */
const CONFLICT = 409;
const CONFLICTS_AT_MOST = 30;
const TRIES = 30;
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 412;
const INSUFFICIENT_STORAGE = 507;
const FULL = /QuotaExceeded|StorageFull|BucketQuota/;

/** Metadata of a created record: who created it. */
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

  constructor(
    { bucket, prefix, endpoint, region, pathStyle, credentials }: BucketSettings,
    answerMs: number,
    private readonly onFull: StoreOptions['onFull'],
  ) {
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
        // For an answer that starts and then stalls.
        socketTimeout: answerMs,
      },
      // Every put has its sha256 already, and not every provider supports the other checksums.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  /** Claims decide every race in the product, so a bucket that would let two callers win is rejected before it is used. */
  open(): Promise<void> {
    return this.#reaching('open', async () => {
      const create = () => this.#create(`${this.#prefix}probe/exclusive-create`, Buffer.from('{}'), 'probe');
      if ((await create()) === 'exists' || (await create()) === 'exists') return;
      throw new ArchiveError(
        'not-exclusive',
        `The server of the archive ${this.#url} ignores "If-None-Match: *" and creates an object twice, so a message could be sent twice. Use a provider or a version that supports conditional writes.`,
      );
    });
  }

  async putDocument(bytes: Uint8Array): Promise<ArchivedDocument> {
    const sha256 = sha256Of(bytes);
    // Any existing object is the same document or a damaged copy of it.
    await this.writeNamed(sha256, bytes);
    return { sha256, bytes: bytes.byteLength };
  }

  async getDocument(sha256: string): Promise<Uint8Array> {
    const bytes = await this.readNamed(checkedSha256(sha256));
    return provenDocument(sha256, bytes, this.#url);
  }

  writeNamed(name: string, bytes: Uint8Array): Promise<void> {
    const path = documentPath(name);
    return this.#reaching('store a document in', () => this.#put(path, bytes), bytes.byteLength);
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
    // Without a date, treat it as new.
    return { bytes: found.ContentLength ?? 0, storedAt: found.LastModified ?? new Date() };
  }

  async freeBytes(): Promise<undefined> {
    return undefined;
  }

  async createRecord<T>(key: RecordKey, record: T): Promise<{ created: true } | { created: false; existing: unknown }> {
    const path = recordPath(key);
    const creator = randomUUID();
    const json = asJson(record);
    const create = async (): Promise<{ created: true } | { created: false; existing: unknown }> => {
      for (let tries = 1; ; tries++) {
        if ((await this.#create(this.#prefix + path, json, creator)) === 'created') return { created: true };
        const found = await this.#get(path);
        if (!found) {
          // Removed between our attempt and our read, so the name is free again.
          if (tries < TRIES) continue;
          throw new Error(`the server reports ${path} both as existing and as missing`);
        }
        // We created it: the server's answer was lost, and the client tried again.
        if (found.creator === creator) return { created: true };
        return { created: false, existing: this.#parsed(key, found) };
      }
    };
    return await this.#reaching('create a record in', create, json.byteLength);
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
    const json = asJson(record);
    await this.#reaching('write a record to', () => this.#put(path, json), json.byteLength);
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

  async #tryWriting(bytes: number): Promise<void> {
    const path = `probe/space-${randomUUID()}`;
    await this.#put(path, randomBytes(bytes));
    await this.#delete(path);
  }

  /** The server compares the bytes with the sha256 before it stores them. */
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
   * Removes the record that exists now, even if another process replaces it meanwhile, but never one that is created later.
   * A server may carry out a removal long after we gave up and another request did it, and must not remove a claim made
   * since then.
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
    throw new Error(`${path} was replaced each time before it could be removed`);
  }

  async #look(path: string): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + path }));
    } catch (error) {
      if (statusOf(error) === NOT_FOUND) return undefined;
      throw error;
    }
  }

  /** False if the condition was not met. */
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
        `Record ${key} in the archive ${this.#url} is no longer JSON. Restore it from a backup.`,
        { cause },
      );
    }
  }

  /** @param bytes how much the work writes */
  async #reaching<T>(what: string, work: () => Promise<T>, bytes = 0): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      const reason = cause instanceof Error ? [cause.name, cause.message].join(': ') : String(cause);
      if (isBucketFull(cause)) {
        const error = fullArchive(what, this.#url, reason, cause);
        this.onFull?.({ error, bytes, tryAgain: () => this.#tryWriting(bytes) });
        throw error;
      }
      throw new ArchiveError(
        'unreachable',
        `Cannot ${what} the archive ${this.#url}: ${reason}. Check the bucket name, ARCHIVE_S3_ENDPOINT, ARCHIVE_S3_REGION, and that the credentials allow listing the bucket and reading, writing, and deleting its objects.`,
        { cause },
      );
    }
  }
}

/** AWS never says so. MinIO and Ceph have several names for it. */
function isBucketFull(error: unknown): boolean {
  return statusOf(error) === INSUFFICIENT_STORAGE || (error instanceof S3ServiceException && FULL.test(error.name));
}

function asJson(record: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
