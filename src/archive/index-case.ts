import { type Application, importerNumbersOf } from '../application/application.js';
import type { Archive } from './archive.js';
import type { ImporterKeys } from './importer-key.js';
import { aliasIndex, type CaseRecord, importerIndex } from './records.js';

/**
 * Writes the index entries by which incoming mail finds its case: both reply aliases and every importer number. A
 * correction adds its numbers and its company name. Calling it again changes nothing.
 */
export async function indexCase(
  archive: Archive,
  keys: ImporterKeys,
  opened: CaseRecord,
  application: Application,
): Promise<void> {
  const { workflowId, reference, aliases } = opened;
  const entry = { workflowId, reference };
  const company = application.company.legalName;
  await Promise.all([
    archive.createRecord(aliasIndex.key(aliases.cbp), { ...entry, alias: 'cbp' }),
    archive.createRecord(aliasIndex.key(aliases.client), { ...entry, alias: 'client' }),
    ...numberEntries(keys, opened, application).map((key) => archive.replaceRecord(key, { ...entry, company })),
  ]);
}

/** Indexes a case again if an entry is missing, as in an archive that was only partly restored. */
export async function restoreIndex(
  archive: Archive,
  keys: ImporterKeys,
  opened: CaseRecord,
  application: Application,
): Promise<void> {
  const { cbp, client } = opened.aliases;
  const entries = [aliasIndex.key(cbp), aliasIndex.key(client), ...numberEntries(keys, opened, application)];
  const found = await Promise.all(entries.map((key) => archive.readRecord(key)));
  if (found.includes(undefined)) await indexCase(archive, keys, opened, application);
}

function numberEntries(keys: ImporterKeys, { workflowId }: CaseRecord, application: Application) {
  return importerNumbersOf(application).map((number) => importerIndex.key(keys.keyOf(number), workflowId));
}
