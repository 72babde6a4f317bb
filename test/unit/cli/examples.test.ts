import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { commands } from '../../../src/cli/main.js';

/** Every command that does something, by its whole name. */
const everyCommand = (await commands(undefined)).flatMap((command) => leavesOf(command, ''));

test.each(everyCommand)('%s shows examples that it would take', (name, command) => {
  const examples = helpOf(command)
    .split('\n')
    .filter((line) => line.includes(`ace-onboarding ${name}`) && !line.startsWith('Usage:'));
  expect(examples, 'examples in the help').not.toEqual([]);
  const known = command.options.map(({ long }) => long);
  const required = command.options.filter(({ mandatory }) => mandatory).map(({ long }) => long);
  for (const example of examples) {
    const given = example.match(/--[a-z-]+/g) ?? [];
    expect(known, example).toEqual(expect.arrayContaining(given));
    expect(given, example).toEqual(expect.arrayContaining(required));
  }
});

function leavesOf(command: Command, prefix: string): [string, Command][] {
  const name = `${prefix}${command.name()}`;
  return command.commands.length === 0
    ? [[name, command]]
    : command.commands.flatMap((one) => leavesOf(one, `${name} `));
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}
