import type { Command } from 'commander';
import { seenCommand } from './access.js';
import { conversationCommands } from './conversations.js';
import { correctCommand } from './correct.js';
import { approveCommand, decideCommand } from './decide.js';
import { findCommand } from './find.js';
import { listCommand } from './list.js';
import { otherReportCommands } from './other-reports.js';
import { showCommand } from './show.js';
import { smallActCommands } from './small-acts.js';
import { reopenCommand, startCommand } from './start.js';

/** The commands about onboardings, in the order of `--help`. Each is one call of the typed client. */
export function onboardingCommands(): Command[] {
  return [
    startCommand(),
    listCommand(),
    findCommand(),
    showCommand(),
    approveCommand(),
    decideCommand(),
    correctCommand(),
    seenCommand(),
    ...conversationCommands(),
    ...smallActCommands(),
    ...otherReportCommands(),
    reopenCommand(),
  ];
}
