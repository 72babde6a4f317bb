import { Command } from 'commander';
import { openArchive } from '../../archive/open-archive.js';
import { findOrphans, type Orphan, removeOrphan } from '../../archive/orphans.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { itemized, lines, type Plain, plain } from '../../process/plain-text-output.js';

/** `archive`: keeping house in the archive. */
export function archiveCommand(): Command {
  return new Command('archive').summary('keep house in the archive').addCommand(orphansCommand());
}

/** What is younger may belong to something that is being written this minute. */
const KEPT_MS = 24 * 60 * 60 * 1000;

function orphansCommand(): Command {
  return new Command('orphans')
    .summary('list documents without an owner, which forget would leave behind')
    .description(
      'Lists every document in the archive that no record names, with its size and when it was last stored. There should be none; one can be left from an older version, or from a start that was interrupted. Reads every record and needs no server; workers can keep running. Exits with 6 when any are left.',
    )
    .option('--remove', 'delete those that were stored more than a day ago; cannot be undone')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ ace-onboarding archive orphans\n  $ ace-onboarding archive orphans --remove',
    )
    .action(async ({ remove, json }: { remove?: true; json?: true }) => {
      const { archive, stored } = await openArchive(readClientConfig());
      const before = new Date(Date.now() - KEPT_MS);
      const orphans: (Orphan & { removed: boolean })[] = [];
      for (const orphan of await findOrphans(archive, stored))
        orphans.push({ ...orphan, removed: remove === true && (await removeOrphan(orphan, stored, before)) });
      printResult(json, { orphans }, () => report(orphans, remove));
      const left = orphans.filter(({ removed }) => !removed).length;
      if (left > 0) throw new CommandFailure(EXIT.findings, plain`${left} documents in the archive have no owner.`);
    });
}

function report(orphans: (Orphan & { removed: boolean })[], remove: true | undefined): Plain {
  if (orphans.length === 0) return plain`Every document in the archive has an owner.`;
  const bytes = orphans.reduce((sum, orphan) => sum + orphan.bytes, 0);
  const listed = orphans.map(
    (one) => `${one.name}, ${one.bytes} bytes, stored ${one.storedAt.toISOString()}${one.removed ? ', removed' : ''}`,
  );
  return lines([
    itemized(plain`Documents without an owner: ${orphans.length}, ${bytes} bytes.`, listed),
    remove
      ? plain`What was stored in the last 24 hours stays: its owner may be about to be written.`
      : plain`To delete those that were stored more than 24 hours ago: ace-onboarding archive orphans --remove`,
  ]);
}
