import type { Keyring } from '../encryption/keyring.js';
import type { Encryption } from '../temporal/encryption.js';
import type { Archive } from './archive.js';
import type { ArchiveStore } from './archive-store.js';
import type { BucketSettings } from './bucket-settings.js';
import { openDirectoryArchive } from './directory.js';
import { type EncryptedArchive, openEncryptedArchive } from './encrypted-archive.js';
import { checkInWithKeys, wasOursIn } from './key-register.js';

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
}

/**
 * Opens the archive as it is configured: where, and encrypted if there are keys. The one way in for workers, clients and
 * commands.
 *
 * @throws ArchiveError `unreachable`
 * @throws ConfigurationError when the keys are not those of this archive, or it holds data in clear from before.
 */
export async function openArchive(place: ArchivePlace): Promise<OpenedArchive> {
  const { encryptionKeys: keyring } = place;
  const store = await openStore(place);
  const { missing } = await checkInWithKeys(store, keyring);
  if (!keyring) return { archive: store, encryption: undefined, missingKeys: missing };
  return {
    archive: await openEncryptedArchive(store, keyring),
    encryption: { keyring, wasOurs: wasOursIn(store) },
    missingKeys: missing,
  };
}

/** The encrypted archive with what is in clear still in it, for the one command that encrypts it. */
export async function openArchiveToReencrypt(place: ArchivePlace, keyring: Keyring): Promise<EncryptedArchive> {
  const store = await openStore(place);
  await checkInWithKeys(store, keyring, { takeUpPlain: true });
  return await openEncryptedArchive(store, keyring);
}

/** The place itself, with what lies there as it lies there. @throws ArchiveError */
export async function openStore({ archiveDir, archiveBucket }: ArchivePlace): Promise<ArchiveStore> {
  if (!archiveBucket) return await openDirectoryArchive(archiveDir);
  // Loaded only by those who have a bucket: it takes longer than most commands.
  const { openBucketArchive } = await import('./bucket.js');
  return await openBucketArchive(archiveBucket);
}
