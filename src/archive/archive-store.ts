import type { Archive } from './archive.js';

/**
 * What a place must offer to hold an archive: besides the archive itself, documents under names that are given, for the
 * encrypted archive, and what keeping house needs. Names have 64 hexadecimal digits.
 */
export interface ArchiveStore extends Archive {
  /** Writes a document whatever was there; whole or not at all, durable when it resolves. */
  writeNamed(name: string, bytes: Uint8Array): Promise<void>;

  /** As it lies there, not compared with its name; undefined when there is none. */
  readNamed(name: string): Promise<Uint8Array | undefined>;

  /** By its name, which for an archive in clear is its sha256. Removing what is not there is fine. */
  removeDocument(name: string): Promise<void>;

  /** The names of all documents, in no particular order. */
  listDocuments(): AsyncIterable<string>;

  /** Undefined when there is none. */
  describeDocument(name: string): Promise<DocumentFacts | undefined>;
}

export interface DocumentFacts {
  /** As it lies there: encrypted, it is a little longer. */
  bytes: number;
  /** When it was last stored. */
  storedAt: Date;
}
