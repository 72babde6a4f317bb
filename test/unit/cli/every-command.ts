import type { Command } from 'commander';
import { commands } from '../../../src/cli/main.js';

/** Every command that does something, by its whole name. */
export const everyCommand = (await commands(undefined)).flatMap((command) => leavesOf(command, ''));

function leavesOf(command: Command, prefix: string): [string, Command][] {
  const name = `${prefix}${command.name()}`;
  return command.commands.length === 0
    ? [[name, command]]
    : command.commands.flatMap((one) => leavesOf(one, `${name} `));
}
