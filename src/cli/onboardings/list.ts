import { Command, Option } from 'commander';
import { isInstantOrDay } from '../../application/field-readers.js';
import type { ListedOnboarding, ListFilter } from '../../client.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { columns, type Plain, plain } from '../../process/plain-text-output.js';
import { STAGES, WAITING_ON } from '../../workflows/contract/stages.js';
import { ATTENTION_HELP } from '../../workflows/contract/tasks.js';
import { examples } from '../command-help.js';
import { forPeople } from '../dates-shown.js';
import { withClient } from './session.js';

export function listCommand(): Command {
  return new Command('list')
    .summary('list onboardings: stage, whose turn it is, what is due')
    .description('Lists the onboardings that the Temporal server still has, newest first.')
    .configureHelp(examples('list --open --waiting-on broker', 'list --attention late --json'))
    .addOption(new Option('--open', 'only open onboardings').conflicts('closed'))
    .option('--closed', 'only closed onboardings')
    .addOption(new Option('--stage <STAGE>', 'only this stage').choices(STAGES))
    .addOption(new Option('--waiting-on <WHO>', 'only those waiting on this party').choices(WAITING_ON))
    .addOption(
      new Option('--attention <REASON>', 'only those that need a person for this reason').choices(
        Object.keys(ATTENTION_HELP),
      ),
    )
    .option('--handler <NAME>', 'only those with this handler')
    .option('--due-before <INSTANT>', 'only those due before then, such as 2026-12-03T17:00:00-05:00')
    .option('--json', 'print the result as JSON')
    .action(async (options: { open?: true; closed?: true; json?: true } & Omit<ListFilter, 'open'>) => {
      if (options.dueBefore && !isInstantOrDay(options.dueBefore)) {
        throw new CommandFailure(
          EXIT.usage,
          plain`--due-before is "${options.dueBefore}", which is neither a day nor an instant such as 2026-12-03T17:00:00-05:00.`,
        );
      }
      const { open, closed, json, ...rest } = options;
      const filter: ListFilter = { ...rest, ...(open ? { open: true } : closed ? { open: false } : {}) };
      const found = await withClient(async (client) => {
        const all: ListedOnboarding[] = [];
        for await (const one of client.list(filter)) all.push(one);
        return all;
      });
      printResult(json, found, () => (found.length === 0 ? plain`No onboardings.` : table(found)));
    });
}

function table(found: ListedOnboarding[]): Plain {
  const rows = found.map((one) => [
    one.reference,
    one.company ?? '',
    one.outcome ?? one.stage ?? one.status,
    one.waitingOn ?? '',
    one.dueAt === undefined ? '' : forPeople(one.dueAt),
    one.handler ?? '',
    one.refundDeadline ?? '',
    one.attention.join(','),
  ]);
  const head = ['REFERENCE', 'COMPANY', 'STAGE', 'WAITING ON', 'DUE', 'HANDLER', 'REFUND BY', 'ATTENTION'];
  return columns([head, ...rows]);
}
