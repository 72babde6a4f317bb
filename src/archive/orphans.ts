import { onboardingOf } from '../application/reference.js';
import type { Archive, ArchiveStore, DocumentFacts, RecordKey } from './archive.js';
import { mails, onboardings, read } from './records.js';

/** Documents by the names under which they are stored. In an encrypted archive those are not the sha256. */
export interface StoredDocuments extends Pick<ArchiveStore, 'listDocuments' | 'describeDocument' | 'removeDocument'> {
  nameOf(sha256: string): string;
}

export function storedIn(store: ArchiveStore, nameOf: (sha256: string) => string): StoredDocuments {
  return {
    listDocuments: () => store.listDocuments(),
    describeDocument: (name) => store.describeDocument(name),
    removeDocument: (name) => store.removeDocument(name),
    nameOf,
  };
}

/** A document that would remain after its client is forgotten. */
export interface Orphan extends DocumentFacts {
  name: string;
}

/**
 * Every document that no record names, oldest first. A sha256 anywhere in any record counts, so a new kind of record cannot
 * be missed. Temporal is not asked: a document that only a history names is lost when the history is deleted.
 *
 * Safe while workers run: documents are listed before records are read, and an owner is named before its documents are
 * stored, so a document stored in the meantime does not count as an orphan.
 * @throws ArchiveError `record-corrupt`: a damaged record might name any document, so the result would be unreliable
 */
export async function findOrphans(archive: Archive, stored: StoredDocuments): Promise<Orphan[]> {
  const unnamed = new Set<string>();
  for await (const name of stored.listDocuments()) unnamed.add(name);
  for await (const key of archive.listRecords('')) {
    const record = await archive.readRecord(key);
    const named = sha256sIn(record).map((sha256) => stored.nameOf(sha256));
    const found = named.filter((name) => unnamed.has(name));
    if (found.length > 0 && (await leadsToIt(archive, key))) for (const name of found) unnamed.delete(name);
  }
  const orphans: Orphan[] = [];
  for (const name of unnamed) {
    const facts = await stored.describeDocument(name);
    if (facts) orphans.push({ name, ...facts });
  }
  return orphans.sort((one, other) => one.storedAt.getTime() - other.storedAt.getTime());
}

/**
 * Removes an orphan unless it was stored again since `before`: a document stored recently may still get its owner.
 * @returns whether it was removed
 */
export async function removeOrphan({ name }: Orphan, stored: StoredDocuments, before: Date): Promise<boolean> {
  const facts = await stored.describeDocument(name);
  if (!facts || facts.storedAt >= before) return false;
  await stored.removeDocument(name);
  return true;
}

/** Every sha256 in a record, at any depth, even inside longer texts. */
export function sha256sIn(record: unknown): string[] {
  return record === undefined ? [] : (JSON.stringify(record).match(/\b[0-9a-f]{64}\b/g) ?? []);
}

/**
 * Whether forgetting a client finds this record. A record that names documents (`papers/`, `mail-copies/`) is found through
 * its onboarding or email, so it does not count if that was never created.
 */
async function leadsToIt(archive: Archive, key: RecordKey): Promise<boolean> {
  const [kind, owner = ''] = key.split('/');
  if (kind === 'mail-copies') return (await read(archive, mails, owner)) !== undefined;
  if (kind !== 'papers') return true;
  const { reference, round } = onboardingOf(owner) ?? { reference: '', round: 0 };
  const record = reference ? await read(archive, onboardings, reference) : undefined;
  return record !== undefined && round <= record.round;
}
