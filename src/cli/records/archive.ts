import { Command } from 'commander';
import { openArchive } from '../../archive/open-archive.js';
import { findOrphans, type Orphan, removeOrphan } from '../../archive/orphans.js';
import { readClientConfig } from '../../config/read-config.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { itemized, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';

/** `archive orphans`: clean up the archive. */
export function archiveCommand(): Command {
  return new Command('archive').summary('clean up the archive').addCommand(orphansCommand());
}

/** A younger document may belong to a record that is just being written. */
const MIN_AGE_MS = 24 * 60 * 60 * 1000;

function orphansCommand(): Command {
  return new Command('orphans')
    .summary('list documents that no record refers to')
    .description(
      `Lists every document in the archive that no client's records lead to, with its size and when it was last stored; forget would not delete them. There should be none, but an older version or an interrupted start can leave one behind. Reads every record and needs no server. Workers can keep running. Exits with ${EXIT.findings} when any are left.`,
    )
    .configureHelp(examples('archive orphans', 'archive orphans --remove'))
    .option('--remove', 'delete those stored more than a day ago; cannot be undone')
    .option('--json', 'print the result as JSON')
    .action(async ({ remove, json }: { remove?: true; json?: true }) => {
      const { archive, stored } = await openArchive(readClientConfig());
      const before = new Date(Date.now() - MIN_AGE_MS);
      const orphans: Listed[] = [];
      for (const orphan of await findOrphans(archive, stored)) {
        const { name, bytes, storedAt } = orphan;
        const removed = remove === true && (await removeOrphan(archive, orphan, stored, before));
        orphans.push({ name, bytes, storedAt, removed });
      }
      printResult(json, { orphans }, () => report(orphans, remove));
      const left = orphans.filter(({ removed }) => !removed).length;
      if (left > 0) throw new CommandFailure(EXIT.findings, plain`${left} documents in the archive have no owner.`);
    });
}

type Listed = Omit<Orphan, 'relying'> & { removed: boolean };

function report(orphans: Listed[], remove: true | undefined): Plain {
  if (orphans.length === 0) return plain`Every document in the archive has an owner.`;
  const bytes = orphans.reduce((sum, orphan) => sum + orphan.bytes, 0);
  const listed = orphans.map(
    (one) => `${one.name}, ${one.bytes} bytes, stored ${one.storedAt.toISOString()}${one.removed ? ', removed' : ''}`,
  );
  return lines([
    itemized(plain`Documents without an owner: ${orphans.length}, ${bytes} bytes.`, listed),
    remove
      ? plain`Documents stored in the last 24 hours are kept, because their record may still be written.`
      : plain`To delete those stored more than 24 hours ago: ace-onboarding archive orphans --remove`,
  ]);
}
