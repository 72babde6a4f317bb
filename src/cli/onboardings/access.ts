import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Role } from '../../client.js';
import { CommandFailure, EXIT } from '../../process/output.js';
import { plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { type By, report, reportCommand } from './report.js';

const ROLES = ['full-access', 'read-only', 'other'] as const satisfies Role[];

interface Options extends By {
  none?: true;
  importerNumber?: string[];
  role?: Role;
  roleOf?: Record<string, Role>;
  topAccount?: 'right' | 'wrong';
  acceptRole?: true;
  evidence: string;
}

export function seenCommand(): Command {
  return reportCommand(
    'seen',
    'record what you see in ACE',
    "Records which of the client's importer numbers our user sees in ACE, and with which role, or that it sees none yet. Record only what ACE shows: the client is told what is missing.",
  )
    .alias('confirm-access')
    .configureHelp(
      examples(
        'seen acme --importer-number 07-123456700 07-1234567A1 --role full-access --actor jo --evidence "ACE, Dec 9"',
        'seen acme --none --actor jo --evidence "ACE, Dec 9, 10:00"',
        'seen acme --importer-number 07-123456700 --role read-only --accept-role --actor jo --evidence "ACE, Dec 9"',
      ),
    )
    .addOption(new Option('--none', 'ACE shows none of them').conflicts(['importerNumber', 'role', 'roleOf']))
    .option('--importer-number <NUMBER...>', 'every importer number that ACE shows')
    .addOption(new Option('--role <ROLE>', 'the role that ACE shows').choices(ROLES))
    .addOption(
      new Option('--role-of <NUMBER=ROLE>', 'a number that has another role; repeat it for more').argParser(roleOf),
    )
    .addOption(
      new Option('--top-account <WHICH>', "whether it is the client's top account that ACE shows").choices([
        'right',
        'wrong',
      ]),
    )
    .option('--accept-role', 'we can work with a narrower role than Full Access for this client')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .action(async (reference: string, o: Options) => {
      const { actor, evidence, none, importerNumber: importerNumbers = [], roleOf: roles, topAccount, acceptRole } = o;
      if (!none && importerNumbers.length === 0)
        throw new CommandFailure(
          EXIT.usage,
          plain`Say what ACE shows: --importer-number with every number, or --none.`,
        );
      if (!none && o.role === undefined)
        throw new CommandFailure(EXIT.usage, plain`Say which role ACE shows: --role ${ROLES.join(', ')}.`);
      await report(reference, o, (client) =>
        client.confirmAccess(reference, {
          ...{ actor, evidence, importerNumbers },
          // Without a number there is no role to see. No one reads this one.
          role: o.role ?? 'other',
          ...(roles ? { roles } : {}),
          ...(topAccount ? { topAccount } : {}),
          ...(acceptRole ? { acceptRole } : {}),
        }),
      );
    });
}

function roleOf(text: string, before: Record<string, Role> = {}): Record<string, Role> {
  const [number = '', role, ...more] = text.split('=');
  const known = ROLES.find((one) => one === role);
  if (number.trim() === '' || !known || more.length > 0)
    throw new InvalidArgumentError(`It must be NUMBER=ROLE, with the role ${ROLES.join(', ')}.`);
  return { ...before, [number.trim()]: known };
}
