import type { BucketSettings } from '../config/config.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Encryption, Keyring } from '../encryption/keyring.js';
import { type Archive, ArchiveError, type ArchiveStore, notMade, type StoreOptions } from './archive.js';
import { openDirectoryArchive } from './directory.js';
import { type EncryptedArchive, openEncryptedArchive } from './encrypted-archive.js';
import { type ImporterKeys, isMade, makeImporterKeys } from './importer-key.js';
import { checkInWithKeys, registeringOf, wasOursIn } from './key-register.js';
import { type StoredDocuments, storedIn } from './orphans.js';

export interface ArchivePlace {
  archiveDir: string;
  /** Used instead of the directory. */
  archiveBucket?: BucketSettings | undefined;
  encryptionKeys?: Keyring | undefined;
}

export interface OpenedArchive {
  archive: Archive & Pick<EncryptedArchive, 'removeDocument'>;
  /** For the connection to Temporal; undefined without keys. */
  encryption: Encryption | undefined;
  /** IDs of keys that were used here and are missing from the keyring. */
  missingKeys: string[];
  /** The documents as stored, for maintenance. */
  stored: StoredDocuments;
  /** Bytes that still fit. Undefined if that is unknown. */
  freeBytes: () => Promise<number | undefined>;
}

/**
 * Opens the configured archive and creates what is missing, including the importer key. Only for workers and
 * `ace-onboarding init`: a client that created its own archive would claim importer numbers where no one looks. If nothing
 * is missing, nothing is written, so a worker can start on a full disk.
 *
 * @throws ArchiveError `unreachable` | `full` | `not-exclusive`
 * @throws ImporterKeyError
 * @throws ConfigurationError if the keys do not belong to this archive, or it has unencrypted data from before
 */
export async function makeArchive(
  place: ArchivePlace & { importerKeyFile: string },
  { onFull }: Pick<StoreOptions, 'onFull'> = {},
): Promise<OpenedArchive & { importerKeys: ImporterKeys }> {
  const store = await openStore(place, { make: true, onFull });
  const { missing } = await checkInWithKeys(store, place.encryptionKeys);
  const opened = await openedWith(store, place, missing, true);
  return { ...opened, importerKeys: await makeImporterKeys(place.importerKeyFile, opened.archive) };
}

/**
 * Opens the archive that a worker created. Writes nothing, and registers the writing key only when something is first
 * written with it. The only way for clients and commands to open it.
 *
 * @throws ArchiveError `unreachable`
 * @throws ConfigurationError if there is no archive, the keys do not belong to it, or no worker has the writing key
 */
export async function openArchive(place: ArchivePlace): Promise<OpenedArchive> {
  const store = await openStore(place);
  const { missing } = await checkInWithKeys(store, place.encryptionKeys, { asWorker: false });
  return await openedWith(store, place, missing, false);
}

async function openedWith(
  store: ArchiveStore,
  place: ArchivePlace,
  missingKeys: string[],
  make: boolean,
): Promise<OpenedArchive> {
  const { encryptionKeys: keyring } = place;
  const opened = { missingKeys, freeBytes: () => store.freeBytes() };
  if (!keyring)
    return { ...opened, archive: store, encryption: undefined, stored: storedIn(store, (sha256) => sha256) };
  const beforeWriting = registeringOf(store, keyring);
  const archive = await openEncryptedArchive(store, keyring, { make, beforeWriting });
  return {
    ...opened,
    archive,
    encryption: { keyring, wasOurs: wasOursIn(store), beforeWriting },
    stored: storedIn(store, (sha256) => archive.nameOf(sha256)),
  };
}

/** The encrypted archive with the unencrypted data still in it, for the command that encrypts that data. */
export async function openArchiveToReencrypt(place: ArchivePlace, keyring: Keyring): Promise<EncryptedArchive> {
  const store = await openStore(place);
  await checkInWithKeys(store, keyring, { takeUpPlain: true });
  return await openEncryptedArchive(store, keyring, { beforeWriting: registeringOf(store, keyring) });
}

/**
 * The folder or bucket itself, with its data as stored.
 * @param make false: nothing is written, and a missing archive is not created
 * @throws ArchiveError `unreachable` | `not-exclusive`
 * @throws ConfigurationError if there is no archive and `make` is false
 */
export async function openStore(
  place: ArchivePlace,
  { make = false, onFull }: StoreOptions = {},
): Promise<ArchiveStore> {
  const { archiveDir, archiveBucket: bucket } = place;
  try {
    // Loaded only if there is a bucket: loading takes longer than most commands.
    const store = bucket
      ? await (await import('./bucket.js')).openBucketArchive(bucket, { make, onFull })
      : await openDirectoryArchive(archiveDir, { make, onFull });
    if (!make && !(await isMade(store))) throw notMade(bucket ? `s3://${bucket.bucket}/${bucket.prefix}` : archiveDir);
    return store;
  } catch (error) {
    if (error instanceof ArchiveError && error.code === 'not-made') throw new ConfigurationError([error.message]);
    throw error;
  }
}
