// Makes a checkout ready to run: dependencies, the compiled product, Temporal's development server. It has no dependencies,
// because it runs before there are any. Skips each step whose result is already there.
import { mkdirSync, readFileSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { installedIn, LOCKFILE_REMEDY, lockfileGaps, notInstalled, readLockfile, thisPlatform } from './lockfile.mjs';
import { CHECKOUT, runNpm, runScript, SetupFailed, say } from './run-script.mjs';
import { checkNode } from './supported-node.mjs';

export const CACHE_DIR = path.join(CHECKOUT, '.cache');

/** Everything `npm start` needs. */
export async function setUp() {
  installAndBuild();
  /** @type {typeof import('../simulator/dev-server/temporal-cli.js')} */
  const { getTemporalCli } = await import(
    new URL('../dist/simulator/dev-server/temporal-cli.js', import.meta.url).href
  );
  mkdirSync(CACHE_DIR, { recursive: true });
  return { temporal: await getTemporalCli({ cacheDir: CACHE_DIR, say }) };
}

/** What the command line needs. */
export function installAndBuild() {
  const { engines } = JSON.parse(readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8'));
  const warning = checkNode(process.versions.node, engines.node);
  if (warning) say(warning);
  const installed = installedIn(CHECKOUT);
  requireSpace(installed.packages ? WORKING_MB : INSTALLED_MB, statfsSync(CHECKOUT));
  installDependencies(installed);
  build();
}

/** The size of node_modules. */
const INSTALLED_MB = 800;
/** The size of the compiled product and the files of a run. */
const WORKING_MB = 50;

/**
 * Checked first, because on a full disk npm writes incomplete files and reports success, and the compiler crashes.
 *
 * @param {number} megabytes
 * @param {{ bavail: number, bsize: number, blocks: number }} disk from `fs.statfs`; some disks have no size
 * @throws SetupFailed
 */
export function requireSpace(megabytes, { bavail, bsize, blocks }) {
  const free = Math.floor((bavail * bsize) / 1e6);
  if (blocks > 0 && free < megabytes)
    throw new SetupFailed(
      `The disk with ${CHECKOUT} has ${free} MB left, but ${megabytes} MB are needed. Free some space, and start again.`,
    );
}

/** @param {import('./lockfile.mjs').Lockfile} installed what is there now */
function installDependencies(installed) {
  const lockfile = readLockfile(CHECKOUT);
  const platform = thisPlatform();
  const outdated = notInstalled(lockfile, installed, platform);
  if (outdated.length === 0 && installed.packages) return;
  const [gap, ...more] = lockfileGaps(lockfile);
  if (gap)
    throw new SetupFailed(
      `package-lock.json has gaps: ${gap}${more.length > 0 ? ` And ${more.length} more.` : ''} ${LOCKFILE_REMEDY}`,
    );
  say(`Set-up: npm ci, because ${outdated.length} packages are missing or have another version (${outdated[0]}) …`);
  // `ci` never writes the lockfile, and .npmrc lets no package run its scripts.
  const { ok, said } = runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!ok && /npm error code (EUSAGE|EINTEGRITY)/.test(said))
    throw new SetupFailed(
      `package-lock.json does not match package.json or the packages (see above). ${LOCKFILE_REMEDY}`,
    );
  if (!ok)
    throw new SetupFailed(
      "npm ci failed, for the reason above. Most often npm can't reach its registry. Fix that, and start again.",
    );
  // npm continues without optional packages that it can't get. The compiler and the bundler are such packages.
  const missing = notInstalled(lockfile, installedIn(CHECKOUT), platform);
  if (missing.length > 0)
    throw new SetupFailed(
      `npm left out ${missing.join(', ')}. Check that your npm registry has them, and start again.`,
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    const { temporal } = await setUp();
    say(`Ready. Temporal: ${temporal.version}, ${temporal.path}\nNext: npm start`);
    return 0;
  });
