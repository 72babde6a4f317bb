import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { VIEWS } from '../../../scripts/operators-view.mjs';
import { CSV_COLUMNS } from '../../../src/application/files/csv.js';
import { main } from '../../../src/cli/main.js';
import { TEMPORAL_VARIABLES } from '../../../src/config/temporal-variables.js';
import { VARIABLES } from '../../../src/config/variables.js';
import { APPLICATION_FIELDS } from '../../../src/form/map/application-fields.js';
import { FORMATS, written } from '../../../src/form/map/value-format.js';
import { EXIT } from '../../../src/process/output.js';
import { DOUBTS } from '../../../src/workflows/contract/doubts.js';
import { MAILBOX_ALERTS } from '../../../src/workflows/contract/mailbox-alerts.js';
import { ATTENTIONS } from '../../../src/workflows/contract/progress.js';
import { SEARCH_ATTRIBUTES } from '../../../src/workflows/contract/search-attributes.js';
import { CHECKOUT } from '../../support/checkout.js';

const read = (file: string) => readFileSync(path.join(CHECKOUT, file), 'utf8');
const isThere = (file: string) => existsSync(path.join(CHECKOUT, file));
const PAGES = ['.', 'docs', 'docs/decisions'].flatMap((folder) =>
  readdirSync(path.join(CHECKOUT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(folder, name)),
);

/** Configuration templates of the Temporal server and Web UI, in their own repositories. */
const READ_BY_TEMPORALS_IMAGES = [
  ...['TEMPORAL_CODEC_ENDPOINT', 'TEMPORAL_CODEC_PASS_ACCESS_TOKEN', 'TEMPORAL_AUTH_ENABLED', 'TEMPORAL_AUTH_SCOPES'],
  ...['TEMPORAL_AUTH_PROVIDER_URL', 'TEMPORAL_AUTH_CLIENT_ID', 'TEMPORAL_AUTH_CLIENT_SECRET'],
  ...['TEMPORAL_AUTH_CALLBACK_URL', 'TEMPORAL_WORKFLOW_TERMINATE_DISABLED', 'TEMPORAL_WORKFLOW_RESET_DISABLED'],
  ...['TEMPORAL_JWT_KEY_SOURCE1', 'TEMPORAL_AUTH_AUTHORIZER', 'TEMPORAL_AUTH_CLAIM_MAPPER', 'USE_INTERNAL_FRONTEND'],
  ...['TEMPORAL_TLS_FRONTEND_CERT', 'TEMPORAL_TLS_FRONTEND_KEY'],
];

/** The first cells of the tables on a page, without backticks. */
const firstCells = (page: string) => [...page.matchAll(/^\| `([^`]+)`/gm)].flatMap((match) => match[1] ?? []);
/** The strings in a union of string literals, read from the source. */
const unionIn = (file: string, name: string): string[] => {
  const code = read(file).replace(/\/\*[\s\S]*?\*\//g, '');
  const declaration = new RegExp(`export type ${name} =([^;]*);`).exec(code)?.[1] ?? '';
  return [...declaration.matchAll(/'([a-z-]+)'/g)].flatMap((match) => match[1] ?? []);
};

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  test('has no broken links', () => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => match[1] ?? []);
    const broken = links.filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [target = '', anchor] = link.split('#');
      const file = target === '' ? page : path.posix.join(path.posix.dirname(page), target);
      return !isThere(file) || (anchor !== undefined && !anchorsOf(read(file)).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|simulator|scripts|templates|examples|forms|bench)\/[^`\s*…]+)`/g)];
    // A segment in capitals, as in test/histories/VERSION, is a placeholder.
    const files = named.flatMap((match) => match[1] ?? []).filter((file) => !/\/[A-Z]{3,}(\/|$)/.test(file));
    expect(files.filter((file) => !isThere(file))).toEqual([]);
  });

  test('names only files that exist in its commands', () => {
    const blocks = [...text.matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)];
    const commands = blocks.flatMap(([, language, block = '']) => (language ? [] : block));
    const named = commands.flatMap((block) => block.match(/(?<![\w./-])(?:test|scripts|examples)\/[\w./-]+/g) ?? []);
    expect(named.filter((file) => !isThere(file))).toEqual([]);
  });

  test('imports only compiled files that have a source', () => {
    const imported = [...text.matchAll(/\bdist\/((?:src|simulator|forms)\/[\w./-]+)\.js\b/g)].map(
      ([, file]) => `${file}.ts`,
    );
    expect(imported.filter((file) => !isThere(file))).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts);
    const named = [...text.matchAll(/\bnpm (?:run ([a-z:-]+)|(start|test)\b)/g)].map((match) => match[1] ?? match[2]);
    expect(named.filter((name) => name === undefined || !scripts.includes(name))).toEqual([]);
  });

  test('names only variables that something reads', () => {
    const secrets = Object.entries(VARIABLES).flatMap(([name, about]) =>
      'secret' in about ? [`${name}_FILE`, `${name}_COMMAND`] : [],
    );
    const known = new Set([
      ...Object.keys({ ...VARIABLES, ...TEMPORAL_VARIABLES }),
      ...secrets,
      'NAME', // a placeholder
      'NAME_FILE',
      'NAME_COMMAND',
      'NODE_EXTRA_CA_CERTS', // read by Node.js
      ...['FORM_RUNS', 'FORM_SEED', 'FUZZ_RUNS', 'FUZZ_SEED'], // read by tests
      ...READ_BY_TEMPORALS_IMAGES,
      ...['POSTGRES_PASSWORD', 'POSTGRES_PWD', 'SQL_PASSWORD'], // read by the database tools
    ]);
    const given = [...text.matchAll(/(?<![\w-])([A-Z][A-Z0-9_]{3,})=/g)].flatMap((match) => match[1] ?? []);
    expect(given.filter((name) => !known.has(name))).toEqual([]);
    // Error codes and constants look the same, but appear in the sources.
    const named = [...text.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map(([name]) => name);
    expect(named.filter((name) => !known.has(name) && !sources().includes(name))).toEqual([]);
  });
});

test('the table of contents has every page once', () => {
  const listed = [...read('docs/README.md').matchAll(/^\| \[[^\]]+\]\(([^)]+)\)/gm)].map(([, to = '']) =>
    path.posix.join('docs', to),
  );
  const pages = PAGES.filter((page) => page !== 'docs/README.md' && !/^docs\/decisions\/\d/.test(page));
  expect(listed.sort()).toEqual(pages.sort());
});

describe('operators are told', () => {
  const page = read('docs/operators.md');

  test.each(ATTENTIONS)('what to do about %s', (reason) => {
    expect(firstCells(page)).toContain(reason);
  });

  test('about no reason that an onboarding or a mailbox cannot have', () => {
    const reasons: string[] = [...ATTENTIONS, ...MAILBOX_ALERTS];
    const described = firstCells(page).filter((cell) => /^[a-z]+(-[a-z]+)*$/.test(cell));
    expect(described.filter((reason) => !reasons.includes(reason))).toEqual([]);
  });

  test.each(MAILBOX_ALERTS)('what to do about a mailbox with %s', (alert) => {
    expect(firstCells(page.slice(page.indexOf('## Reasons a mailbox')))).toContain(alert);
  });

  test('about every search attribute', () => {
    for (const { name } of Object.values(SEARCH_ATTRIBUTES)) expect(page).toContain(`\`${name}\``);
  });

  test('queries that match their links', () => {
    const rows = [...page.matchAll(/^\| [^|]+ \| `([^`]+)` \| `\?query=([^`]+)` \|$/gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [, query, encoded = ''] of rows) expect(decodeURIComponent(encoded)).toBe(query);
  });

  test('about every view that the script saves, with its query', () => {
    for (const { name, query } of VIEWS) expect(page).toContain(`| ${name} | \`${query}\` |`);
  });
});

test('people are told what to do about each doubt about an email, and only about those', () => {
  const page = read('docs/known-letters.md');
  const table = page.slice(page.indexOf('### What each doubt'), page.indexOf('## Suggestions'));
  expect(firstCells(table).sort()).toEqual(Object.keys(DOUBTS).sort());
});

describe('the command line', () => {
  const page = read('docs/command-line.md');
  afterEach(() => vi.restoreAllMocks());

  test('has every command documented', async () => {
    const names = await commandsIn([]);
    expect(names).toContain('start');
    const all: string[] = [];
    for (const name of names) {
      const below = await commandsIn([name]);
      all.push(...(below.length > 0 ? below.map((command) => `${name} ${command}`) : [name]));
    }
    expect(all.filter((command) => !new RegExp(`\`${command}[ \`]`).test(page))).toEqual([]);
  });

  test('has its exit codes documented', () => {
    for (const [name, code] of Object.entries(EXIT)) expect(page).toContain(`| ${code} | \`${name}\` |`);
  });
});

describe('back-office programmers are told', () => {
  const page = read('docs/back-office.md');

  test('about every CSV column, and only about those', () => {
    const table = page.slice(page.indexOf('## A CSV file'), page.indexOf('A column `scenario`'));
    const rows = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap((match) => match[1]?.match(/[a-z_0-9]+/g) ?? []);
    expect([...rows].sort()).toEqual([...CSV_COLUMNS].sort());
  });

  test('about every error code of the client', () => {
    const codes = unionIn('src/onboardings/onboarding-error.ts', 'OnboardingErrorCode');
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(firstCells(page)).toContain(code);
  });
});

test("each line of the guide names tests and functions that are in the files it says they're in", () => {
  const guide = read('docs/guide.md');
  const cited = [...guide.matchAll(/`(test\/[^`]+\.test\.ts)`((?: (?:and )?"[^"]+"(?: \([^)]*\))?,?)+)/g)];
  expect(cited.length).toBeGreaterThan(14);
  for (const [, file = '', names = ''] of cited)
    for (const [, name = ''] of names.matchAll(/"([^"]+)"/g)) expect(read(file), `${file}: ${name}`).toContain(name);
  const functions = [...guide.matchAll(/`(src\/[^`]+\.ts)`,((?: (?:and )?`[A-Za-z]+`)+)/g)];
  for (const [, file = '', names = ''] of functions)
    for (const [, name = ''] of names.matchAll(/`([A-Za-z]+)`/g)) expect(read(file)).toContain(`function ${name}(`);
  const lines = [...guide.matchAll(/^\*\*(\d+)\. /gm)].map((match) => Number(match[1]));
  expect(lines).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
});

/** The names of a command's subcommands, as its help lists them. */
async function commandsIn(path: string[]): Promise<string[]> {
  let help = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    help += String(text);
    return true;
  });
  expect(await main([...path, '--help'])).toBe(0);
  write.mockRestore();
  const listed = help.split(/^Commands:$/m)[1] ?? '';
  return [...listed.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .flatMap((match) => match[1] ?? [])
    .filter((name) => name !== 'help');
}

/** Anchors as GitHub generates them from headings. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

let all: string | undefined;
/** All source code of the product and its scripts, as one text. */
function sources(): string {
  all ??= ['src', 'scripts', 'simulator']
    .flatMap((folder) => filesBelow(folder))
    .map(read)
    .join('\n');
  return all;
}

function filesBelow(folder: string): string[] {
  return readdirSync(path.join(CHECKOUT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.posix.join(folder, name))
    .filter((name) => /\.(ts|mjs|cjs)$/.test(name));
}

describe('the page about bringing a form lists', () => {
  const page = read('docs/bring-your-own-form.md');
  const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;

  test('every slot of a field map, with what goes in', () => {
    const rows = Object.entries(APPLICATION_FIELDS).map(([slot, { about, ...more }]) =>
      row(`\`${slot}\``, `${about}${'required' in more ? ' Required.' : ''}`),
    );
    expect(page).toContain(['| slot | |', '|---|---|', ...rows, ''].join('\n'));
  });

  test('every format, with an example that the format writes', () => {
    const about = { country: 'US' };
    const rows = FORMATS.map(({ shown, kinds, about: words, example: { value, written: text } }) => {
      expect(written(value, shown, { ...about, kind: kinds[0] ?? 'text' })).toBe(text);
      return row(`\`${shown}\``, words, `${value} as ${text}`);
    });
    expect(page).toContain(['| format | | such as |', '|---|---|---|', ...rows, ''].join('\n'));
  });
});
