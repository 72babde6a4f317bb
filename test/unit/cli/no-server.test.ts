import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeArchive } from '../../../src/archive/open-archive.js';
import { main } from '../../../src/cli/main.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { EXIT } from '../../../src/process/output.js';
import { connectClient } from '../../../src/temporal/connect.js';
import { TemporalUnreachable } from '../../../src/temporal/unreachable.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { hear } from './heard.js';

const heard = hear();

vi.mock('../../../src/temporal/connect.js', { spy: true });

beforeEach(async () => {
  const folder = temporaryFolder('ace-onboarding');
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
  await makeArchive(readClientConfig());
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each([
  ['list'],
  ['forget', 'acme', '--actor', 'jo', '--second', 'kim', '--reason', 'x'],
  ['deploy', 'status'],
  ['mail', 'assign', '3f786850e387', 'acme', '--actor', 'jo', '--reason', 'x'],
])('%s', (...command) => {
  test('without a server exits with 1 and says which address does not answer', async () => {
    const down = new TemporalUnreachable('127.0.0.1:7233', new Error('refused'));
    vi.mocked(connectClient).mockRejectedValueOnce(down);
    expect(await main(command)).toBe(EXIT.failed);
    expect(heard.said).toBe(`${down.message}\n`);
  });

  test('with unusable Temporal variables exits with 5', async () => {
    vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere/temporal.toml');
    expect(await main(command)).toBe(EXIT.invalid);
    expect(heard.said).toContain('/nowhere/temporal.toml');
  });
});

test('forget rejects a retention period shorter than the law requires', async () => {
  const order = ['acme', '--actor', 'jo', '--second', 'kim', '--reason', 'x'];
  expect(await main(['forget', ...order, '--retention-years', '4'])).toBe(EXIT.usage);
  expect(heard.said).toContain('at least 5');
});

test('--version prints the version and exits with 0', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(await main(['--version'])).toBe(EXIT.ok);
  expect(heard.out).toBe(`${version}\n`);
});
