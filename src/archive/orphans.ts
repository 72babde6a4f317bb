import type { Archive, ArchiveStore, DocumentFacts, RecordKey } from './archive.js';
import { documentsNamedBy } from './client-records.js';

/** Documents by the names under which they are stored. In an encrypted archive those are not the sha256. */
export interface StoredDocuments extends Pick<ArchiveStore, 'listDocuments' | 'describeDocument' | 'removeDocument'> {
  nameOf(sha256: string): string;
}

export function storedIn(store: Omit<StoredDocuments, 'nameOf'>, nameOf: (sha256: string) => string): StoredDocuments {
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
  /** Records after which an email counts as stored. They are removed with the document. */
  relying: RecordKey[];
}

/**
 * Every document that forgetting its client would leave behind, because no record leads to it, oldest first. In a record
 * that doesn't go with a client, a sha256 anywhere counts, so a new kind of record cannot be missed. Temporal is not asked:
 * a document that only a history names is lost when the history is deleted.
 *
 * Safe while workers run: documents are listed before records are read, and an owner is named before its documents are
 * stored, so a document stored in the meantime does not count as an orphan.
 * @throws ArchiveError `record-corrupt`: a damaged record might name any document, so the result would be unreliable
 */
export async function findOrphans(archive: Archive, stored: StoredDocuments): Promise<Orphan[]> {
  const unnamed = new Set<string>();
  const relying = new Map<string, RecordKey[]>();
  for await (const name of stored.listDocuments()) unnamed.add(name);
  for await (const key of archive.listRecords('')) {
    const record = await archive.readRecord(key);
    if (record === undefined) continue;
    const { documents, isOwner } = (await documentsNamedBy(archive, key, record)) ?? {
      documents: sha256sIn(record),
      isOwner: true,
    };
    for (const name of documents.map((sha256) => stored.nameOf(sha256)))
      if (isOwner) unnamed.delete(name);
      else if (key.startsWith('mail-documents/')) relying.set(name, [...(relying.get(name) ?? []), key]);
  }
  const orphans: Orphan[] = [];
  for (const name of unnamed) {
    const facts = await stored.describeDocument(name);
    if (facts) orphans.push({ name, relying: relying.get(name) ?? [], ...facts });
  }
  return orphans.sort((one, other) => one.storedAt.getTime() - other.storedAt.getTime());
}

/**
 * Removes an orphan unless it was stored again since `before`: a document stored recently may still get its owner.
 * @returns whether it was removed
 */
export async function removeOrphan(
  archive: Archive,
  { name, relying }: Orphan,
  stored: StoredDocuments,
  before: Date,
): Promise<boolean> {
  const isOld = async () => ((await stored.describeDocument(name))?.storedAt ?? before) < before;
  if (!(await isOld())) return false;
  // First, so that an email that comes now is stored again, which shows in the document's age.
  for (const key of relying) await archive.removeRecord(key);
  if (!(await isOld())) return false;
  await stored.removeDocument(name);
  return true;
}

/** Every sha256 in a record, at any depth, even inside longer texts. */
export function sha256sIn(record: unknown): string[] {
  return record === undefined ? [] : (JSON.stringify(record).match(/\b[0-9a-f]{64}\b/g) ?? []);
}
