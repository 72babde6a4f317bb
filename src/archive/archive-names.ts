import { createHash } from 'node:crypto';
import { ArchiveError, type RecordKey } from './archive.js';

/** The names of documents and records in a folder or bucket. Only a valid name becomes a path. */

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** One part of a record key, between slashes. */
export function isSegment(name: string): boolean {
  return SEGMENT.test(name);
}

export function isDocumentName(name: string): boolean {
  return SHA256.test(name);
}

/** False for files that other programs put beside records: `.DS_Store`, editor backups. */
export function isRecordKey(name: string): boolean {
  return name.split('/').every(isSegment);
}

/** @throws ArchiveError `record-key-invalid`: an invalid key could lead out of the archive */
export function checkedRecordKey(key: RecordKey): RecordKey {
  if (isRecordKey(key)) return key;
  throw new ArchiveError(
    'record-key-invalid',
    `${JSON.stringify(key.slice(0, 80))} is not a record key. Use segments of A-Z, a-z, 0-9, ".", "_", and "-", separated by "/", none starting with a dot.`,
  );
}

/** @throws ArchiveError `document-missing` if it is not a sha256 */
export function checkedSha256(sha256: string): string {
  if (isDocumentName(sha256)) return sha256;
  throw new ArchiveError('document-missing', `"${sha256.slice(0, 80)}" is not a sha256, so there is no such document.`);
}

/** `documents/<aa>/<name>`, the same in folders and buckets, so that an archive can be copied from one to the other. */
export function documentPath(name: string): string {
  if (!isDocumentName(name)) throw new TypeError('The name of a document has 64 hexadecimal digits.');
  return `documents/${name.slice(0, 2)}/${name}`;
}

/** `records/<key>`. @throws ArchiveError `record-key-invalid` */
export function recordPath(key: RecordKey): string {
  return `records/${checkedRecordKey(key)}`;
}

/**
 * The document that was found, after checking that it matches its sha256.
 * @throws ArchiveError `document-missing` | `document-corrupt`
 */
export function provenDocument<T extends Uint8Array>(sha256: string, found: T | undefined, place: string): T {
  if (!found)
    throw new ArchiveError(
      'document-missing',
      `The archive ${place} has no document ${sha256}. Was it moved, or is another archive configured?`,
    );
  if (sha256Of(found) !== sha256)
    throw new ArchiveError(
      'document-corrupt',
      `Document ${sha256} in the archive ${place} no longer matches its sha256. Restore it from a backup.`,
    );
  return found;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
