import { Command } from 'commander';
import type { FoundOnboarding } from '../../client.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { disarming, lines, type Plain, plain } from '../../process/plain-text-output.js';
import { examples } from '../command-help.js';
import { withClient } from './session.js';

export function findCommand(): Command {
  return new Command('find')
    .summary('find a case: the client is on the phone')
    .description(
      "Finds cases by part of the company's name or the reference, by an importer number, or by the telephone number of the account owner or the company, and says where each stands. Prints no importer numbers.",
    )
    .configureHelp(examples('find "maple imports"', 'find 07-123456700', 'find "(207) 555-0142"'))
    .argument('<TEXT>')
    .option('--json', 'print the result as JSON')
    .action(async (text: string, o: { json?: true }) => {
      const found = await withClient((client) => client.find(text));
      if (found.length === 0)
        throw new CommandFailure(
          EXIT.notFound,
          plain`No case matches. Try part of the company's name, or an importer number with its suffix.`,
          [],
        );
      printResult(o.json, found, () => lines(found.map(shown)));
    });
}

function shown({ reference, company, handler, standing }: FoundOnboarding): Plain {
  const about = [company ?? '', handler ? `handler ${handler}` : ''].filter(Boolean).join(', ');
  return disarming`${reference}  ${about}\n    ${standing}`;
}
