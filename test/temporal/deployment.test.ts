import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DevServer } from '../../simulator/dev-server/dev-server.js';
import { main } from '../../src/cli/main.js';
import { deploymentStatus, idleBecause } from '../../src/temporal/deployment.js';
import { beginAsWorker } from '../support/as-a-worker.js';
import { nextVersion } from '../support/next-version.js';
import { connect, finish, reaches, startOnboarding, startWorker } from '../support/parked-onboardings.js';
import { startDevServer } from '../support/temporal-dev-server.js';

const TASK_QUEUE = 'deploys';
const closers: (() => Promise<unknown>)[] = [];
let folder: string;
let server: DevServer;
let client: Awaited<ReturnType<typeof connect>>['client'];

beforeAll(async () => {
  server = await startDevServer();
  closers.push(() => server.stop());
  const connected = await connect(server.address, undefined);
  client = connected.client;
  closers.push(() => connected.connection.close());
  folder = await mkdtemp(path.join(tmpdir(), 'ace-deploys-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  vi.stubEnv('TEMPORAL_ADDRESS', server.address);
  vi.stubEnv('TASK_QUEUE', TASK_QUEUE);
  vi.stubEnv('ARCHIVE_DIR', path.join(folder, 'archive'));
  vi.stubEnv('IMPORTER_KEY_FILE', path.join(folder, 'importer-key'));
  await beginAsWorker();
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
});

const builds = async () => (await deploymentStatus(client, TASK_QUEUE))?.builds ?? [];

describe('workers with a build id', () => {
  test('get no work before their build is current, and onboardings move to later builds that can continue them, never to others', async () => {
    expect(await main(['deploy', 'promote', 'one'])).toBe(3);

    const first = await startWorker(server.address, TASK_QUEUE, undefined, { buildId: 'one' });
    await expect.poll(builds, { timeout: 20_000 }).toContain('one');
    expect(idleBecause('one', await deploymentStatus(client, TASK_QUEUE))).toContain('deploy promote one');
    const onboarding = await startOnboarding(client, TASK_QUEUE, 'upgraded');
    expect(await main(['deploy', 'promote', 'never-seen'])).toBe(3);
    expect((await onboarding.describe()).historyLength).toBeLessThan(4);

    expect(await main(['deploy', 'promote', 'one'])).toBe(0);
    expect(idleBecause('one', await deploymentStatus(client, TASK_QUEUE))).toBeUndefined();
    await reaches(onboarding, 'awaiting-acknowledgement');

    const second = await startWorker(server.address, TASK_QUEUE, undefined, { buildId: 'two' });
    await expect.poll(builds, { timeout: 20_000 }).toContain('two');
    expect(idleBecause('two', await deploymentStatus(client, TASK_QUEUE))).toContain('build one is current');
    expect(await main(['replay', '--json'])).toBe(0);
    expect(await main(['deploy', 'promote', 'two'])).toBe(0);
    await first.stop();
    const after = await startWorker(server.address, TASK_QUEUE, undefined, { buildId: 'three' });
    await expect.poll(builds, { timeout: 20_000 }).toContain('three');
    const version = await nextVersion(folder, 'unpatched');
    for (const command of [
      ['deploy', 'promote', 'three'],
      ['replay', '--namespace', 'default'],
    ]) {
      const refused = await commandLine(version, command);
      expect(refused.exitCode, refused.said).toBe(6);
      expect(refused.said).toMatch(/onboarding-upgraded: .*nondeterminism/i);
      expect(refused.said).toMatch(/Do not deploy this version: .* behind patched\('what-changed'\)/);
    }
    expect((await deploymentStatus(client, TASK_QUEUE))?.current).toBe('two');
    await after.stop();

    expect(await finish(onboarding)).toBe('access-granted');
    await second.stop();
  });
});

/** The command line of another version, as a separate process. */
async function commandLine(checkout: string, args: string[]): Promise<{ exitCode: number; said: string }> {
  const program = [path.join(checkout, 'bin/ace-onboarding.mjs'), ...args];
  return await new Promise((resolve) =>
    execFile(process.execPath, program, { cwd: checkout }, (error, stdout, stderr) =>
      resolve({ exitCode: error ? Number(error.code) : 0, said: stdout + stderr }),
    ),
  );
}
