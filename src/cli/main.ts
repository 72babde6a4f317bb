import { Command, CommanderError } from 'commander';
import { isArchiveError } from '../archive/archive.js';
import { ConfigurationError } from '../config/configuration-error.js';
import { configurationWarnings } from '../config/warnings.js';
import { productVersion } from '../files/product-file.js';
import {
  COMMANDER_OUTPUT,
  CommandFailure,
  EXIT,
  type ExitCode,
  expectOutput,
  printJsonError,
  say,
} from '../process/output.js';
import { errorText, hanging, lines, plain } from '../process/plain-text-output.js';
import { TemporalUnreachable } from '../temporal/unreachable.js';

/** Runs the command line and returns its exit code. Errors are printed, never thrown. */
export async function main(argv: string[]): Promise<number> {
  expectOutput();
  const program = new Command('ace-onboarding')
    .description("Gets ACE portal accounts for a customs broker's clients.")
    .version(productVersion());
  for (const command of await commands(argv[0])) program.addCommand(command);
  throwInsteadOfExiting(program);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      // Commander has printed it for people.
      if (argv.includes('--json')) printJsonError(errorObject(EXIT.usage, error.message.replace(/^error: /, '')));
      return EXIT.usage;
    }
    const failure = asFailure(error);
    if (argv.includes('--json')) printJsonError(failure.details ?? errorObject(failure.exitCode, failure.said.text));
    say(failure.said);
    return failure.exitCode;
  }
}

/** Warns about variables that look like ours but that nothing reads. */
export function warn(): void {
  for (const warning of configurationWarnings()) say(plain`${warning}`);
}

/** For scripts: the name of the exit code, where there is no code of its own, and what people read. */
function errorObject(exitCode: ExitCode, message: string) {
  return { error: { code: Object.entries(EXIT).find(([, code]) => code === exitCode)?.[0], message } };
}

/** Any error as an exit code and a message. A configuration error is an input error, too. */
function asFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  // They say what to do.
  if (error instanceof TemporalUnreachable || isArchiveError(error))
    return new CommandFailure(EXIT.failed, errorText(error));
  if (error instanceof ConfigurationError) return new CommandFailure(EXIT.invalid, errorText(error), error.problems);
  const unexpected = error instanceof Error ? error : new Error(String(error));
  return new CommandFailure(
    EXIT.failed,
    process.env.LOG_LEVEL === 'debug'
      ? hanging(unexpected.stack ?? unexpected.message)
      : lines([errorText(unexpected), plain`Run it again with LOG_LEVEL=debug to see where it happened.`]),
  );
}

/** Set on every command, because subcommands do not inherit these settings. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride().configureOutput(COMMANDER_OUTPUT).showHelpAfterError('Add --help to see examples.');
  command.commands.forEach(throwInsteadOfExiting);
}

/** Loaded only when needed: `calendar due` must not load a PDF library. */
const GROUPS: { names: string[]; load: () => Promise<Command[]> }[] = [
  {
    names: [
      ...['start', 'list', 'find', 'show', 'approve', 'decide', 'correct', 'seen', 'confirm-access'],
      ...['call', 'client-says', 'problem', 'message', 'hand-over', 'note', 'snooze'],
      ...['settle', 'deadline', 'dismiss', 'withdraw', 'reopen'],
    ],
    load: async () => (await import('./onboardings/onboardings.js')).onboardingCommands(),
  },
  { names: ['replay', 'deploy'], load: async () => (await import('./deploy.js')).deployCommands() },
  { names: ['init'], load: async () => [(await import('./records/init.js')).initCommand()] },
  { names: ['archive'], load: async () => [(await import('./records/archive.js')).archiveCommand()] },
  { names: ['document'], load: async () => [(await import('./records/document.js')).documentCommand()] },
  { names: ['calendar'], load: async () => [(await import('./calendar.js')).calendarCommand()] },
  { names: ['form'], load: async () => [(await import('./form/form.js')).formCommand()] },
  { names: ['mail'], load: async () => [(await import('./mail/mail.js')).mailCommand()] },
  { names: ['letters'], load: async () => [(await import('./letters/letters.js')).lettersCommand()] },
  { names: ['config'], load: async () => [(await import('./config.js')).configCommand()] },
  { names: ['incident'], load: async () => [(await import('./records/incident.js')).incidentCommand()] },
  { names: ['forget'], load: async () => [(await import('./records/forget.js')).forgetCommand()] },
  { names: ['keys'], load: async () => [(await import('./records/keys.js')).keysCommand()] },
  { names: ['codec-server'], load: async () => [(await import('./codec-server.js')).codecServerCommand()] },
  { names: ['ace-user'], load: async () => [(await import('./records/ace-user.js')).aceUserCommand()] },
  { names: ['mailbox'], load: async () => [(await import('./mail/mailbox.js')).mailboxCommand()] },
];

/** The commands of the named group, or all commands when there is no such name, as for `--help`. */
export async function commands(name: string | undefined): Promise<Command[]> {
  const called = GROUPS.filter(({ names }) => name !== undefined && names.includes(name));
  const groups = called.length > 0 ? called : GROUPS;
  return (await Promise.all(groups.map(({ load }) => load()))).flat();
}
