import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { TEMPORAL_VARIABLES } from '../../../src/config/temporal-variables.js';
import { VARIABLES } from '../../../src/config/variables.js';
import { SEARCH_ATTRIBUTES } from '../../../src/workflows/contract/search-attributes.js';
import { CHECKOUT } from '../../support/checkout.js';

const page = readFileSync(path.join(CHECKOUT, 'docs/production.md'), 'utf8');

test('the production page lists every search attribute to create in Temporal Cloud, with its type', () => {
  const line = page.split('\n').find((text) => text.includes('**Search attributes**')) ?? '';
  const listed = line.split(': ').slice(1).join(': ');
  const types = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList', DATETIME: 'Datetime' };
  for (const { name, type } of Object.values(SEARCH_ATTRIBUTES)) {
    expect(listed).toMatch(new RegExp(`\`${name}\`[^.]*? as ${types[type]}\\b`));
  }
});

test('the production page names only variables that are read and programs that are built', () => {
  const secrets = Object.entries(VARIABLES).flatMap(([name, about]) =>
    'secret' in about ? [`${name}_FILE`, `${name}_COMMAND`] : [],
  );
  const known = new Set([...Object.keys({ ...VARIABLES, ...TEMPORAL_VARIABLES }), ...secrets]);
  const named = [...page.matchAll(/`([A-Z][A-Z_]{3,})[=`]/g)].flatMap((match) => match[1] ?? []);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  const programs = [...page.matchAll(/(?:dist\/(\S+?)\.js|(scripts\/\S+?\.mjs))/g)];
  const sources = programs.map(([, compiled, script]) => (compiled ? `${compiled}.ts` : (script ?? '')));
  expect(sources.filter((source) => !existsSync(path.join(CHECKOUT, source)))).toEqual([]);
});
