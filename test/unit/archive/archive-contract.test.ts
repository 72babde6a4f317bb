import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Archive, ArchiveStore } from '../../../src/archive/archive.js';
import { openBucketArchive } from '../../../src/archive/bucket.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { openEncryptedArchive } from '../../../src/archive/encrypted-archive.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { openS3Server, type S3Server, s3IsPossible } from '../../support/s3-server.js';
import { keyringOf } from '../encryption/keyring-of.js';

/** What every archive must do, in a folder or a bucket. */

interface Place {
  /** As in several processes: each call opens the same archive again. */
  open(): Promise<Archive>;
  /** Damages every stored document. */
  damageDocuments(): Promise<void>;
  close?(): Promise<void>;
}

let s3: S3Server;
const key = newKey();

const places: Record<string, { open: () => Promise<Place>; skip?: boolean }> = {
  'in memory': { open: inMemory },
  'in a directory': { open: inDirectory },
  'in a directory, encrypted': { open: async () => encrypted(await inDirectory()) },
  'in a bucket': { open: inBucket, skip: !s3IsPossible() },
  'in a bucket, encrypted': { open: async () => encrypted(await inBucket()), skip: !s3IsPossible() },
};

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (found: Uint8Array) => Buffer.from(found).toString();
const HELLO_SHA256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

beforeAll(async () => {
  if (s3IsPossible()) s3 = await openS3Server();
}, 600_000); // Building it the first time.
afterAll(async () => {
  await s3?.stop();
});

describe.each(Object.entries(places))('an archive %s', (_, { open: openPlace, skip }) => {
  let place: Place;
  let archive: Archive;
  beforeEach(async (context) => {
    context.skip(skip === true);
    place = await openPlace();
    archive = await place.open();
  });
  afterEach(async () => {
    await place?.close?.();
  });

  it('returns documents byte for byte under their sha256', async () => {
    expect(await archive.putDocument(bytes('hello'))).toEqual({ sha256: HELLO_SHA256, bytes: 5 });
    expect(text(await archive.getDocument(HELLO_SHA256))).toBe('hello');
    expect(text(await (await place.open()).getDocument(HELLO_SHA256))).toBe('hello');
    const large = new Uint8Array(3_000_000).map((_, index) => index % 251);
    const { sha256 } = await archive.putDocument(large);
    expect(Buffer.compare(await archive.getDocument(sha256), large)).toBe(0);
  });

  it('stores the same document once, even at the same time', async () => {
    const stored = await Promise.all(Array.from({ length: 20 }, () => archive.putDocument(bytes('hello'))));
    expect(new Set(stored.map(({ sha256 }) => sha256))).toEqual(new Set([HELLO_SHA256]));
    expect(text(await archive.getDocument(HELLO_SHA256))).toBe('hello');
  });

  it('refuses documents whose bytes no longer match, until the correct ones are stored again', async () => {
    await archive.putDocument(bytes('hello'));
    await place.damageDocuments();
    await expect(archive.getDocument(HELLO_SHA256)).rejects.toMatchObject({ code: 'document-corrupt' });
    await archive.putDocument(bytes('hello'));
    expect(text(await archive.getDocument(HELLO_SHA256))).toBe('hello');
  });

  it('reports documents that were never stored as missing', async () => {
    await expect(archive.getDocument(HELLO_SHA256)).rejects.toMatchObject({ code: 'document-missing' });
    await expect(archive.getDocument('../../etc/passwd')).rejects.toMatchObject({ code: 'document-missing' });
  });

  it('creates a record once, and shows later creators the existing one', async () => {
    expect(await archive.createRecord('claims/ABC', { reference: 'a' })).toEqual({ created: true });
    expect(await archive.createRecord('claims/ABC', { reference: 'b' })).toEqual({
      created: false,
      existing: { reference: 'a' },
    });
    expect(await archive.readRecord('claims/ABC')).toEqual({ reference: 'a' });
  });

  it('lets exactly one of 50 simultaneous creators win, and tells the others who won', async () => {
    const processes = await Promise.all(Array.from({ length: 5 }, () => place.open()));
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, by) =>
        processes[by % 5]?.createRecord('claims/CONTESTED', { by, ballast: 'x'.repeat(20_000) }),
      ),
    );
    const winners = results.flatMap((result, by) => (result?.created ? [by] : []));
    expect(winners).toHaveLength(1);
    const told = results.flatMap((result) => (result && !result.created ? [result.existing] : []));
    expect(told).toHaveLength(49);
    for (const existing of told) expect(existing).toMatchObject({ by: winners[0] });
  });

  it('replaces records completely, and the last writer wins', async () => {
    await archive.replaceRecord('mailboxes/ace', { counts: 1 });
    await archive.replaceRecord('mailboxes/ace', { counts: 2 });
    expect(await archive.readRecord('mailboxes/ace')).toEqual({ counts: 2 });
  });

  it('shows a reader the old or the new record during a replacement, never a mixture', async () => {
    const record = (n: number) => ({ n, ballast: String(n % 10).repeat(50_000) });
    await archive.replaceRecord('mailboxes/ace', record(0));
    const writer = (async () => {
      for (let n = 1; n <= 10; n++) await archive.replaceRecord('mailboxes/ace', record(n));
    })();
    for (let read = 0; read < 20; read++) {
      const found = (await archive.readRecord('mailboxes/ace')) as { n: number };
      expect(found).toEqual(record(found.n));
    }
    await writer;
  });

  it('lets removed records be created again, and ignores the removal of missing ones', async () => {
    await archive.removeRecord('sends/a');
    await archive.createRecord('sends/a', 1);
    await archive.removeRecord('sends/a');
    expect(await archive.readRecord('sends/a')).toBeUndefined();
    expect(await archive.createRecord('sends/a', 2)).toEqual({ created: true });
  });

  it('lists records by prefix', async () => {
    for (const name of ['review/a', 'review/deep/b', 'reviewed/c', 'sends/d']) await archive.createRecord(name, {});
    expect(await listed(archive, 'review/')).toEqual(['review/a', 'review/deep/b']);
    expect(await listed(archive, 'review/d')).toEqual(['review/deep/b']);
    expect(await listed(archive, 's')).toEqual(['sends/d']);
    expect(await listed(archive, 'review')).toEqual(['review/a', 'review/deep/b', 'reviewed/c']);
    expect(await listed(archive, 'nothing/')).toEqual([]);
    const all = (await listed(archive, '')).filter((name) => !name.startsWith('archive-secrets/'));
    expect(all).toEqual(['review/a', 'review/deep/b', 'reviewed/c', 'sends/d']);
  });

  it('refuses record keys that could lead out of the archive', async () => {
    const wrong = ['', '../x', 'a//b', '/a', 'a/', 'a/.hidden', 'a/../b', 'a b', 'a\\b', 'ü', `a/${'x'.repeat(201)}`];
    for (const name of [...wrong, 'a\0b'])
      for (const attempt of [
        async () => archive.createRecord(name, {}),
        async () => archive.readRecord(name),
        async () => archive.replaceRecord(name, {}),
        async () => archive.removeRecord(name),
      ])
        await expect(attempt(), JSON.stringify(name)).rejects.toMatchObject({ code: 'record-key-invalid' });
  });
});

describe.each([
  ['in a directory', inDirectory, false],
  ['in a bucket', inBucket, !s3IsPossible()],
] as const)('a place %s for an encrypted archive', (_, openPlace, skip) => {
  it('stores documents under given names, lists them, and removes them', async (context) => {
    context.skip(skip);
    const place = await openPlace();
    const store = await place.open();
    const [one, other] = ['a1'.repeat(32), 'b2'.repeat(32)];
    await store.writeNamed(one, bytes('first'));
    await store.writeNamed(one, bytes('again'));
    await store.writeNamed(other, bytes('other'));
    expect(text((await store.readNamed(one)) ?? bytes('missing'))).toBe('again');
    expect(await documentsIn(store)).toEqual([one, other]);
    for (const _ of [1, 2]) await store.removeDocument(one);
    expect(await store.readNamed(one)).toBeUndefined();
    expect(await documentsIn(store)).toEqual([other]);
    await place.close?.();
  });
});

async function documentsIn(store: ArchiveStore): Promise<string[]> {
  const names: string[] = [];
  for await (const name of store.listDocuments()) names.push(name);
  return names.sort();
}

async function inMemory(): Promise<Place> {
  const archive = new MemoryArchive();
  return {
    open: async () => archive,
    damageDocuments: async () => {
      for (const sha256 of archive.documents.keys()) archive.documents.set(sha256, bytes('hullo'));
    },
  };
}

interface StoredPlace extends Place {
  open(): Promise<ArchiveStore>;
}

async function inDirectory(): Promise<StoredPlace> {
  const dir = await mkdtemp(path.join(tmpdir(), 'archive-'));
  const open = () => openDirectoryArchive(dir);
  return { open, damageDocuments: damaging(open), close: () => rm(dir, { recursive: true, force: true }) };
}

async function inBucket(): Promise<StoredPlace> {
  const place = s3.place();
  const open = () => openBucketArchive(place);
  return { open, damageDocuments: damaging(open) };
}

function encrypted(place: StoredPlace): Place {
  return { ...place, open: async () => openEncryptedArchive(await place.open(), keyringOf(key)) };
}

function damaging(open: () => Promise<ArchiveStore>) {
  return async () => {
    const store = await open();
    for await (const name of store.listDocuments()) await store.writeNamed(name, bytes('hullo'));
  };
}

async function listed(archive: Archive, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const name of archive.listRecords(prefix)) keys.push(name);
  return keys.sort();
}
