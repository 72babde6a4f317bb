import type { Command } from 'commander';
import { approveCommand, decideCommand } from './decide.js';
import { listCommand, showCommand } from './list-and-show.js';
import { otherReportCommands } from './other-reports.js';
import { reopenCommand, startCommand } from './start.js';

/** The commands about onboardings, in the order of `--help`. Each is one call of the typed client. */
export function onboardingCommands(): Command[] {
  return [
    startCommand(),
    listCommand(),
    showCommand(),
    approveCommand(),
    decideCommand(),
    ...otherReportCommands(),
    reopenCommand(),
  ];
}
