import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ArchiveStore } from '../../../src/archive/archive.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { openEncryptedArchive } from '../../../src/archive/encrypted-archive.js';
import { makeImporterKeys } from '../../../src/archive/importer-key.js';
import {
  type ArchivePlace,
  makeArchive,
  openArchive,
  openArchiveToReencrypt,
  openStore,
} from '../../../src/archive/open-archive.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { keyringOf } from '../encryption/keyring-of.js';

let folder: string;
let place: ArchivePlace & { importerKeyFile: string };
beforeEach(() => {
  folder = temporaryFolder('ace-open-archive');
  place = { archiveDir: path.join(folder, 'archive'), importerKeyFile: path.join(folder, 'importer-key') };
});

const everyPath = async () => (await readdir(folder, { recursive: true })).sort();
const [old, fresh] = [newKey(), newKey()];

describe.each([
  ['without keys', undefined],
  ['with keys', keyringOf(old)],
])('a client %s', (_, encryptionKeys) => {
  beforeEach(() => {
    place = { ...place, encryptionKeys };
  });

  test('does not create a missing archive, and says what does', async () => {
    await expect(openArchive(place)).rejects.toThrow(
      /There is no archive at .*archive.* "ace-onboarding init".*ARCHIVE_DIR/,
    );
    await expect(openArchiveToReencrypt(place, keyringOf(old))).rejects.toThrow('There is no archive');
    expect(await everyPath()).toEqual([]);
  });

  test('does not accept an empty folder as an archive', async () => {
    place = { ...place, archiveDir: folder };
    await expect(openArchive(place)).rejects.toThrow('There is no archive');
    expect(await everyPath()).toEqual([]);
  });

  test('does not accept the folders of an archive without an importer key as an archive', async () => {
    for (const name of ['scratch', 'documents', 'records'])
      await mkdir(path.join(place.archiveDir, name), { recursive: true });
    const before = await everyPath();
    await expect(openArchive(place)).rejects.toThrow('There is no archive');
    expect(await everyPath()).toEqual(before);
  });

  test('opens what a worker created, and writes nothing', async () => {
    await makeArchive(place);
    const before = await everyPath();
    const { archive } = await openArchive(place);
    expect(await everyPath()).toEqual(before);
    await archive.createRecord('claims/A', { reference: 'acme' });
    const again = await makeArchive(place);
    expect(await again.archive.readRecord('claims/A')).toEqual({ reference: 'acme' });
  });
});

test.each([
  ['without keys', undefined],
  ['with keys', keyringOf(old, fresh)],
])('a worker %s that finds everything there writes nothing on opening', async (_, encryptionKeys) => {
  place = { ...place, encryptionKeys };
  await makeArchive(place);
  // A file that comes and goes changes the time of its folder.
  const everyTime = async () => {
    const paths = [...(await everyPath()), '.'].map((name) => path.join(folder, name));
    return await Promise.all(paths.map(async (name) => [name, (await stat(name, { bigint: true })).mtimeNs]));
  };
  const before = await everyTime();
  await makeArchive(place);
  expect(await everyTime()).toEqual(before);
});

test('a client that only reads leaves its key unregistered, and one that writes registers it first', async () => {
  await makeArchive({ ...place, encryptionKeys: keyringOf(old, fresh) });
  const store = await openStore(place);
  const register = `encryption-keys/${keyringOf(fresh).writingId}`;
  const { archive, encryption } = await openArchive({ ...place, encryptionKeys: keyringOf(fresh, old) });
  await archive.readRecord('claims/A');
  expect(await store.readRecord(register)).toMatchObject({ readOnly: true });
  await encryption?.beforeWriting?.();
  expect(await store.readRecord(register)).not.toHaveProperty('readOnly');
});

test('a client with a key that no worker has writes nothing, because no worker could read it', async () => {
  await makeArchive({ ...place, encryptionKeys: keyringOf(old) });
  const before = await everyPath();
  await expect(openArchive({ ...place, encryptionKeys: keyringOf(fresh, old) })).rejects.toThrow(
    /no worker has.*restart them/,
  );
  expect(await everyPath()).toEqual(before);
});

test('a client can be the first to write with a key that a worker reads with', async () => {
  await makeArchive({ ...place, encryptionKeys: keyringOf(old, fresh) });
  expect((await makeArchive({ ...place, encryptionKeys: keyringOf(old) })).missingKeys).toEqual([]);
  const { archive } = await openArchive({ ...place, encryptionKeys: keyringOf(fresh, old) });
  await archive.createRecord('claims/A', { reference: 'acme' });
  const worker = await makeArchive({ ...place, encryptionKeys: keyringOf(old, fresh) });
  expect(await worker.archive.readRecord('claims/A')).toEqual({ reference: 'acme' });
  // Now its absence is noticed.
  expect((await makeArchive({ ...place, encryptionKeys: keyringOf(old) })).missingKeys).toEqual(keyringOf(fresh).ids);
});

test('a worker whose importer key was lost does not create another one', async () => {
  await makeArchive(place);
  await rm(place.importerKeyFile);
  await expect(makeArchive(place)).rejects.toMatchObject({ code: 'importer-key-unusable' });
  expect(await everyPath()).not.toContain('importer-key');
});

describe.each([
  ['in clear', undefined],
  ['encrypted', keyringOf(old)],
])('an archive %s of which only a part was restored', (_, encryptionKeys) => {
  const record = (key: string) => path.join(place.archiveDir, 'records', key);
  beforeEach(async () => {
    place = { ...place, encryptionKeys };
    const { archive } = await makeArchive(place);
    await archive.createRecord('claims/A', { reference: 'acme' });
  });

  test.each([true, false])(
    'is not restarted without its fingerprint, whether the key file is gone (%s) or not',
    async (gone) => {
      await rm(record('importer-key/fingerprint'));
      if (gone) await rm(place.importerKeyFile);
      const before = await everyPath();
      const refused = await makeArchive(place).catch((error) => error);
      expect(refused).toMatchObject({ code: 'importer-key-unusable' });
      expect(refused.message).toMatch(/not importer-key\/fingerprint.*Restore the whole archive from a backup/);
      expect(await everyPath()).toEqual(before);
    },
  );

  test('is started again if only the records of its creation were restored', async () => {
    await rm(record('claims'), { recursive: true });
    await rm(record('importer-key'), { recursive: true });
    await rm(place.importerKeyFile);
    await makeArchive(place);
  });
});

test("an encrypted archive without the secret of its documents' names is opened by no one, and gets no other one", async () => {
  place = { ...place, encryptionKeys: keyringOf(old) };
  await makeArchive(place);
  await rm(path.join(place.archiveDir, 'records', 'archive-secrets'), { recursive: true });
  const before = await everyPath();
  for (const open of [
    makeArchive,
    openArchive,
    (there: ArchivePlace) => openArchiveToReencrypt(there, keyringOf(old)),
  ]) {
    const refused = await open(place).catch((error) => error);
    expect(refused).toMatchObject({ code: 'incomplete' });
    expect(refused.message).toMatch(/not archive-secrets\/document-names.*from a backup/);
  }
  expect(await everyPath()).toEqual(before);
});

test('an archive whose encryption was interrupted says how to continue, and can be continued', async () => {
  const keyring = keyringOf(old);
  const { archive } = await makeArchive(place);
  const { sha256 } = await archive.putDocument(Buffer.from('in clear'));
  await archive.createRecord('claims/A', { reference: 'acme' });
  // The state after a run that ends before its first record.
  await archive.createRecord(`encryption-keys/${keyring.writingId}`, { id: keyring.writingId, since: '2026-01-01' });
  const encrypted = { ...place, encryptionKeys: keyring };
  await expect(openArchive(encrypted)).rejects.toThrow('keys reencrypt --take-up-plain');
  const taken = await openArchiveToReencrypt(place, keyring);
  await taken.reencrypt({ takeUpPlain: true });
  const opened = await openArchive(encrypted);
  expect(Buffer.from(await opened.archive.getDocument(sha256)).toString()).toBe('in clear');
  expect(await opened.archive.readRecord('claims/A')).toEqual({ reference: 'acme' });
});

/** A worker's start over a store: its archive, its importer key, and the first thing it does with them. */
async function begin(store: ArchiveStore, worker: string): Promise<string> {
  const archive = await openEncryptedArchive(store, keyringOf(old));
  const keys = await makeImporterKeys(place.importerKeyFile, archive);
  await archive.createRecord(`mailboxes/${worker}`, {});
  return keys.keyOf('12-345678900');
}

/** A store in which something happens before one of the calls. */
function interrupted(store: ArchiveStore, call: number, happen: () => Promise<unknown>) {
  let calls = 0;
  const next = async () => {
    if (calls++ === call) await happen();
  };
  const records: Partial<ArchiveStore> = {
    async createRecord(key, record) {
      await next();
      return await store.createRecord(key, record);
    },
    async readRecord(key) {
      await next();
      return await store.readRecord(key);
    },
    async *listRecords(prefix) {
      await next();
      yield* store.listRecords(prefix);
    },
  };
  return { interruptible: Object.assign(Object.create(store), records) as ArchiveStore, happened: () => calls > call };
}

test('workers that start an archive at the same time agree, whenever the second one interferes', async () => {
  let call = 0;
  for (let inTime = true; inTime; call++) {
    const store = await openDirectoryArchive(path.join(folder, `archive-${call}`));
    place.importerKeyFile = path.join(folder, `importer-key-${call}`);
    const keys: string[] = [];
    const { interruptible, happened } = interrupted(store, call, async () => keys.push(await begin(store, 'second')));
    keys.push(await begin(interruptible, 'first'));
    inTime = happened();
    expect(new Set(keys).size, `call ${call}`).toBe(1);
  }
  expect(call).toBeGreaterThan(8);
});
