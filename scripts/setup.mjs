// Makes a checkout ready to run: dependencies, the compiled product, Temporal's development server. Plain Node without
// dependencies, since it runs before there are any. Each step is skipped when its result is there already.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { runScript, SetupFailed, say } from './run-script.mjs';

export const CHECKOUT = fileURLToPath(new URL('../', import.meta.url));
export const CACHE_DIR = path.join(CHECKOUT, '.cache');
const inCheckout = (/** @type {string[]} */ ...parts) => path.join(CHECKOUT, ...parts);

/** Everything `npm start` needs. */
export async function setUp() {
  installAndBuild();
  /** @type {typeof import('../src/temporal/dev-server/temporal-cli.js')} */
  const { getTemporalCli } = await import(
    new URL('../dist/src/temporal/dev-server/temporal-cli.js', import.meta.url).href
  );
  mkdirSync(CACHE_DIR, { recursive: true });
  return { temporal: await getTemporalCli({ cacheDir: CACHE_DIR, say }) };
}

/** What the command line needs. */
export function installAndBuild() {
  checkNode(process.versions.node, JSON.parse(readFileSync(inCheckout('package.json'), 'utf8')).engines.node);
  installDependencies();
  build();
}

/**
 * @param {string} version
 * @param {string} range `>=20.19.0`
 */
export function checkNode(version, range) {
  const numbers = (/** @type {string} */ v) => v.replace(/^\D+/, '').split('.').map(Number);
  const [have, need] = [numbers(version), numbers(range)];
  const differs = need.findIndex((number, i) => number !== have[i]);
  if (differs === -1 || (have[differs] ?? 0) > (need[differs] ?? 0)) return;
  throw new SetupFailed(
    `This is Node.js ${version}; needed is ${range.replace('>=', '')} or newer. Install it from https://nodejs.org (or: nvm install 22) and start again.`,
  );
}

function installDependencies() {
  const read = (/** @type {string} */ file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
  const outdated = notInstalled(
    read(inCheckout('package-lock.json')),
    read(inCheckout('node_modules/.package-lock.json')),
  );
  if (outdated.length === 0) return;
  say(`Set-up: npm ci, since ${outdated.length} packages are missing or of another version (${outdated[0]}) …`);
  // `ci` never writes the lockfile; no package gets to run a script of its own.
  npm('ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
}

/**
 * The packages the lockfile asks for and `node_modules` has not, by npm's record of what it put there.
 * @param {Lockfile} lockfile
 * @param {Lockfile} installed
 * @typedef {{ packages?: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} Lockfile
 */
export function notInstalled(lockfile, installed) {
  return Object.entries(lockfile.packages ?? {})
    .filter(([place, { version, optional, devOptional }]) => {
      if (place === '' || optional || devOptional) return false; // Optional ones are for other platforms as well.
      return installed.packages?.[place]?.version !== version;
    })
    .map(([place]) => place.replace(/^.*node_modules\//, ''));
}

/** @param {string[]} args */
function npm(...args) {
  const cli = process.env.npm_execpath;
  const [command, before] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  const { status, error } = spawnSync(command, [...before, ...args], {
    cwd: CHECKOUT,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (status !== 0)
    throw new SetupFailed(
      `npm ${args[0]} failed${error ? `: ${error.message}` : ''} (see above). Check that npm reaches its registry, then start again.`,
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    const { temporal } = await setUp();
    say(`Ready. Temporal: ${temporal.version}, ${temporal.path}\nNext: npm start`);
    return 0;
  });
