import { Command } from 'commander';
import { mailExplainCommand } from './mail-explain.js';
import { mailPreviewCommand } from './mail-preview.js';
import { mailReviewCommands } from './mail-review.js';

/** `mail`: explain received emails, preview outgoing ones, and sort out those in review. */
export function mailCommand(): Command {
  const group = new Command('mail')
    .summary('explain, preview and review emails')
    .addCommand(mailExplainCommand())
    .addCommand(mailPreviewCommand());
  for (const command of mailReviewCommands()) group.addCommand(command);
  return group;
}
