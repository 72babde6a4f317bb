import { type Command, Help, type HelpConfiguration } from 'commander';

/**
 * A command's help in the one style of all commands: usage, what it does, examples, then arguments and options.
 * @param calls without the program's name: `show acme --json`
 */
export function examples(...calls: string[]): HelpConfiguration {
  return exampleLines(calls.map((call) => `$ ace-onboarding ${call}`));
}

/** The same for examples that are not only a call of the program, such as a pipe: each line as people type it. */
export function exampleLines(typed: string[]): HelpConfiguration {
  const block = `Examples:\n${typed.map((line) => `  ${line}`).join('\n')}\n`;
  return {
    formatHelp(command: Command, help: Help): string {
      const text = Help.prototype.formatHelp.call(help, command, help);
      return text.replace(/^(?=(?:Arguments|Options):$)/m, () => `${block}\n`);
    },
  };
}
