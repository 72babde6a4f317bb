// A separate PostgreSQL for the cluster: the installed programs, with their own data folder and port.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SetupFailed } from '../../../scripts/run-script.mjs';
import { startProcess } from './background-process.mjs';

export const POSTGRES_USER = 'temporal';

const AFTER_CRASH_MS = 10_000;

/**
 * Creates the data folder at the first start, and serves it on 127.0.0.1.
 *
 * @param {{ folder: string, port: number }} options
 */
export async function startPostgres({ folder, port }) {
  const programs = findPrograms();
  const user = unprivilegedUser();
  const data = path.join(folder, 'postgres');
  const passwordFile = path.join(folder, 'postgres-password');
  if (!existsSync(path.join(data, 'PG_VERSION'))) makeDataFolder(programs, data, passwordFile, user);
  const password = readFileSync(passwordFile, 'utf8').trim();
  const start = () =>
    startProcess({
      name: 'PostgreSQL',
      command: path.join(programs, 'postgres'),
      args: ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', data, '-c', 'max_connections=100'],
      logFile: path.join(folder, 'logs/postgres.log'),
      stopSignal: 'SIGINT', // Fast shutdown. SIGTERM would wait for all clients to disconnect.
      // Uses psql, because pg_isready is in another package, and the port opens before recovery ends.
      ready: () => acceptsQueries(programs, port, password),
      ...(user ? { user } : {}),
    });
  const started = existsSync(path.join(data, 'postmaster.pid')) ? await startAfterCrash(start) : await start();
  return { ...started, port, password };
}

/**
 * Only a crash leaves `postmaster.pid` behind. The processes that served clients then outlive their parent for a moment,
 * and until the last one is gone, PostgreSQL refuses to start because they still use the shared memory.
 *
 * @template T
 * @param {() => Promise<T>} start
 */
async function startAfterCrash(start) {
  const deadline = Date.now() + AFTER_CRASH_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}

/** Where Debian has `initdb` and `postgres` (newest version), or the folder in the PATH that has both. */
function findPrograms() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((v) => path.join(debian, v, 'bin')),
    ...(process.env.PATH ?? '').split(path.delimiter),
  ];
  const found = folders.find((f) => existsSync(path.join(f, 'initdb')) && existsSync(path.join(f, 'postgres')));
  if (found) return found;
  throw new SetupFailed('PostgreSQL is not installed. On Debian, as root: apt-get install postgresql');
}

/** PostgreSQL refuses to run as root. It then runs as the system's postgres user, or as the user `nobody`. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const id = (/** @type {string} */ which) => spawnSync('id', [which, name], { encoding: 'utf8' });
    const uid = id('-u');
    if (uid.status === 0) return { uid: Number(uid.stdout), gid: Number(id('-g').stdout) };
  }
  throw new SetupFailed(
    'PostgreSQL cannot run as root, and there is no user "postgres" or "nobody". Run this as another user.',
  );
}

/**
 * @param {string} programs
 * @param {string} data
 * @param {string} passwordFile
 * @param {{ uid: number, gid: number } | undefined} user
 */
function makeDataFolder(programs, data, passwordFile, user) {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (!existsSync(passwordFile))
    writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  const forInitdb = path.join(data, '..', 'postgres-password.once');
  writeFileSync(forInitdb, readFileSync(passwordFile), { mode: 0o600 });
  if (user) for (const place of [data, forInitdb]) chownSync(place, user.uid, user.gid);
  chmodSync(data, 0o700);
  try {
    execFileSync(
      path.join(programs, 'initdb'),
      ['-D', data, '-U', POSTGRES_USER, '--pwfile', forInitdb, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale', 'C'],
      { stdio: 'pipe', cwd: '/', ...user },
    );
  } catch (error) {
    throw new SetupFailed(
      `PostgreSQL's data folder ${data} could not be made: ${/** @type {Error} */ (error).message}\n` +
        'When this runs as root, the folder must be one another user can reach: not under /root.',
    );
  } finally {
    rmSync(forInitdb, { force: true });
  }
}

/**
 * @param {string} programs
 * @param {number} port
 * @param {string} password
 */
async function acceptsQueries(programs, port, password) {
  await portOpen(port);
  execFileSync(
    path.join(programs, 'psql'),
    ['-h', '127.0.0.1', '-p', String(port), '-U', POSTGRES_USER, '-c', 'SELECT 1', 'postgres'],
    {
      env: { ...process.env, PGPASSWORD: password },
      stdio: 'pipe',
      timeout: 10_000,
    },
  );
}

/**
 * Resolves when something listens on the port.
 * @param {number} port
 */
export function portOpen(port) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.end()));
    socket.once('error', reject);
  });
}
