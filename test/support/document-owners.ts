import { expect } from 'vitest';
import type { Archive } from '../../src/archive/archive.js';
import { openDirectoryArchive } from '../../src/archive/directory.js';
import type { OpenedArchive } from '../../src/archive/open-archive.js';
import { findOrphans, type StoredDocuments, storedIn } from '../../src/archive/orphans.js';

type Unencrypted = Archive & Omit<StoredDocuments, 'nameOf'>;

/**
 * For the end of a test that kills processes: every stored document is found when its client is forgotten, even if no
 * history is left. It looks at the archive only.
 * @param where an archive that `openArchive` or `makeArchive` opened, or the folder of an unencrypted one, or that one itself
 */
export async function expectEveryDocumentOwned(
  where: string | Unencrypted | Pick<OpenedArchive, 'archive' | 'stored'>,
): Promise<void> {
  const archive = typeof where === 'string' ? await openDirectoryArchive(where) : where;
  const opened = 'stored' in archive ? archive : { archive, stored: storedIn(archive, (sha256) => sha256) };
  expect(await findOrphans(opened.archive, opened.stored), 'documents without an owner').toEqual([]);
}
