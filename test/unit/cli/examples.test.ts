import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { everyCommand } from './every-command.js';

test.each(everyCommand)('the help of %s has examples with valid options', (name, command) => {
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
