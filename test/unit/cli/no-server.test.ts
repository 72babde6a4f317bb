import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { EXIT } from '../../../src/cli/output.js';
import { connectClient } from '../../../src/temporal/connect.js';
import { TemporalUnreachable } from '../../../src/temporal/unreachable.js';

vi.mock('../../../src/temporal/connect.js', { spy: true });

let folder: string;
let said: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ace-onboarding-'));
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
  said = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

describe.each([
  ['list'],
  ['forget', 'acme', '--actor', 'jo', '--second', 'kim', '--reason', 'x'],
  ['deploy', 'status'],
  ['mail', 'assign', '3f786850e387', 'acme', '--actor', 'jo', '--reason', 'x'],
])('%s', (...command) => {
  test('without a server ends with 1 and says where none answers', async () => {
    const down = new TemporalUnreachable('127.0.0.1:7233', new Error('refused'));
    vi.mocked(connectClient).mockRejectedValueOnce(down);
    expect(await main(command)).toBe(EXIT.failed);
    expect(said).toBe(`${down.message}\n`);
  });

  test('with variables of Temporal that cannot be used ends with 5', async () => {
    vi.stubEnv('TEMPORAL_CONFIG_FILE', '/nowhere/temporal.toml');
    expect(await main(command)).toBe(EXIT.invalid);
    expect(said).toContain('/nowhere/temporal.toml');
  });
});
