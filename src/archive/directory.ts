import { readdir, readFile, stat, statfs, unlink, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  createExclusively,
  flushDirectory,
  isDiskFull,
  isSystemError,
  makeDirectory,
  replaceDurably,
  tryWriting,
} from '../files/durable-file.js';
import { removeAbandoned } from './abandoned-files.js';
import {
  type ArchivedDocument,
  ArchiveError,
  type ArchiveStore,
  type DocumentFacts,
  fullArchive,
  notMade,
  type RecordKey,
  type StoreOptions,
} from './archive.js';
import {
  checkedSha256,
  documentPath,
  isDocumentName,
  isSegment,
  provenDocument,
  recordPath,
  sha256Of,
} from './archive-names.js';

/**
 * The archive in a directory: documents at `documents/<aa>/<sha256>`, records as JSON at `records/<key>`. Any number of
 * processes on one machine can share it. Needs a file system with hard links.
 *
 * @param options with `make: false`, a directory without an archive is left unchanged
 * @throws ArchiveError `unreachable` if the directory cannot be created or read, `full` if it must be created on a full
 *   disk, `not-made` if there is no archive and `make` is false
 */
export async function openDirectoryArchive(
  dir: string,
  { make = true, onFull }: StoreOptions = {},
): Promise<ArchiveStore> {
  const archive = new DirectoryArchive(resolve(dir), onFull);
  await (make ? archive.make() : archive.find());
  return archive;
}

class DirectoryArchive implements ArchiveStore {
  readonly #root: string;
  readonly #scratch: string;
  readonly #directories = new Map<string, Promise<void>>();

  constructor(
    root: string,
    private readonly onFull: StoreOptions['onFull'],
  ) {
    this.#root = root;
    this.#scratch = join(root, 'scratch');
  }

  make(): Promise<void> {
    return this.#reaching('open', async () => {
      await this.#directory(this.#scratch);
      await this.#directory(join(this.#root, 'documents'));
      await this.#directory(join(this.#root, 'records'));
      await removeAbandoned(this.#scratch);
    });
  }

  /** Writes nothing. */
  find(): Promise<void> {
    return this.#reaching('open', async () => {
      for (const needed of [this.#scratch, join(this.#root, 'documents'), join(this.#root, 'records')]) {
        const found = await unlessMissing(stat(needed));
        if (!found?.isDirectory()) throw notMade(this.#root);
      }
    });
  }

  putDocument(bytes: Uint8Array): Promise<ArchivedDocument> {
    const sha256 = sha256Of(bytes);
    const path = this.#documentPath(sha256);
    return this.#reaching(
      'store a document in',
      async () => {
        await this.#directory(dirname(path));
        const present = await readIfThere(path);
        // A damaged copy is replaced.
        const sound = present !== undefined && sha256Of(present) === sha256;
        if (!(sound && (await this.#storedAgain(path)))) await replaceDurably(path, bytes, this.#scratch);
        return { sha256, bytes: bytes.byteLength };
      },
      bytes.byteLength,
    );
  }

  /**
   * Makes the name of an existing file durable, since it may have just been written, and updates its date, by which
   * documents without an owner are removed. @returns false if it was removed meanwhile
   */
  async #storedAgain(path: string): Promise<boolean> {
    const now = new Date();
    if ((await unlessMissing(utimes(path, now, now).then(() => 'there'))) === undefined) return false;
    await flushDirectory(dirname(path));
    return true;
  }

  async getDocument(sha256: string): Promise<Uint8Array> {
    const path = this.#documentPath(checkedSha256(sha256));
    const bytes = await this.#reaching('read a document from', () => readIfThere(path));
    return provenDocument(sha256, bytes, this.#root);
  }

  writeNamed(name: string, bytes: Uint8Array): Promise<void> {
    const path = this.#documentPath(name);
    return this.#reaching(
      'store a document in',
      async () => {
        await this.#directory(dirname(path));
        await replaceDurably(path, bytes, this.#scratch);
      },
      bytes.byteLength,
    );
  }

  readNamed(name: string): Promise<Uint8Array | undefined> {
    return this.#reaching('read a document from', () => readIfThere(this.#documentPath(name)));
  }

  removeDocument(name: string): Promise<void> {
    return this.#removeFile(this.#documentPath(name), 'remove a document from');
  }

  async *listDocuments(): AsyncIterable<string> {
    const names = await this.#reaching('list documents in', async () => {
      const files = await readdir(join(this.#root, 'documents'), { recursive: true, withFileTypes: true });
      return files.filter((file) => file.isFile() && isDocumentName(file.name)).map(({ name }) => name);
    });
    yield* names;
  }

  async describeDocument(name: string): Promise<DocumentFacts | undefined> {
    const path = this.#documentPath(name);
    const found = await this.#reaching('look at a document in', () => unlessMissing(stat(path)));
    return found && { bytes: found.size, storedAt: found.mtime };
  }

  async freeBytes(): Promise<number> {
    const disk = await this.#reaching('look at', () => statfs(this.#root));
    // A file system that counts its files can run out of them, too.
    return disk.files > 0 && disk.ffree === 0 ? 0 : disk.bavail * disk.bsize;
  }

  createRecord<T>(key: RecordKey, record: T): Promise<{ created: true } | { created: false; existing: unknown }> {
    const path = this.#recordPath(key);
    const json = JSON.stringify(record);
    return this.#reaching(
      'create a record in',
      async () => {
        for (;;) {
          // Looks first: what exists needs no space. After a failed attempt, undefined means that it was removed meanwhile.
          const existing = await this.#readJson(key, path);
          if (existing !== undefined) return { created: false, existing };
          await this.#directory(dirname(path));
          if (await createExclusively(path, json, this.#scratch)) return { created: true };
        }
      },
      json.length,
    );
  }

  readRecord(key: RecordKey): Promise<unknown> {
    const path = this.#recordPath(key);
    return this.#reaching('read a record from', () => this.#readJson(key, path));
  }

  replaceRecord<T>(key: RecordKey, record: T): Promise<void> {
    const path = this.#recordPath(key);
    const json = JSON.stringify(record);
    return this.#reaching(
      'write a record to',
      async () => {
        await this.#directory(dirname(path));
        await replaceDurably(path, json, this.#scratch);
      },
      json.length,
    );
  }

  removeRecord(key: RecordKey): Promise<void> {
    return this.#removeFile(this.#recordPath(key), 'remove a record from');
  }

  #removeFile(path: string, what: string): Promise<void> {
    return this.#reaching(what, async () => {
      try {
        await unlink(path);
        await flushDirectory(dirname(path));
      } catch (error) {
        if (!isSystemError(error, 'ENOENT', 'ENOTDIR')) throw error;
      }
    });
  }

  async *listRecords(prefix: string): AsyncIterable<RecordKey> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') this.#recordPath(folder.slice(0, -1));
    for await (const key of this.#keysBelow(folder)) if (key.startsWith(prefix)) yield key;
  }

  async *#keysBelow(folder: string): AsyncIterable<RecordKey> {
    const entries = await this.#reaching('list records in', async () => {
      try {
        return await readdir(join(this.#root, 'records', folder), { withFileTypes: true });
      } catch (error) {
        if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
        throw error;
      }
    });
    for (const entry of entries) {
      if (entry.isDirectory()) yield* this.#keysBelow(`${folder}${entry.name}/`);
      else if (entry.isFile() && isSegment(entry.name)) yield `${folder}${entry.name}`;
    }
  }

  /** Undefined if there is no such record. */
  async #readJson(key: RecordKey, path: string): Promise<unknown> {
    const bytes = await readIfThere(path);
    if (bytes === undefined) return undefined;
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch (cause) {
      throw new ArchiveError(
        'record-corrupt',
        `Record ${key} in the archive ${this.#root} is no longer JSON. Restore it from a backup.`,
        { cause },
      );
    }
  }

  #documentPath(name: string): string {
    return join(this.#root, documentPath(name));
  }

  #recordPath(key: RecordKey): string {
    return join(this.#root, recordPath(key));
  }

  /** Creates and flushes each directory once per process. */
  #directory(path: string): Promise<void> {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const made = makeDirectory(path, this.#root);
    this.#directories.set(path, made);
    made.catch(() => this.#directories.delete(path));
    return made;
  }

  /** @param bytes how much the work writes */
  async #reaching<T>(what: string, work: () => Promise<T>, bytes = 0): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof ArchiveError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (isDiskFull(cause)) {
        const error = fullArchive(what, this.#root, reason, cause);
        this.onFull?.({ error, bytes, tryAgain: () => tryWriting(bytes, this.#scratch) });
        throw error;
      }
      throw new ArchiveError(
        'unreachable',
        `Cannot ${what} the archive ${this.#root}: ${reason}. Check that the directory exists, belongs to this user, and is on a file system with hard links.`,
        { cause },
      );
    }
  }
}

function readIfThere(path: string): Promise<Buffer | undefined> {
  return unlessMissing(readFile(path));
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
