import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import {
  ACCESS_PROBLEMS,
  type AccessProblem,
  type ClientStatement,
  type OnboardingClient,
  type SendMessage,
} from '../../client.js';
import { CommandFailure, EXIT, printResult } from '../../process/output.js';
import { lines, plain } from '../../process/plain-text-output.js';
import { overLimit } from '../../workflows/contract/limits.js';
import { examples } from '../command-help.js';
import { asText, configuration, previewOf } from '../mail/mail-preview.js';
import { type By, report, reportCommand } from './report.js';
import { withClient } from './session.js';

/** What was said between the broker, CBP and the client. */
export function conversationCommands(): Command[] {
  return [callCommand(), clientSaysCommand(), problemCommand(), messageCommand()];
}

interface CallOptions extends By {
  with: 'cbp' | 'client';
  who: string;
  said: string;
  ticket?: string;
  chase?: string;
}

function callCommand(): Command {
  return reportCommand(
    'call',
    'log a telephone call with CBP or the client',
    'Logs a call. It records what was said and decides nothing: use decide, client-says or seen for that. With --chase, you are told on that day to follow up.',
  )
    .configureHelp(
      examples(
        'call acme --with cbp --who "agent 4711" --said "in review" --ticket CS-0012345 --chase 2026-12-09 --actor jo',
        'call acme --with client --who "Ann Lee" --said "signs in tomorrow" --actor jo',
      ),
    )
    .addOption(new Option('--with <WHO>', 'which side').choices(['cbp', 'client']).makeOptionMandatory())
    .requiredOption('--who <NAME>', "whom: a name, an agent's number")
    .requiredOption('--said <TEXT>', 'what was said')
    .option('--ticket <NUMBER>', "CBP's ticket number")
    .option('--chase <DAY>', 'when to follow up, such as 2026-12-09')
    .action(async (reference: string, { json, chase, ...call }: CallOptions) => {
      await report(reference, { ...(json ? { json } : {}) }, (client) =>
        client.logCall(reference, { ...call, ...(chase === undefined ? {} : { chaseOn: chase }) }),
      );
    });
}

const STATEMENTS: ClientStatement[] = ['mail-came', 'no-mail', 'signed-in', 'user-added'];

function clientSaysCommand(): Command {
  return reportCommand(
    'client-says',
    'record what the client says',
    "Records what the client says, by telephone or in an email, as said and never as seen: mail-came (CBP's account email), no-mail, signed-in, or user-added (our user, in ACE).",
  )
    .configureHelp(
      examples(
        'client-says acme mail-came --on 2026-12-03 --actor jo --evidence "call, Dec 4"',
        'client-says acme user-added --actor jo --evidence "email of Dec 9"',
      ),
    )
    .argument('<WHAT>', STATEMENTS.join(', '))
    .option('--on <DAY>', 'the day it happened, such as 2026-12-03 (default: today)')
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .action(
      async (reference: string, says: ClientStatement, { json, ...o }: By & { on?: string; evidence: string }) => {
        await report(reference, { ...(json ? { json } : {}) }, (client) =>
          client.recordStatement(reference, { ...o, says }),
        );
      },
    );
}

function problemCommand(): Command {
  return reportCommand(
    'problem',
    'record what keeps the client from granting access',
    `Records a problem: ${ACCESS_PROBLEMS.join(', ')}. The client gets the email that solves it.`,
  )
    .configureHelp(examples('problem acme link-expired --actor jo --evidence "call, Dec 28"'))
    .argument('<PROBLEM>', ACCESS_PROBLEMS.join(', '))
    .requiredOption('--evidence <WHERE>', 'where it can be looked up')
    .action(async (reference: string, problem: AccessProblem, { json, ...o }: By & { evidence: string }) => {
      await report(reference, { ...(json ? { json } : {}) }, (client) =>
        client.reportProblem(reference, { ...o, problem }),
      );
    });
}

interface MessageOptions extends By {
  to: 'cbp' | 'client';
  text?: string;
  file?: string;
  mail?: string;
  ticket?: string;
  attachForm?: true;
  preview?: true;
}

function messageCommand(): Command {
  return reportCommand(
    'message',
    'email CBP or the client from the case',
    'Emails CBP or the client in the thread of an email on record. The answer comes back to the case.',
  )
    .configureHelp(
      examples(
        'message acme --to client --text "Tomorrow at 10 is fine." --preview --actor jo',
        'message acme --to cbp --file answer.txt --mail 3fa1…c9 --ticket CS-0012345 --attach-form --actor jo',
      ),
    )
    .addOption(new Option('--to <WHO>', 'who gets it').choices(['cbp', 'client']).makeOptionMandatory())
    .option('--text <TEXT>', 'what to write, without greeting or signature')
    .addOption(new Option('--file <FILE>', 'a text file with what to write').conflicts('text'))
    .option('--mail <MAIL-ID>', 'the email that it answers, as show prints it (default for CBP: our application)')
    .option('--ticket <NUMBER>', "CBP's ticket number, for the subject")
    .option('--attach-form', 'attach the form as it was last sent; for CBP only')
    .option('--preview', 'show the email, and send nothing')
    .action(async (reference: string, o: MessageOptions) => {
      const message: SendMessage = {
        ...{ actor: o.actor, to: o.to, text: await textOf(o) },
        ...(o.mail === undefined ? {} : { mailId: o.mail }),
        ...(o.ticket === undefined ? {} : { ticket: o.ticket }),
        ...(o.attachForm ? { attachForm: true } : {}),
      };
      if (!o.preview) return await report(reference, o, (client) => client.sendMessage(reference, message));
      const preview = await withClient((client) => previewed(client, reference, message));
      printResult(o.json, preview, () => lines([asText(preview), plain``, plain`Nothing was sent.`]));
    });
}

async function textOf({ text, file }: MessageOptions): Promise<string> {
  if (text === undefined && file === undefined)
    throw new CommandFailure(EXIT.usage, plain`Say what to write, with --text or --file.`);
  const bytes =
    file === undefined
      ? undefined
      : await readFile(file).catch((error: Error) => {
          throw new CommandFailure(EXIT.usage, plain`${file} cannot be read: ${error.message}`);
        });
  try {
    const written = (text ?? new TextDecoder('utf-8', { fatal: true }).decode(bytes)).trim();
    if (written === '') throw new CommandFailure(EXIT.usage, plain`There is nothing to send: the text is empty.`);
    return written;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(EXIT.invalid, plain`${file} is not in UTF-8. Save it as UTF-8.`);
  }
}

/** The email as it would go out now. */
async function previewed(client: OnboardingClient, reference: string, message: SendMessage) {
  const problem = overLimit(message);
  if (problem) throw new CommandFailure(EXIT.invalid, plain`${problem}`);
  const [application, progress] = [await client.application(reference), await client.progress(reference)];
  const form = progress.documents.findLast(({ what }) => what.startsWith('form, '));
  if (message.attachForm && message.to === 'client')
    throw new CommandFailure(EXIT.usage, plain`--attach-form is for CBP only.`);
  if (message.attachForm && !form)
    throw new CommandFailure(EXIT.conflict, plain`${reference} has no form to attach yet.`);
  if (message.mailId !== undefined && !progress.mails.some(({ mailId }) => mailId === message.mailId))
    throw new CommandFailure(EXIT.notFound, plain`${reference} has no email ${message.mailId}. show lists them.`);
  return previewOf(
    message.to === 'cbp' ? 'cbp-message' : 'message',
    application,
    {
      ...{ text: message.text, ticket: message.ticket ?? '', answersMailId: message.mailId ?? '' },
      ...{ attachForm: message.attachForm ? 'yes' : '', formSha256: message.attachForm ? (form?.sha256 ?? '') : '' },
      handler: progress.handler ?? '',
    },
    configuration(),
  );
}
