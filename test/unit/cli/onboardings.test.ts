import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { checkApplication } from '../../../src/application/schema.js';
import { main } from '../../../src/cli/main.js';
import { connectOnboardingClient, OnboardingError } from '../../../src/client.js';
import { EXIT } from '../../../src/process/output.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { sampleApplication } from '../application/sample.js';
import { hear } from './heard.js';

const heard = hear();

vi.mock('../../../src/client.js', { spy: true });

/** What the commands about onboardings do before and after they talk to the server. */

let folder: string;
beforeEach(() => {
  folder = temporaryFolder('ace-onboarding');
});

async function file(text: string | Uint8Array, base = 'applications.json'): Promise<string> {
  const name = path.join(folder, base);
  await writeFile(name, text);
  return name;
}

describe('start', () => {
  test('accepts a file with a byte order mark', async () => {
    const name = await file(`\ufeff${JSON.stringify(sampleApplication())}`);
    expect(await main(['start', name, '--dry-run'])).toBe(EXIT.ok);
    expect(heard.said).toContain('maple-imports: valid');
  });

  test('says when a file has no applications', async () => {
    expect(await main(['start', await file('[]')])).toBe(EXIT.invalid);
    expect(heard.said).toContain('has no applications');
  });

  test('rejects every application of a JSON file that shares a client with another', async () => {
    const written = sampleApplication();
    const bare = { ...written, reference: 'b', importerNumber: '12345678900', importerNumberKind: 'ein' };
    const name = await file(
      JSON.stringify([written, bare, { ...bare, reference: 'MAPLE-imports ', importerNumber: '7' }]),
    );
    expect(await main(['start', name, '--dry-run'])).toBe(EXIT.invalid);
    expect(heard.said).toMatch(
      /maple-imports: invalid\n {2}- reference: is also in application 3, regardless of case\./,
    );
    expect(heard.said).toMatch(
      /- importerNumber: is also in application 2; an importer number can have only one onboarding\./,
    );
    expect(heard.said).toMatch(/\nb: invalid\n {2}- importerNumber: is also in application 1;/);
    expect(heard.said).toContain('3 of 3 applications cannot be used.');
  });

  test('names an application by its position when its reference must not be shown', async () => {
    const strayed = { ...sampleApplication(), importerNumber: '13-345678900', reference: '412-55-7788' };
    expect(await main(['start', await file(JSON.stringify([sampleApplication(), strayed, null]))])).toBe(EXIT.invalid);
    expect(heard.said).toContain('(application 2): invalid\n  - reference: looks like');
    expect(heard.said).toContain('(application 3): invalid\n  - application: is null');
    expect(heard.said).not.toContain('412-55-7788');
  });

  test.each([
    ['“412557788”', /Unexpected token '“' in line 3\./],
    ['412-55-7788', / in line 3\./],
  ])('says where a file is not JSON, and quotes nothing from it: %s', async (number, where) => {
    const text = `{\n"reference": "maple-imports",\n"importerNumber": ${number},\n"handler": "desk-1"}`;
    expect(await main(['start', await file(text), '--dry-run'])).toBe(EXIT.invalid);
    expect(heard.said).toMatch(where);
    expect(heard.said).not.toMatch(/412|7788/);
  });

  test('refuses a JSON file that is not UTF-8, so that no name is damaged', async () => {
    const application = { ...sampleApplication(), handler: 'québec' };
    const latin1 = Buffer.from(JSON.stringify(application), 'latin1');
    expect(await main(['start', await file(latin1), '--dry-run'])).toBe(EXIT.invalid);
    expect(heard.said).toContain('is not in UTF-8');
  });

  test('says how to save a spreadsheet with another extension', async () => {
    expect(await main(['start', await file('reference\tlegal_name\n', 'clients.tsv'), '--dry-run'])).toBe(EXIT.invalid);
    expect(heard.said).toContain('"CSV UTF-8", named FILE.csv');
  });
});

test.each([
  [['importer-number-taken', 'application-differs'], EXIT.conflict],
  [['importer-number-taken', 'no-answer'], EXIT.failed],
  [[], EXIT.invalid],
] as const)('start with invalid and failing applications, %j, exits with %i', async (codes, exitCode) => {
  const failures = codes.map((code) => ({ reference: 'x', error: new OnboardingError(code, 'It was not started.') }));
  const office = { startMany: async () => failures, close: vi.fn(async () => undefined) } as never;
  vi.mocked(connectOnboardingClient).mockResolvedValueOnce(office);
  const written = ['12-345678900', '13-345678900', 'none'].slice(2 - codes.length);
  const applications = written.map((importerNumber, index) => ({
    ...sampleApplication(),
    reference: `c-${index}`,
    importerNumber,
  }));
  expect(await main(['start', await file(JSON.stringify(applications)), '--skip-invalid'])).toBe(exitCode);
  expect(heard.said).toContain(`${codes.length + 1} of ${codes.length + 1} were not started.`);
});

test.each([['correct', 'maple-imports'], ['reopen']])('%s says when a file has no application', async (...command) => {
  const words = [...command, await file('[]'), '--actor', 'jo', '--reason', 'x'];
  expect(await main(words)).toBe(EXIT.usage);
  expect(heard.said).toContain('has 0 applications');
});

test('show --application writes a private file that correct accepts, and prints none of it', async () => {
  const close = vi.fn(async () => undefined);
  const office = { application: async () => sampleApplication(), close } as never;
  vi.mocked(connectOnboardingClient).mockResolvedValueOnce(office);
  const name = path.join(folder, 'CORRECTED.json');
  expect(await main(['show', 'maple-imports', '--application', name])).toBe(EXIT.ok);
  expect(checkApplication(JSON.parse(await readFile(name, 'utf8')))).toMatchObject({
    application: sampleApplication(),
  });
  expect((await stat(name)).mode & 0o777).toBe(0o600);
  expect(heard.said).toBe(`maple-imports: wrote ${name}.\n`);
  expect(close).toHaveBeenCalled();
});

describe('list', () => {
  test.each([
    [['--stage', 'awaiting-decison'], 'awaiting-decision'],
    [['--attention', 'lat'], 'late'],
    [['--open', '--closed'], 'cannot be used with'],
    [['--due-before', '5'], 'neither a day nor an instant'],
  ])('%j is refused instead of finding nothing', async (options, hint) => {
    expect(await main(['list', ...options])).toBe(EXIT.usage);
    expect(heard.said).toContain(hint);
  });
});

test('deadline either recalculates or sets, not both', async () => {
  const change = ['--recompute', '--deadline', 'late', '--at', '2026-12-30T17:00:00-05:00'];
  expect(await main(['deadline', 'acme', ...change, '--actor', 'jo', '--reason', 'x'])).toBe(EXIT.usage);
  expect(heard.said).toContain('cannot be used with');
});

test.each([['list'], ['show', 'maple-imports'], ['mailbox', 'status'], ['keys', 'list'], ['calendar', 'holidays']])(
  '%s %s says what is wrong with the configuration and exits with 5',
  async (...command) => {
    vi.stubEnv('ARCHIVE_BUCKET', 'my bucket');
    vi.stubEnv('CALENDAR_CUT_OFF_HOUR', 'noon');
    expect(await main(command.filter((word) => word !== ''))).toBe(EXIT.invalid);
    expect(heard.said).toMatch(/ARCHIVE_BUCKET is "my bucket"|CALENDAR_CUT_OFF_HOUR is "noon"/);
    vi.unstubAllEnvs();
  },
);
