import { Command } from 'commander';
import type { OnboardingClient } from '../../client.js';
import { printResult } from '../../process/output.js';
import { disarming, lines, type Plain } from '../../process/plain-text-output.js';
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
 * Reports it and prints the onboarding's answer, which says what happens now.
 * @param above printed before the answer
 */
export async function report(
  reference: string,
  { json }: { json?: true },
  send: (client: OnboardingClient) => Promise<Answer>,
  above?: Plain,
): Promise<void> {
  const answer = await withClient(send);
  printResult(json, { reference, ...answer }, () => lines([above, answered(reference, answer)]));
}

/** `acme: Recorded: approved (jo). The client gets the instructions …` The onboarding wrote all but the reference. */
export function answered(reference: string, { said }: Pick<Answer, 'said'>): Plain {
  return disarming`${reference}: ${said}`;
}
