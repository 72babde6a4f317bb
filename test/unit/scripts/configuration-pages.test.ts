import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { configurationPage, envExample, SECTIONS } from '../../../scripts/configuration-pages.mjs';
import { TEMPORAL_VARIABLES } from '../../../src/config/temporal-variables.js';
import { VARIABLES } from '../../../src/config/variables.js';
import { CHECKOUT } from '../../support/checkout.js';

const variables = { ...VARIABLES, ...TEMPORAL_VARIABLES };
const committed = (file: string) => readFileSync(path.join(CHECKOUT, file), 'utf8');

describe('the documentation lists the variables that the code reads', () => {
  const remedy = 'run: node scripts/configuration-pages.mjs';
  test('in .env.example', () => {
    expect(committed('.env.example'), remedy).toBe(envExample(variables));
  });
  test('in docs/configuration.md', () => {
    expect(committed('docs/configuration.md'), remedy).toBe(configurationPage(variables));
  });
  test('and every variable is explained', () => {
    const unexplained = Object.entries(variables).filter(([, { about }]) => about.length < 10);
    expect(unexplained).toEqual([]);
  });
  test('and every section begins at an existing variable', () => {
    expect(SECTIONS.map(([first]) => first).filter((first) => !(first in variables))).toEqual([]);
  });
});
