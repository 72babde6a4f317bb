import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { readConfig } from '../../../src/config/read-config.js';
import { newKey } from '../../../src/encryption/keyring.js';
import { EXIT } from '../../../src/process/output.js';
import { loadStartupFiles } from '../../../src/worker/load-startup-files.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';

/** Each value is valid, but the worker would not start, and `config show` says so, too. */

const good: Record<string, string> = {
  SMTP_HOST: '127.0.0.1',
  IMAP_HOST: '127.0.0.1',
  ...BROKER_SETTINGS,
  TEMPORAL_CONFIG_FILE: '',
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function refused(changes: Record<string, string>): Promise<string[]> {
  const env = { ...good, ...changes };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  return await loadStartupFiles(readConfig(env)).then(
    () => [],
    (error) => error.problems,
  );
}

test('a rehearsal on this machine starts with the replica', async () => {
  expect(await refused({})).toEqual([]);
});

test('a worker with LIVE=true does not start with the replica', async () => {
  expect(await refused({ LIVE: 'true', ENCRYPTION_KEYS: newKey() })).toEqual([
    expect.stringMatching(/^FORM_TEMPLATE is \S+replica\.pdf, the replica .*bring-your-own-form/),
  ]);
});

test('data does not go to a Temporal server elsewhere unencrypted', async () => {
  expect(await refused({ TEMPORAL_ADDRESS: 'temporal.example:7233' })).toEqual([
    expect.stringMatching(/^Temporal is at temporal\.example:7233.*ENCRYPTION_KEYS is not set/),
  ]);
});

test('a missing file of profiles is an error', async () => {
  expect(await refused({ TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' })).toEqual([
    expect.stringMatching(/^Cannot use the TEMPORAL_ variables.*\/nowhere\/temporal\.toml/),
  ]);
});

test('all missing or invalid files are reported at once', async () => {
  const changes = {
    FORM_TEMPLATE: '/nowhere/form.pdf',
    MAIL_TEMPLATES_DIR: '/nowhere/templates',
    DNS_RECORDS_FILE: '/nowhere/dns.json',
  };
  expect(await refused(changes)).toEqual([
    expect.stringMatching(/^FORM_TEMPLATE and FORM_MAP: The form \/nowhere\/form\.pdf cannot be read/),
    expect.stringMatching(/^DNS_RECORDS_FILE: .*\/nowhere\/dns\.json/),
    expect.stringMatching(/^MAIL_TEMPLATES_DIR: .*\/nowhere\/templates/),
  ]);
});

test('config show reports it, and ends with 5', async () => {
  for (const [name, value] of Object.entries({ ...good, FORM_MAP: '/nowhere/map.json' })) vi.stubEnv(name, value);
  const said: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  expect(await main(['config', 'show'])).toBe(EXIT.invalid);
  expect(said.join('')).toMatch(
    /A worker would not start:\n {2}- FORM_TEMPLATE and FORM_MAP: The field map cannot be used: .*\/nowhere\/map\.json/,
  );
});

test('config show also has warnings, which do not change its exit code', async () => {
  for (const [name, value] of Object.entries({ ...good, LATE_DAY: '7' })) vi.stubEnv(name, value);
  const out: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  expect(await main(['config', 'show', '--json'])).toBe(EXIT.ok);
  expect(JSON.parse(out.join(''))).toMatchObject({
    problems: [],
    warnings: ['LATE_DAY is set, but nothing reads it: did you mean LATE_DAYS?'],
  });
});

test.each([
  ['IMAP_REVIEW', 'inbox', 'IMAP_REVIEW and IMAP_INBOX are both "inbox". Use a different folder for each.'],
  ['IMAP_REVIEW', 'Processed', 'IMAP_REVIEW and IMAP_PROCESSED are both "Processed". Use a different folder for each.'],
  ['LATE_DAYS', '11', 'LATE_DAYS is 11, more than OVERDUE_DAYS, 10. Set it to fewer days.'],
  ['GRANT_SILENT_DAYS', '21', 'GRANT_SILENT_DAYS is 21, more than GRANT_PARKED_DAYS, 20. Set it to fewer days.'],
  ['GRANT_REMINDER_DAYS', '5,2', 'GRANT_REMINDER_DAYS is "5,2". Write the days in order, such as 2,5,8.'],
])('one folder for two uses and deadlines out of order are refused: %s=%s', (name, value, problem) => {
  expect(() => readConfig({ ...good, [name]: value })).toThrow(expect.objectContaining({ problems: [problem] }));
});
