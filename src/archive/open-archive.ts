import type { BucketSettings } from '../config/config.js';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Encryption, Keyring } from '../encryption/keyring.js';
import { type Archive, ArchiveError, notMade } from './archive.js';
import type { ArchiveStore } from './archive-store.js';
import { openDirectoryArchive } from './directory.js';
import { type EncryptedArchive, openEncryptedArchive } from './encrypted-archive.js';
import { type ImporterKeys, isMade, makeImporterKeys } from './importer-key.js';
import { checkInWithKeys, wasOursIn } from './key-register.js';
import { type StoredDocuments, storedIn } from './orphans.js';

export interface ArchivePlace {
  archiveDir: string;
  /** In place of the directory. */
  archiveBucket?: BucketSettings | undefined;
  encryptionKeys?: Keyring | undefined;
}

export interface OpenedArchive {
  archive: Archive & Pick<EncryptedArchive, 'removeDocument'>;
  /** For the connection to Temporal; undefined without keys. */
  encryption: Encryption | undefined;
  /** Ids of keys that were used here and are not held. */
  missingKeys: string[];
  /** The documents as they lie in their place, for keeping house. */
  stored: StoredDocuments;
}

/**
 * Opens the archive as it is configured, and makes what is missing of it, importer key included. For workers and
 * `ace-onboarding init` alone: a client that made an archive of its own would claim importer numbers where no one looks.
 *
 * @throws ArchiveError `unreachable` | `not-exclusive`
 * @throws ImporterKeyError
 * @throws ConfigurationError when the keys are not those of this archive, or it holds data in clear from before.
 */
export async function makeArchive(
  place: ArchivePlace & { importerKeyFile: string },
): Promise<OpenedArchive & { importerKeys: ImporterKeys }> {
  const store = await openStore(place, { make: true });
  const { missing } = await checkInWithKeys(store, place.encryptionKeys);
  const opened = await openedWith(store, place, missing, true);
  return { ...opened, importerKeys: await makeImporterKeys(place.importerKeyFile, opened.archive) };
}

/**
 * Opens the archive that a worker made: where it is configured, and encrypted if there are keys. Writes nothing. The one
 * way in for clients and commands.
 *
 * @throws ArchiveError `unreachable`
 * @throws ConfigurationError when there is no archive, when the keys are not those of this archive, or when the writing
 *   key is one that no worker has.
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
  if (!keyring)
    return { archive: store, encryption: undefined, missingKeys, stored: storedIn(store, (sha256) => sha256) };
  const archive = await openEncryptedArchive(store, keyring, { make });
  return {
    archive,
    encryption: { keyring, wasOurs: wasOursIn(store) },
    missingKeys,
    stored: storedIn(store, (sha256) => archive.nameOf(sha256)),
  };
}

/** The encrypted archive with what is in clear still in it, for the one command that encrypts it. */
export async function openArchiveToReencrypt(place: ArchivePlace, keyring: Keyring): Promise<EncryptedArchive> {
  const store = await openStore(place);
  await checkInWithKeys(store, keyring, { takeUpPlain: true });
  return await openEncryptedArchive(store, keyring);
}

/**
 * The place itself, with what is there as it is there.
 * @param make false: where there is no archive, none is made, and nothing is written
 * @throws ArchiveError `unreachable` | `not-exclusive`
 * @throws ConfigurationError when there is no archive and none is to be made.
 */
export async function openStore(place: ArchivePlace, { make = false } = {}): Promise<ArchiveStore> {
  const { archiveDir, archiveBucket: bucket } = place;
  try {
    // Loaded only by those who have a bucket: it takes longer than most commands.
    const store = bucket
      ? await (await import('./bucket.js')).openBucketArchive(bucket, { make })
      : await openDirectoryArchive(archiveDir, { make });
    if (!make && !(await isMade(store))) throw notMade(bucket ? `s3://${bucket.bucket}/${bucket.prefix}` : archiveDir);
    return store;
  } catch (error) {
    if (error instanceof ArchiveError && error.code === 'not-made') throw new ConfigurationError([error.message]);
    throw error;
  }
}
