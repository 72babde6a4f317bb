import { Command } from 'commander';
import { mailExplainCommand } from './mail-explain.js';

/** What came in, what goes out, and what a person says about it. */
export function mailCommand(): Command {
  return new Command('mail').description('Mails: what the product makes of one.').addCommand(mailExplainCommand());
}
