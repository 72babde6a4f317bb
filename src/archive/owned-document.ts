import { randomUUID } from 'node:crypto';
import type { Archive, RecordKey } from './archive.js';
import { sha256Of } from './archive-names.js';
import { documentRefs, mailCopies } from './records.js';

/** Whose a document is: an onboarding's, or a mail's that came in, whoever that turns out to concern. */
export type DocumentOwner = { workflowId: string } | { mailId: string };

export interface OwnedDocuments {
  /** In the order given. */
  sha256s: string[];
  /** The record that names them. */
  ownerKey: RecordKey;
}

/**
 * The one way into the archive. The record that says whose the documents are is written before them, so whatever dies in
 * between, every document has an owner, and forgetting the owner finds it. What was never stored may have one, too.
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

/** One document, where nobody needs to know the record that names it. @returns its sha256 */
export async function storeOne(archive: Archive, owner: DocumentOwner, document: Uint8Array): Promise<string> {
  const { sha256s } = await storeOwned(archive, owner, document);
  return sha256s[0] ?? '';
}

/** Says whose documents are that may be there already, or will be. */
export async function nameOwner(archive: Archive, owner: DocumentOwner, documents: string[]): Promise<RecordKey> {
  if ('mailId' in owner) {
    const [documentSha256 = ''] = documents;
    const key = mailCopies.key(owner.mailId, documentSha256);
    await archive.createRecord(key, { mailId: owner.mailId, documentSha256 });
    return key;
  }
  const key = documentRefs.key(owner.workflowId, randomUUID());
  await archive.createRecord(key, { documents });
  return key;
}
