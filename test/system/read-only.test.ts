import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { connectOnboardingClient } from '../../src/client.js';
import { CHECKOUT } from '../support/checkout.js';
import { workerSettings } from '../support/worker-process.js';

const closers: (() => unknown)[] = [];
afterAll(async () => {
  vi.unstubAllEnvs();
  for (const close of closers.reverse()) await close();
});

/** As in docker-compose.yml: root is nothing special without capabilities, so a folder closed to it is closed. */
const WITHOUT_RIGHTS =
  process.getuid?.() === 0 ? ['setpriv', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'] : [];

test.skipIf(process.platform !== 'linux')(
  'a worker needs no capability and writes to its data alone: it fills a form from folders closed to it',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ace-read-only-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const [app, data, scratch] = ['app', 'data', 'tmp'].map((name) => path.join(folder, name)) as [
      string,
      string,
      string,
    ];
    await Promise.all([app, data, scratch].map((made) => mkdir(made)));
    // What the Dockerfile copies.
    for (const part of ['dist', 'package.json', 'bin', 'forms', 'templates'])
      await cp(path.join(CHECKOUT, part), path.join(app, part), { recursive: true });
    await symlink(path.join(CHECKOUT, 'node_modules'), path.join(app, 'node_modules'));
    const closed = [scratch, app, ...(await everythingIn(app))];
    for (const place of closed) await chmod(place, 0o555);
    closers.push(() => Promise.all(closed.map((place) => chmod(place, 0o755))));

    const settings = workerSettings(data, { TASK_QUEUE: 'read-only' });
    for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
    const [command = '', ...args] = [...WITHOUT_RIGHTS, process.execPath, path.join(app, 'dist/src/worker.js')];
    const worker = spawn(command, args, {
      cwd: app,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: app, TMPDIR: scratch, ...settings },
    });
    closers.push(() => worker.kill('SIGKILL'));
    let log = '';
    for (const stream of [worker.stdout, worker.stderr]) stream.on('data', (chunk) => (log += chunk));

    // The worker makes the archive that the client opens.
    const client = await vi.waitFor(() => connectOnboardingClient(), { timeout: 60_000, interval: 250 });
    closers.push(() => client.close());
    const application = JSON.parse(await readFile(path.join(CHECKOUT, 'examples/application.json'), 'utf8'));
    await client.start({ ...application, reference: 'read-only' });
    await expect
      .poll(async () => (await client.progress('read-only')).stage, { timeout: 60_000, interval: 250 })
      .toBe('submitting');
    expect(log).not.toMatch(/EACCES|EROFS|EPERM/);
  },
);

async function everythingIn(place: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const ours = entries.filter((entry) => !entry.isSymbolicLink());
  return ours.map((entry) => path.join(entry.parentPath, entry.name));
}
