import { Command, CommanderError } from 'commander';
import { CommandFailure, EXIT, printResult, say } from './output.js';

/** The command line. Each group of commands is built in a file of its own and added here. */
export async function main(argv: string[]): Promise<number> {
  const program = new Command('ace-onboarding')
    .description("Gets a customs broker's clients their ACE portal accounts.")
    .showHelpAfterError('Add --help for examples.')
    .exitOverride();
  for (const command of await commands()) program.addCommand(command.exitOverride());
  try {
    await program.parseAsync(argv, { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (error instanceof CommandFailure) {
      if (error.details !== undefined && argv.includes('--json')) printResult(true, error.details, String);
      say(error.message);
      return error.exitCode;
    }
    throw error;
  }
}

/** Imported as they are needed: `calendar due` must not load a PDF library. */
async function commands(): Promise<Command[]> {
  return [];
}
