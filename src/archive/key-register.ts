import { z } from 'zod';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Keyring } from '../encryption/keyring.js';
import type { Archive, RecordKey } from './archive.js';

/**
 * Which encryption keys have ever written here: `encryption-keys/<id>`, the one kind of record that is never encrypted.
 * Ids say nothing about keys. It tells a key that we ought to have from one that was never ours, before anything is
 * read with the wrong one, and when a message comes under an id that we do not know.
 */
const entry = z.object({
  id: z.string(),
  since: z.string(),
  /** A worker reads with it, and nothing has been written with it yet. */
  readOnly: z.literal(true).optional(),
  retiredAt: z.string().optional(),
});
export type RegisteredKey = z.infer<typeof entry>;

const PREFIX = 'encryption-keys/';
const ID = /^k-[0-9a-f]{12}$/;
const recordKeyOf = (id: string): RecordKey => `${PREFIX}${id}`;

export function isKeyRegisterRecord(key: RecordKey): boolean {
  return key.startsWith(PREFIX);
}

export async function registeredKeys(archive: Archive): Promise<RegisteredKey[]> {
  const found: RegisteredKey[] = [];
  for await (const key of archive.listRecords(PREFIX)) found.push(entry.parse(await archive.readRecord(key)));
  return found.sort((a, b) => a.since.localeCompare(b.since));
}

/** Whether there is anything here but the register: then it was written in clear, before there were keys. */
async function holdsAnything(archive: Archive): Promise<boolean> {
  for await (const key of archive.listRecords('')) if (!isKeyRegisterRecord(key)) return true;
  return false;
}

/**
 * Registers the writing key before anything is written with it, and for a worker those that it reads with, so that others
 * know what it can read.
 * @param asWorker false: only a key that a worker can read with may write
 * @returns ids of keys that wrote here, are not retired, and are not held: what they wrote cannot be read.
 * @param takeUpPlain it is about to be encrypted: data in clear is expected
 * @throws ConfigurationError when there are keys here but not one of them is held, and when what is held is nothing at
 *   all: then either the keys or the archive are the wrong ones, and every message would wait for ever.
 */
export async function checkInWithKeys(
  archive: Archive,
  keyring: Keyring | undefined,
  { takeUpPlain = false, asWorker = true } = {},
): Promise<{ missing: string[] }> {
  let registered = await registeredKeys(archive);
  if (keyring && registered.length === 0 && !takeUpPlain && (await holdsAnything(archive))) {
    // Another worker may have begun here in between: it registers its key before it writes anything.
    registered = await registeredKeys(archive);
    if (registered.length === 0)
      throw new ConfigurationError([
        'ENCRYPTION_KEYS is set, but the archive holds data in clear from before. Stop the workers, then run: ace-onboarding keys reencrypt --take-up-plain',
      ]);
  }
  const inUse = registered.filter(({ retiredAt, readOnly }) => !retiredAt && !readOnly).map(({ id }) => id);
  const held = new Set(keyring?.ids);
  const missing = inUse.filter((id) => !held.has(id));
  if (inUse.length > 0 && missing.length === inUse.length)
    throw new ConfigurationError([
      `ENCRYPTION_KEYS has ${keyring ? `the wrong keys (${keyring.ids.join(', ')})` : 'no keys'}: this archive, and what is in Temporal with it, was encrypted with ${inUse.join(', ')}. Nothing was touched. Restore that key from your backup; to change keys, put the new one before it and keep both (docs/privacy.md).`,
    ]);
  if (!keyring) return { missing };
  const writing = registered.find(({ id }) => id === keyring.writingId);
  if (!asWorker && registered.length > 0 && !writing)
    throw new ConfigurationError([
      `ENCRYPTION_KEYS begins with the key ${keyring.writingId}, which no worker has: they could not read what is written with it. Nothing was written. Give the workers the key and restart them first.`,
    ]);
  const since = new Date().toISOString();
  // Whatever another worker makes of it at this very moment: it writes from now on.
  if (!writing || writing.readOnly)
    await archive.replaceRecord(recordKeyOf(keyring.writingId), { id: keyring.writingId, since });
  if (asWorker)
    for (const id of keyring.ids.slice(1)) await archive.createRecord(recordKeyOf(id), { id, since, readOnly: true });
  return { missing };
}

/** Nothing is encrypted with it any more, as far as we could see: it may be missing from now on. */
export async function retireKey(archive: Archive, id: string): Promise<void> {
  const known = entry.parse(await archive.readRecord(recordKeyOf(id)));
  await archive.replaceRecord(recordKeyOf(id), { ...known, retiredAt: new Date().toISOString() });
}

/** Whether a key that is not held ever wrote here. Ids come from foreign payloads, so they are looked at first. */
export function wasOursIn(archive: Archive): (id: string) => Promise<boolean> {
  const known = new Set<string>();
  return async (id) => {
    if (known.has(id)) return true;
    if (!ID.test(id) || (await archive.readRecord(recordKeyOf(id))) === undefined) return false;
    known.add(id);
    return true;
  };
}
