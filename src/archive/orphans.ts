import { onboardingOf } from '../application/reference.js';
import type { Archive, RecordKey } from './archive.js';
import type { ArchiveStore, DocumentFacts } from './archive-store.js';
import { mails, onboardings, read } from './records.js';

/** Documents by the names under which they lie, which in an encrypted archive are not their sha256. */
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

/** A document that forgetting would leave behind. */
export interface Orphan extends DocumentFacts {
  name: string;
}

/**
 * Every document that no record names, oldest first. Whatever kind of record it is: any sha256 anywhere in one counts, so
 * a new kind cannot be overlooked. Temporal is not asked: what only a history names is lost when the history goes.
 *
 * Safe while workers run. Documents are listed before records are read, and an owner is named before its documents are
 * stored, so none that is stored meanwhile is taken for one without.
 * @throws ArchiveError `record-corrupt`: what a damaged record names is not known, so nothing can be said.
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
 * Removes one that was stored before an instant and not again since: what was stored a moment ago may yet get the owner
 * that it waits for. @returns whether it was removed
 */
export async function removeOrphan({ name }: Orphan, stored: StoredDocuments, before: Date): Promise<boolean> {
  const facts = await stored.describeDocument(name);
  if (!facts || facts.storedAt >= before) return false;
  await stored.removeDocument(name);
  return true;
}

/** Every sha256 in a record, at whatever depth, within longer texts too. */
export function sha256sIn(record: unknown): string[] {
  return record === undefined ? [] : (JSON.stringify(record).match(/\b[0-9a-f]{64}\b/g) ?? []);
}

/**
 * Whether forgetting comes to this record. A record of what was about to be stored (`papers/`, `mail-copies/`) is found
 * by way of the onboarding or the mail whose it is, and leads nowhere when that was never made.
 */
async function leadsToIt(archive: Archive, key: RecordKey): Promise<boolean> {
  const [kind, owner = ''] = key.split('/');
  if (kind === 'mail-copies') return (await read(archive, mails, owner)) !== undefined;
  if (kind !== 'papers') return true;
  const { reference, round } = onboardingOf(owner) ?? { reference: '', round: 0 };
  const record = reference ? await read(archive, onboardings, reference) : undefined;
  return record !== undefined && round <= record.round;
}
