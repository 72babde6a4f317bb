import { Command } from 'commander';
import type { OnboardingClient } from '../../client.js';
import { printResult } from '../../process/output.js';
import { disarming } from '../../process/plain-text-output.js';
import type { Answer } from '../../workflows/contract/messages.js';
import { withClient } from './session.js';

/** Options of every command by which a person reports something. */
export interface By {
  actor: string;
  json?: true;
}

/** A command by which a person reports something about one onboarding. Every such command asks who they are. */
export function reportCommand(name: string, summary: string, description: string): Command {
  return new Command(name)
    .summary(summary)
    .description(description)
    .argument('<REFERENCE>')
    .requiredOption('--actor <NAME>', 'your name')
    .option('--json', 'print the result as JSON');
}

/**
 * Reports it and prints the answer.
 * @param what was recorded, in a few words: `approved`
 * @param consequence a sentence on what follows
 */
export async function report(
  reference: string,
  { actor, json }: By,
  { what, consequence }: { what: string; consequence?: string | undefined },
  send: (client: OnboardingClient) => Promise<Answer>,
): Promise<void> {
  const answer = await withClient(send);
  printResult(json, { reference, ...answer }, () => recorded(reference, actor, what, consequence));
}

/** `acme: Recorded: approved (jo). The client gets the instructions for granting access.` */
export function recorded(reference: string, actor: string, what: string, consequence?: string) {
  return disarming`${reference}: Recorded: ${what} (${actor}).${consequence ? ` ${consequence}` : ''}`;
}
