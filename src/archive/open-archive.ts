import type { Keyring } from '../encryption/keyring.js';
import type { Encryption } from '../temporal/encryption.js';
import type { Archive } from './archive.js';
import { openDirectoryArchive } from './directory.js';
import { type EncryptedArchive, openEncryptedArchive } from './encrypted-archive.js';
import { checkInWithKeys, wasOursIn } from './key-register.js';

export interface ArchivePlace {
  archiveDir: string;
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
export async function openArchive({ archiveDir, encryptionKeys: keyring }: ArchivePlace): Promise<OpenedArchive> {
  const store = await openDirectoryArchive(archiveDir);
  const { missing } = await checkInWithKeys(store, keyring);
  if (!keyring) return { archive: store, encryption: undefined, missingKeys: missing };
  return {
    archive: await openEncryptedArchive(store, keyring),
    encryption: { keyring, wasOurs: wasOursIn(store) },
    missingKeys: missing,
  };
}

/** The encrypted archive with what is in clear still in it, for the one command that encrypts it. */
export async function openArchiveToReencrypt(archiveDir: string, keyring: Keyring): Promise<EncryptedArchive> {
  const store = await openDirectoryArchive(archiveDir);
  await checkInWithKeys(store, keyring, { takeUpPlain: true });
  return await openEncryptedArchive(store, keyring);
}
