import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Archive, ArchiveError, ArchiveStore } from '../../../src/archive/archive.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { openEncryptedArchive } from '../../../src/archive/encrypted-archive.js';
import { retireKey } from '../../../src/archive/key-register.js';
import { makeArchive, openArchiveToReencrypt } from '../../../src/archive/open-archive.js';
import { ConfigurationError } from '../../../src/config/configuration-error.js';
import { KeyMissing, type Keyring, newKey } from '../../../src/encryption/keyring.js';
import { keyringOf } from '../encryption/keyring-of.js';

let dir: string;
let store: ArchiveStore;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'encrypted-archive-'));
  store = await openDirectoryArchive(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const asWorker = (encryptionKeys: Keyring | undefined, archiveDir = dir) =>
  makeArchive({ archiveDir, importerKeyFile: join(archiveDir, 'importer-key'), encryptionKeys });
const bytes = (text: string) => Buffer.from(text);
const text = (found: Uint8Array) => Buffer.from(found).toString();
const SECRET = 'born 1968-03-14';

/** Everything on the disk: file names and contents. */
async function everything(): Promise<string> {
  const files = await readdir(dir, { recursive: true, withFileTypes: true });
  const contents = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  return [...files.map(({ name }) => name), ...contents].join('\n');
}
const names = async (place: string) =>
  (await readdir(join(dir, place), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('an encrypted archive', () => {
  test('returns what was stored, and its folder reveals nothing, not even to someone who knows the hash', async () => {
    const archive = await openEncryptedArchive(store, keyringOf(newKey()));
    const { sha256 } = await archive.putDocument(bytes(SECRET));
    await archive.createRecord('cases/onboarding-acme', { note: SECRET });
    await archive.replaceRecord('mails/m', { note: SECRET });

    expect(text(await archive.getDocument(sha256))).toBe(SECRET);
    expect(await archive.readRecord('cases/onboarding-acme')).toEqual({ note: SECRET });
    expect(await archive.createRecord('cases/onboarding-acme', {})).toEqual({
      created: false,
      existing: { note: SECRET },
    });
    const lying = await everything();
    for (const mark of [SECRET, Buffer.from(SECRET).toString('base64').slice(0, 16), sha256])
      expect(lying).not.toContain(mark);
  });

  test('keeps one document when it is stored twice, and repairs a damaged one', async () => {
    const archive = await openEncryptedArchive(store, keyringOf(newKey()));
    const [one, two] = await Promise.all([archive.putDocument(bytes('a')), archive.putDocument(bytes('a'))]);
    expect(one).toEqual(two);
    const [file = ''] = await names('documents');
    expect(text(await archive.getDocument(one.sha256))).toBe('a');

    await writeFile(file, 'damaged');
    await expect(archive.getDocument(one.sha256)).rejects.toMatchObject({ code: 'document-corrupt' });
    await archive.putDocument(bytes('a'));
    expect(text(await archive.getDocument(one.sha256))).toBe('a');
    expect(await names('documents')).toHaveLength(1);
  });

  test('detects what was altered, swapped, or written by someone else', async () => {
    const archive = await openEncryptedArchive(store, keyringOf(newKey()));
    const a = await archive.putDocument(bytes('a'));
    await archive.putDocument(bytes('b'));
    const [one = '', other = ''] = await names('documents');
    const [first, second] = [await readFile(one), await readFile(other)];
    await writeFile(one, second);
    await writeFile(other, first);
    await expect(archive.getDocument(a.sha256)).rejects.toMatchObject({ code: 'document-corrupt' });

    await archive.createRecord('claims/A', { reference: 'a' });
    await store.replaceRecord('claims/B', await store.readRecord('claims/A'));
    await expect(archive.readRecord('claims/B')).rejects.toMatchObject({ code: 'record-corrupt' });
    await store.replaceRecord('claims/C', { reference: 'c' });
    await expect(archive.readRecord('claims/C')).rejects.toMatchObject({
      code: 'record-corrupt',
      message: expect.stringMatching(/^Record claims\/C is not encrypted, .* keys reencrypt --take-up-plain/),
    });
  });

  test('decides races the same way as the archive below it', async () => {
    const [a, b] = [newKey(), newKey()];
    const archives: Archive[] = [
      await openEncryptedArchive(store, keyringOf(a, b)),
      await openEncryptedArchive(store, keyringOf(b, a)),
    ];
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, n) => archives[n % 2]?.createRecord('claims/A', { n })),
    );
    expect(results.filter((result) => result?.created)).toHaveLength(1);
  });

  test('is read with an old key and written with the new one; once everything is rewritten, the old key can be removed', async () => {
    const [old, fresh] = [newKey(), newKey()];
    const before = (await asWorker(keyringOf(old))).archive;
    const { sha256 } = await before.putDocument(bytes(SECRET));
    await before.createRecord('cases/a', { note: SECRET });

    const both = keyringOf(fresh, old);
    const { archive: during } = await asWorker(both);
    expect(text(await during.getDocument(sha256))).toBe(SECRET);
    const archive = await openArchiveToReencrypt({ archiveDir: dir }, both);
    const [now = '', then = ''] = both.ids;
    expect(await Promise.all([now, then].map((id) => archive.encryptedWith(id)))).toEqual([0, 4]);
    expect(await archive.reencrypt()).toEqual({ documents: 1, records: 3, changed: 4 });
    expect(await Promise.all([now, then].map((id) => archive.encryptedWith(id)))).toEqual([4, 0]);
    expect(await archive.reencrypt()).toEqual({ documents: 1, records: 3, changed: 0 });

    const alone = await asWorker(keyringOf(fresh));
    expect(alone.missingKeys).toEqual(keyringOf(old).ids);
    expect(text(await alone.archive.getDocument(sha256))).toBe(SECRET);
    expect(await alone.archive.readRecord('cases/a')).toEqual({ note: SECRET });
    await retireKey(store, keyringOf(old).writingId);
    expect((await asWorker(keyringOf(fresh))).missingKeys).toEqual([]);
    // Whoever writes with it again needs it again.
    await asWorker(keyringOf(old, fresh));
    expect((await asWorker(keyringOf(fresh))).missingKeys).toEqual(keyringOf(old).ids);
  });

  test('does not write over a document that was altered', async () => {
    const [old, fresh] = [newKey(), newKey()];
    await (await asWorker(keyringOf(old))).archive.putDocument(bytes(SECRET));
    const [file = ''] = await names('documents');
    const whole = await readFile(file);
    await writeFile(
      file,
      Buffer.concat([whole.subarray(0, -1), Buffer.from([whole.at(-1) ?? 0]).map((byte) => byte ^ 1)]),
    );
    const archive = await openArchiveToReencrypt({ archiveDir: dir }, keyringOf(fresh, old));
    await expect(archive.reencrypt()).rejects.toMatchObject({
      code: 'document-corrupt',
      message: expect.stringContaining('was altered'),
    });
  });

  test('says which key is missing when one was removed too early', async () => {
    const [old, fresh] = [newKey(), newKey()];
    const before = (await asWorker(keyringOf(old))).archive;
    const { sha256 } = await before.putDocument(bytes('a'));
    await asWorker(keyringOf(fresh, old));
    await expect(asWorker(keyringOf(fresh))).rejects.toThrow(KeyMissing);
    expect(text(await before.getDocument(sha256))).toBe('a');
  });

  test('is not opened with other keys or without keys, and is not started over unencrypted data', async () => {
    const right = keyringOf(newKey());
    const { archive } = await asWorker(right);
    await archive.createRecord('claims/A', {});
    await expect(asWorker(keyringOf(newKey()))).rejects.toThrow(new RegExp(`wrong keys.*${right.writingId}`));
    await expect(asWorker(undefined)).rejects.toThrow(/no keys.*Restore/);

    const clear = await mkdtemp(join(tmpdir(), 'clear-archive-'));
    try {
      const plain = (await asWorker(undefined, clear)).archive;
      const { sha256 } = await plain.putDocument(bytes(SECRET));
      await plain.createRecord('claims/A', { note: SECRET });
      await expect(asWorker(right, clear)).rejects.toThrow(ConfigurationError);
      const taken = await openArchiveToReencrypt({ archiveDir: clear }, right);
      await taken.reencrypt({ takeUpPlain: true });
      const after = (await asWorker(right, clear)).archive;
      expect(text(await after.getDocument(sha256))).toBe(SECRET);
      expect(await after.readRecord('claims/A')).toEqual({ note: SECRET });
      expect(
        await (await openDirectoryArchive(clear)).getDocument(sha256).catch((error: ArchiveError) => error.code),
      ).toBe('document-missing');
    } finally {
      await rm(clear, { recursive: true, force: true });
    }
  });

  test('forgets a document', async () => {
    const { archive } = await asWorker(keyringOf(newKey()));
    const { sha256 } = await archive.putDocument(bytes('a'));
    await archive.removeDocument(sha256);
    await expect(archive.getDocument(sha256)).rejects.toMatchObject({ code: 'document-missing' });
    expect(await names('documents')).toEqual([]);
  });
});
