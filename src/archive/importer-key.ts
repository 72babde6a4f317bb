import { createHmac, randomBytes } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { createExclusively, isSystemError, makeDirectory } from '../files/durable-file.js';
import type { Archive, RecordKey } from './archive.js';
import { isMadeWithArchive } from './encrypted-archive.js';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const KEY_LENGTH = 26;

/**
 * Turns importer numbers into `ImporterKey`s: names under which a number can be claimed, indexed, and searched without
 * revealing it. A plain hash could be reversed by trying all numbers, so a secret is used.
 */
export interface ImporterKeys {
  /** 26 base32 characters (130 bits) for a canonical importer number; always the same for the same secret. */
  keyOf(importerNumber: string): string;
}

/** Thrown if the file with the secret cannot be used. Without the right secret every claim would be lost, so nothing runs. */
export class ImporterKeyError extends Error {
  readonly code = 'importer-key-unusable';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImporterKeyError';
  }
}

/**
 * Reads the secret, or creates it (mode 0600) if there is none. Processes that start at the same time get the same one.
 * @param archive records which secret its claims were made with. Another one, such as a new one on a second machine, is
 *   refused.
 * @throws ImporterKeyError
 */
export async function makeImporterKeys(file: string, archive: Archive): Promise<ImporterKeys> {
  const path = resolve(file);
  await refuseHalfRestored(archive, path);
  const secret = await readSecret(path, async () => {
    // A worker that starts at the same instant creates the file before the fingerprint.
    if (await isMade(archive))
      return await access(path).catch((cause: unknown) => {
        throw new Error(LOST, { cause });
      });
    await makeDirectory(dirname(path));
    await createExclusively(path, `${randomBytes(32).toString('hex')}\n`, dirname(path));
  });
  const keys = keysUnder(secret);
  const fingerprint = fingerprintOf(keys);
  const result = await archive.createRecord(FINGERPRINT, { fingerprint });
  if (!result.created) refuseAnotherSecret(result.existing, fingerprint, path);
  return keys;
}

/**
 * Reads the secret that a worker or `ace-onboarding init` created with the archive. Creates nothing.
 * @throws ImporterKeyError
 */
export async function openImporterKeys(file: string, archive: Archive): Promise<ImporterKeys> {
  const path = resolve(file);
  const keys = keysUnder(
    await readSecret(path, () => {
      throw new Error(LOST);
    }),
  );
  refuseAnotherSecret(await archive.readRecord(FINGERPRINT), fingerprintOf(keys), path);
  return keys;
}

/** Whether this is an archive: a place where claims were made. */
export async function isMade(archive: Archive): Promise<boolean> {
  return (await archive.readRecord(FINGERPRINT)) !== undefined;
}

/** Refuses a used archive without a fingerprint: a new secret would pass for the one that its claims were made with. */
async function refuseHalfRestored(archive: Archive, path: string): Promise<void> {
  if ((await isMade(archive)) || !(await isUsed(archive))) return;
  // The records may come from a worker that started at the same instant and wrote the fingerprint first.
  if (await isMade(archive)) return;
  throw new ImporterKeyError(
    `The archive has records, but not ${FINGERPRINT}, which identifies the importer key of its claims. Only part of the archive was restored; nothing was written. Restore the whole archive from a backup, including the importer key file ${path}.`,
  );
}

async function isUsed(archive: Archive): Promise<boolean> {
  for await (const key of archive.listRecords('')) if (!isMadeWithArchive(key)) return true;
  return false;
}

const LOST = 'it is missing, and the archive has claims made with it. Copy it from the machine where they were made';
const FINGERPRINT: RecordKey = 'importer-key/fingerprint';
const fingerprintRecord = z.object({ fingerprint: z.string() });

function keysUnder(secret: Buffer): ImporterKeys {
  return { keyOf: (text) => base32(createHmac('sha256', secret).update(text).digest()).slice(0, KEY_LENGTH) };
}

function fingerprintOf({ keyOf }: ImporterKeys): string {
  return keyOf('which secret this is');
}

function refuseAnotherSecret(record: unknown, fingerprint: string, path: string): void {
  if (fingerprintRecord.parse(record).fingerprint === fingerprint) return;
  throw new ImporterKeyError(
    `The importer key file ${path} is not the one that this archive's claims were made with, so claimed importer numbers would not be recognized. Replace it with the file that the other workers use.`,
  );
}

async function readSecret(path: string, make: () => Promise<void> | never): Promise<Buffer> {
  try {
    const text = await readFile(path, 'utf8').catch(async (error: unknown) => {
      if (!isSystemError(error, 'ENOENT')) throw error;
      await make();
      return readFile(path, 'utf8');
    });
    const hex = text.trim();
    if (/^[0-9a-f]{64}$/i.test(hex)) return Buffer.from(hex, 'hex');
  } catch (cause) {
    throw new ImporterKeyError(
      `The importer key file ${path} can't be read or created: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
  throw new ImporterKeyError(
    `The importer key file ${path} must contain 64 hexadecimal digits. Restore it from a backup: with another secret, claimed importer numbers would not be recognized.`,
  );
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(pending >> (bits - 5)) & 31];
  }
  return text;
}
