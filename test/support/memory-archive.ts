import { type Archive, ArchiveError } from '../../src/archive/archive.js';
import { checkedRecordKey, checkedSha256, sha256Of } from '../../src/archive/archive-names.js';

/** An archive in memory, for tests of the code that uses archives. Its contents can be inspected. */
export class MemoryArchive implements Archive {
  readonly documents = new Map<string, Uint8Array>();
  readonly records = new Map<string, unknown>();

  async putDocument(bytes: Uint8Array) {
    const sha256 = sha256Of(bytes);
    this.documents.set(sha256, bytes);
    return { sha256, bytes: bytes.length };
  }

  async getDocument(sha256: string) {
    const found = this.documents.get(checkedSha256(sha256));
    if (!found) throw new ArchiveError('document-missing', `There is no document ${sha256}.`);
    if (sha256Of(found) !== sha256) throw new ArchiveError('document-corrupt', `Document ${sha256} was altered.`);
    return found;
  }

  async removeDocument(sha256: string) {
    this.documents.delete(checkedSha256(sha256));
  }

  async *listDocuments() {
    yield* [...this.documents.keys()];
  }

  /** Its date is the present. */
  async describeDocument(sha256: string) {
    const found = this.documents.get(sha256);
    return found && { bytes: found.length, storedAt: new Date() };
  }

  async createRecord<T>(key: string, record: T) {
    if (this.records.has(checkedRecordKey(key))) return { created: false as const, existing: this.records.get(key) };
    this.records.set(key, JSON.parse(JSON.stringify(record)));
    return { created: true as const };
  }

  async readRecord(key: string) {
    return this.records.get(checkedRecordKey(key));
  }

  async replaceRecord<T>(key: string, record: T) {
    this.records.set(checkedRecordKey(key), JSON.parse(JSON.stringify(record)));
  }

  async removeRecord(key: string) {
    this.records.delete(checkedRecordKey(key));
  }

  async *listRecords(prefix: string) {
    for (const key of [...this.records.keys()]) if (key.startsWith(prefix)) yield key;
  }
}
