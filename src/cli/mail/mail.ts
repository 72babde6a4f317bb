import { Command } from 'commander';
import { mailExplainCommand } from './mail-explain.js';
import { mailPreviewCommand } from './mail-preview.js';
import { mailReviewCommands } from './mail-review.js';

/** What came in, what goes out, and what a person says about it. */
export function mailCommand(): Command {
  const group = new Command('mail')
    .description('Mails: what the product makes of one, and those that wait for a person.')
    .addCommand(mailExplainCommand())
    .addCommand(mailPreviewCommand());
  for (const command of mailReviewCommands()) group.addCommand(command);
  return group;
}
