import type { Keyring } from '../encryption/keyring.js';
import type { Encryption } from '../temporal/encryption.js';
import type { Archive } from './archive.js';
import { openDirectoryArchive } from './directory.js';
import { checkInWithKeys, wasOursIn } from './key-register.js';

export interface ArchivePlace {
  archiveDir: string;
  encryptionKeys?: Keyring | undefined;
}

export interface OpenedArchive {
  archive: Archive;
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
 * @throws ConfigurationError when the keys are not those of this archive.
 */
export async function openArchive(place: ArchivePlace): Promise<OpenedArchive> {
  const archive = await openDirectoryArchive(place.archiveDir);
  const { encryptionKeys: keyring } = place;
  const { missing } = await checkInWithKeys(archive, keyring);
  return {
    archive,
    encryption: keyring ? { keyring, wasOurs: wasOursIn(archive) } : undefined,
    missingKeys: missing,
  };
}
