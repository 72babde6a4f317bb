import { Command, InvalidArgumentError } from 'commander';
import { openArchive } from '../../archive/open-archive.js';
import { readClientConfig } from '../../config/read-config.js';
import { ForgetRefused, forget } from '../../onboardings/forget.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { errorText, plain } from '../../process/plain-text-output.js';
import { connectClient } from '../../temporal/connect.js';
import { examples } from '../command-help.js';

/** `forget`: deletes a client's data once it no longer has to be kept. */
export function forgetCommand(): Command {
  return new Command('forget')
    .summary('delete the data of a closed case once it no longer has to be kept')
    .description(
      'Deletes the histories in Temporal, and the applications, forms and emails in the archive. Cannot be undone. The archive keeps the fact that an application was submitted, and the claim on the importer number. Refused while a round is open, and until the retention period is over. The emails in the mailbox stay: delete them there.',
    )
    .configureHelp(examples('forget acme --actor jo --second kim --reason "kept for five years"'))
    .argument('<REFERENCE>')
    .requiredOption('--actor <NAME>', 'your name')
    .requiredOption('--second <NAME>', 'name of a second person who agrees')
    .requiredOption('--reason <WHY>', 'the reason, for the record')
    .option(
      '--retention-years <YEARS>',
      'how long records are kept after the last entry; the law requires at least 5',
      years,
      5,
    )
    .option('--json', 'print the result as JSON')
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
              plain`${done.reference}: deleted ${done.workflows} histories, ${done.documents} documents and ${done.records} records.`,
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
    throw new InvalidArgumentError('It must be a whole number of years, at least 5 (19 CFR 111.23 and 163.4).');
  return value;
}
