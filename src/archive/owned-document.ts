import { randomUUID } from 'node:crypto';
import type { Archive, RecordKey } from './archive.js';
import { sha256Of } from './archive-names.js';
import { documentRefs, mailCopies, mailDocuments, read } from './records.js';

/** The owner of a document: an onboarding, or a received email, which may turn out to belong to any onboarding. */
export type DocumentOwner = { workflowId: string } | { mailId: string };

export interface OwnedDocuments {
  /** In the order given. */
  sha256s: string[];
  /** The record that names them. */
  ownerKey: RecordKey;
}

/**
 * The only way to store documents. The record that names their owner is written first, so that even after a crash every
 * document has an owner, and forgetting the owner removes it. After a crash, the record may name documents that were never
 * stored.
 */
export async function storeOwned(
  archive: Archive,
  owner: DocumentOwner,
  ...documents: [Uint8Array, ...Uint8Array[]]
): Promise<OwnedDocuments> {
  const sha256s = documents.map(sha256Of);
  const ownerKey = await nameOwner(archive, owner, sha256s);
  await Promise.all(documents.map((bytes) => archive.putDocument(bytes)));
  return { sha256s, ownerKey };
}

/** Stores one document. @returns its sha256 */
export async function storeOne(archive: Archive, owner: DocumentOwner, document: Uint8Array): Promise<string> {
  const { sha256s } = await storeOwned(archive, owner, document);
  return sha256s[0] ?? '';
}

/**
 * Stores an email unless a copy of it is stored already. Copies of one email differ in their trace headers, so they are
 * different documents. The first one counts, whichever watcher sees the others.
 * @param keep false: the email must not be stored, and only its sha256 is fixed
 * @returns the sha256 of the copy that counts
 */
export async function storeFirstCopy(
  archive: Archive,
  mailId: string,
  copy: Uint8Array,
  { keep }: { keep: boolean },
): Promise<string> {
  const first = await read(archive, mailDocuments, mailId);
  if (first) return first.documentSha256;
  const documentSha256 = keep ? await storeOne(archive, { mailId }, copy) : sha256Of(copy);
  // Only now, so that the document it names is always there.
  const claim = await archive.createRecord(mailDocuments.key(mailId), { mailId, documentSha256 });
  return claim.created ? documentSha256 : mailDocuments.schema.parse(claim.existing).documentSha256;
}

/** Records the owner of documents that are stored already or will be. */
export async function nameOwner(archive: Archive, owner: DocumentOwner, documents: string[]): Promise<RecordKey> {
  if ('mailId' in owner) {
    const [documentSha256 = ''] = documents;
    const key = mailCopies.key(owner.mailId, documentSha256);
    await archive.createRecord(key, { mailId: owner.mailId, documentSha256 });
    return key;
  }
  const key = documentRefs.key(owner.workflowId, randomUUID());
  await archive.createRecord(key, { documents, at: new Date().toISOString() });
  return key;
}
