import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type ArchivePlace,
  makeArchive,
  openArchive,
  openArchiveToReencrypt,
} from '../../../src/archive/open-archive.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { temporaryFolder } from '../../temporary-folder.js';
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

  test('makes no archive where there is none, and says who does', async () => {
    await expect(openArchive(place)).rejects.toThrow(
      /There is no archive at .*archive.* "ace-onboarding init".*ARCHIVE_DIR/,
    );
    await expect(openArchiveToReencrypt(place, keyringOf(old))).rejects.toThrow('There is no archive');
    expect(await everyPath()).toEqual([]);
  });

  test('takes an empty folder for no archive either', async () => {
    place = { ...place, archiveDir: folder };
    await expect(openArchive(place)).rejects.toThrow('There is no archive');
    expect(await everyPath()).toEqual([]);
  });

  test('takes the folders of an archive for none while no importer key was made with it', async () => {
    for (const name of ['scratch', 'documents', 'records'])
      await mkdir(path.join(place.archiveDir, name), { recursive: true });
    const before = await everyPath();
    await expect(openArchive(place)).rejects.toThrow('There is no archive');
    expect(await everyPath()).toEqual(before);
  });

  test('opens what a worker made, and writes nothing by that', async () => {
    await makeArchive(place);
    const before = await everyPath();
    const { archive } = await openArchive(place);
    expect(await everyPath()).toEqual(before);
    await archive.createRecord('claims/A', { reference: 'acme' });
    const again = await makeArchive(place);
    expect(await again.archive.readRecord('claims/A')).toEqual({ reference: 'acme' });
  });
});

test('a client with a key that no worker has writes nothing that none of them could read', async () => {
  await makeArchive({ ...place, encryptionKeys: keyringOf(old) });
  const before = await everyPath();
  await expect(openArchive({ ...place, encryptionKeys: keyringOf(fresh, old) })).rejects.toThrow(
    /no worker has.*restart them first/,
  );
  expect(await everyPath()).toEqual(before);
});

test('a client may be the first to write with a key that a worker reads with', async () => {
  await makeArchive({ ...place, encryptionKeys: keyringOf(old, fresh) });
  expect((await makeArchive({ ...place, encryptionKeys: keyringOf(old) })).missingKeys).toEqual([]);
  const { archive } = await openArchive({ ...place, encryptionKeys: keyringOf(fresh, old) });
  await archive.createRecord('claims/A', { reference: 'acme' });
  const worker = await makeArchive({ ...place, encryptionKeys: keyringOf(old, fresh) });
  expect(await worker.archive.readRecord('claims/A')).toEqual({ reference: 'acme' });
  // Now it is missed.
  expect((await makeArchive({ ...place, encryptionKeys: keyringOf(old) })).missingKeys).toEqual(keyringOf(fresh).ids);
});

test('a worker whose importer key was lost makes no other one', async () => {
  await makeArchive(place);
  await rm(place.importerKeyFile);
  await expect(makeArchive(place)).rejects.toMatchObject({ code: 'importer-key-unusable' });
  expect(await everyPath()).not.toContain('importer-key');
});
