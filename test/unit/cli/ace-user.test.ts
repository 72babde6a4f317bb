import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeArchive } from '../../../src/archive/open-archive.js';
import { main } from '../../../src/cli/main.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { EXIT } from '../../../src/process/output.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { hear } from './heard.js';

const heard = hear();

beforeEach(async () => {
  const folder = temporaryFolder('ace-user');
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
  vi.stubEnv('BROKER_ACE_EMAIL', 'portal@broker.example');
  vi.useFakeTimers({ now: new Date('2026-12-01T15:00:00Z'), toFake: ['Date'] });
  await makeArchive(readClientConfig());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const run = async (...command: string[]) => {
  Object.assign(heard, { out: '', err: '', said: '' });
  return [await main(['ace-user', ...command]), heard.said] as const;
};

test('a sign-in is recorded for the day given, and status counts the days since', async () => {
  expect(await run('status')).toEqual([EXIT.findings, expect.stringContaining('No one has recorded a sign-in')]);
  expect((await run('signed-in', '--actor', 'jo', '--on', '2026-11-20'))[0]).toBe(EXIT.ok);
  expect(await run('status')).toEqual([
    EXIT.ok,
    'portal@broker.example last signed in on Fri Nov 20, 2026, 11 days ago (jo).\n',
  ]);
});

test('an earlier sign-in never replaces a later one', async () => {
  await run('signed-in', '--actor', 'jo');
  const [, said] = await run('signed-in', '--actor', 'kim', '--on', '2026-10-01');
  expect(said).toContain(
    'Nothing changed: a later sign-in of portal@broker.example is on record, on Tue Dec 1, 2026 (jo)',
  );
});

test.each([
  ['--on', '2026-12-02'],
  ['--on', '2026-02-30'],
  ['--user', 'portal2@broker.example'],
])('a sign-in in the future, on no day, or of a user that is not ours is refused: %s %s', async (option, value) => {
  const [code, said] = await run('signed-in', '--actor', 'jo', option, value);
  expect(code).toBe(EXIT.usage);
  expect(said).toContain(`"${value}"`);
  expect((await run('status'))[1]).toContain('No one has recorded');
});

test('a second ACE user is watched, too', async () => {
  vi.stubEnv('BROKER_ACE_SECOND_EMAIL', 'portal2@broker.example');
  await run('signed-in', '--actor', 'jo');
  const [code, said] = await run('status');
  expect(code).toBe(EXIT.findings);
  expect(said).toContain('No one has recorded a sign-in of our ACE user portal2@broker.example');
  await run('signed-in', '--actor', 'jo', '--user', 'PORTAL2@broker.example');
  expect((await run('status'))[0]).toBe(EXIT.ok);
});

test.each([
  [29, undefined],
  [30, 'ACE disables it on'],
  [40, 'URGENT'],
  [45, 'ACE has most likely disabled it'],
])('%i days after the last sign-in, status says: %s', async (days, alarm) => {
  const on = new Date(Date.parse('2026-12-01') - days * 86_400_000).toISOString().slice(0, 10);
  await run('signed-in', '--actor', 'jo', '--on', on);
  const [code, said] = await run('status');
  expect(code).toBe(alarm ? EXIT.findings : EXIT.ok);
  expect(said).toContain(alarm ?? 'last signed in');
  expect(said.includes('URGENT')).toBe(days >= 40);
});
