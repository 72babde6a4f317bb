import { Command, InvalidArgumentError } from 'commander';
import { openArchive } from '../../archive/open-archive.js';
import { readClientConfig } from '../../config/read-config.js';
import { ForgetRefused, forget } from '../../onboardings/forget.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { errorText, plain } from '../../process/plain-text-output.js';
import { connectClient } from '../../temporal/connect.js';

/** `forget`: a client's data is deleted once it need not be kept any more. */
export function forgetCommand(): Command {
  return new Command('forget')
    .summary('delete the data of a closed case that need not be kept any more')
    .description(
      'Deletes the histories in Temporal and the applications, forms and mails in the archive. Cannot be undone. That an application was submitted, and the claim of the importer number, stay on record. Refused while a round is open and before the records may go. Mails remain in the mailbox: delete them there.',
    )
    .argument('<REFERENCE>')
    .requiredOption('--actor <NAME>', 'who wants it')
    .requiredOption('--second <NAME>', 'who agrees: somebody else')
    .requiredOption('--reason <WHY>')
    .option(
      '--retention-years <YEARS>',
      'how long records are kept after the last entry, five at least by law',
      years,
      5,
    )
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ ace-onboarding forget acme --actor jo --second kim --reason "kept for five years"',
    )
    .action(
      async (
        reference: string,
        o: { actor: string; second: string; reason: string; retentionYears: number; json?: true },
      ) => {
        const { archive, encryption } = await openArchive(readClientConfig());
        const { client, close } = await connectClient(encryption);
        try {
          const done = await forget(
            { reference, actors: [o.actor, o.second], reason: o.reason },
            { temporal: client, archive, retentionYears: o.retentionYears },
          );
          printResult(
            o.json,
            done,
            () =>
              plain`${done.reference} is forgotten: ${done.workflows} histories, ${done.documents} documents, ${done.records} records.`,
          );
        } catch (error) {
          if (!(error instanceof ForgetRefused)) throw error;
          const exit = {
            'not-found': EXIT.notFound,
            open: EXIT.conflict,
            'too-early': EXIT.conflict,
            'one-person': EXIT.usage,
            'actor-refused': EXIT.conflict,
          };
          throw new CommandFailure(exit[error.code], errorText(error), {
            error: { code: error.code, message: error.message },
          });
        } finally {
          await close();
        }
      },
    );
}

function years(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 5 || value > 100)
    throw new InvalidArgumentError('It is a whole number of years, five at least (19 CFR 111.23 and 163.4).');
  return value;
}
