import { z } from 'zod';
import { ConfigurationError } from '../config/configuration-error.js';
import type { Keyring } from '../encryption/keyring.js';
import type { Archive, RecordKey } from './archive.js';

/**
 * The encryption keys ever used here: `encryption-keys/<id>`, the only kind of record that is never encrypted. IDs reveal
 * nothing about keys. The register tells a missing key from a foreign one before anything is read with the wrong key, and
 * when a message has an unknown key ID.
 */
const entry = z.object({
  id: z.string(),
  since: z.string(),
  /** A worker reads with it, but nothing was written with it yet. */
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

/** Whether there are records besides the register. Without keys in it, they are unencrypted. */
async function hasOtherRecords(archive: Archive): Promise<boolean> {
  for await (const key of archive.listRecords('')) if (!isKeyRegisterRecord(key)) return true;
  return false;
}

/**
 * Checks the keys against the register. A worker also registers its keys, as far as they are missing; all others write
 * nothing.
 * @param asWorker false: the writing key must be one that a worker can read with
 * @returns IDs of keys that are in use here but missing from the keyring: data written with them cannot be read
 * @param takeUpPlain unencrypted data is expected, because it is about to be encrypted
 * @throws ConfigurationError if all keys in use here are missing: the keys or the archive are the wrong ones, and every
 *   message would wait forever
 */
export async function checkInWithKeys(
  archive: Archive,
  keyring: Keyring | undefined,
  { takeUpPlain = false, asWorker = true } = {},
): Promise<{ missing: string[] }> {
  let registered = await registeredKeys(archive);
  if (keyring && registered.length === 0 && !takeUpPlain && (await hasOtherRecords(archive))) {
    // Another worker may have started in between. It registers its key before it writes anything.
    registered = await registeredKeys(archive);
    if (registered.length === 0)
      throw new ConfigurationError([
        'ENCRYPTION_KEYS is set, but the archive has unencrypted data from before. Stop the workers, then run: ace-onboarding keys reencrypt --take-up-plain',
      ]);
  }
  const inUse = registered.filter(({ retiredAt, readOnly }) => !retiredAt && !readOnly).map(({ id }) => id);
  const held = new Set(keyring?.ids);
  const missing = inUse.filter((id) => !held.has(id));
  if (inUse.length > 0 && missing.length === inUse.length)
    throw new ConfigurationError([
      `ENCRYPTION_KEYS has ${keyring ? `the wrong keys (${keyring.ids.join(', ')})` : 'no keys'}: this archive and its data in Temporal were encrypted with ${inUse.join(', ')}. Nothing was changed. Restore that key from your backup. To change keys, put the new one in front and keep both (docs/privacy.md).`,
    ]);
  if (!keyring) return { missing };
  const writing = registered.find(({ id }) => id === keyring.writingId);
  if (!asWorker && registered.length > 0 && !writing)
    throw new ConfigurationError([
      `ENCRYPTION_KEYS begins with the key ${keyring.writingId}, which no worker has, so workers could not read data written with it. Nothing was written. First give the workers the key and restart them.`,
    ]);
  if (!asWorker) return { missing };
  await registerForWriting(archive, keyring.writingId);
  for (const id of keyring.ids.slice(1))
    await archive.createRecord(recordKeyOf(id), { id, since: now(), readOnly: true });
  return { missing };
}

/** @returns registers the writing key, once: await it before anything is written with the key */
export function registeringOf(archive: Archive, { writingId }: Keyring): () => Promise<void> {
  let registered: Promise<void> | undefined;
  return () => {
    registered ??= registerForWriting(archive, writingId).catch((error: unknown) => {
      registered = undefined;
      throw error;
    });
    return registered;
  };
}

async function registerForWriting(archive: Archive, id: string): Promise<void> {
  const found = await archive.readRecord(recordKeyOf(id));
  const known = found === undefined ? undefined : entry.parse(found);
  // Whatever another worker makes of it at this very moment: the key writes from now on.
  if (!known || known.readOnly || known.retiredAt) await archive.replaceRecord(recordKeyOf(id), { id, since: now() });
}

const now = () => new Date().toISOString();

/** Marks a key as no longer needed: as far as we can tell, nothing is encrypted with it. */
export async function retireKey(archive: Archive, id: string): Promise<void> {
  const known = entry.parse(await archive.readRecord(recordKeyOf(id)));
  await archive.replaceRecord(recordKeyOf(id), { ...known, retiredAt: new Date().toISOString() });
}

/** Whether a key that we do not have was ever used here. IDs come from untrusted payloads, so their form is checked first. */
export function wasOursIn(archive: Archive): (id: string) => Promise<boolean> {
  const known = new Set<string>();
  return async (id) => {
    if (known.has(id)) return true;
    if (!ID.test(id) || (await archive.readRecord(recordKeyOf(id))) === undefined) return false;
    known.add(id);
    return true;
  };
}
