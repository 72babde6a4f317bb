// Installs package-lock.json into an empty folder with an empty npm cache, as on a fresh machine, and checks that everything
// is there: with the npm of the oldest Node.js that we support, and with the newest npm.
//
//   node scripts/strict-install.mjs                    for this platform
//   node scripts/strict-install.mjs --npm oldest       with one of the two alone: oldest, newest
//   node scripts/strict-install.mjs --every-platform   with the newest npm, also for other platforms
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installedIn, LOCKFILE_REMEDY, lockfileGaps, notInstalled, readLockfile, thisPlatform } from './lockfile.mjs';
import { packagedNode, packagedNpm, versionOf } from './packaged-tools.mjs';
import { CHECKOUT, runNpm, runScript, SetupFailed, say } from './run-script.mjs';

/** @typedef {import('./lockfile.mjs').Platform} Platform */

/** The oldest is the npm that comes with Node.js 20. npm 12 does not run on it. */
const NPMS = { oldest: { node: '20', npm: '10.8.2' }, newest: { node: '26', npm: '12' } };

/** The platforms of developers and servers. @type {Platform[]} */
const PLATFORMS = [
  { os: 'linux', cpu: 'x64', libc: 'glibc' },
  { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  { os: 'linux', cpu: 'x64', libc: 'musl' },
  { os: 'darwin', cpu: 'arm64' },
  { os: 'darwin', cpu: 'x64' },
  { os: 'win32', cpu: 'x64' },
];

/**
 * @param {string} project folder with package.json, package-lock.json and .npmrc
 * @param {boolean} everyPlatform
 * @param {{ node: string, npm: string }[]} [npms] both, if not given
 * @throws SetupFailed
 */
export function strictInstall(project, everyPlatform, npms = Object.values(NPMS)) {
  const gaps = lockfileGaps(readLockfile(project));
  if (gaps.length > 0) throw new SetupFailed(`${gaps.join('\n')}\n${LOCKFILE_REMEDY}`);
  const here = thisPlatform();
  for (const { node, npm } of npms) {
    const tools = { node: packagedNode(node), cli: packagedNpm(npm) };
    const name = `npm ${versionOf(tools.cli)} on Node.js ${versionOf(tools.node)}`;
    const cache = mkdtempSync(path.join(tmpdir(), 'ace-npm-cache-'));
    try {
      installInto(project, { ...tools, name, cache });
      const others = PLATFORMS.filter(
        (one) => everyPlatform && npm === NPMS.newest.npm && nameOf(one) !== nameOf(here),
      );
      for (const platform of others) installInto(project, { ...tools, name, cache, platform });
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  }
}

/**
 * @param {string} project
 * @param {object} how
 * @param {string} how.name of the npm, for messages
 * @param {string} [how.node] what runs it, and its npm-cli.js: as for `runNpm`
 * @param {string} [how.cli]
 * @param {string} how.cache folder
 * @param {Platform} [how.platform] if not this one
 * @throws SetupFailed
 */
export function installInto(project, { name, cache, platform, ...tools }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'ace-strict-install-'));
  const target = platform ?? thisPlatform();
  const setup = `${name}, for ${nameOf(target)}`;
  const began = Date.now();
  try {
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      copyFileSync(path.join(project, file), path.join(folder, file));
    const foreign = Object.entries(platform ?? {}).map(([key, value]) => `--${key}=${value}`);
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const strict = ['--strict-peer-deps', '--engine-strict', `--cache=${cache}`];
    const { ok } = runNpm(['ci', ...quiet, ...strict, ...foreign], { cwd: folder, ...tools });
    if (!ok)
      throw new SetupFailed(
        `${setup}: npm ci failed (see above). Check that npm can reach its registry. If it can: ${LOCKFILE_REMEDY}`,
      );
    const missing = notInstalled(readLockfile(folder), installedIn(folder), target);
    // npm continues without optional packages that it can't get.
    if (missing.length > 0)
      throw new SetupFailed(
        `${setup}: not installed: ${missing.join(', ')}. Check that the npm registry has them, as package-lock.json does. ${LOCKFILE_REMEDY}`,
      );
    say(`${setup}: everything in package-lock.json installs (${((Date.now() - began) / 1000).toFixed(0)} s)`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Platform} platform */
const nameOf = ({ os, cpu, libc }) => [os, cpu, libc].filter(Boolean).join('-');

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    const { values } = parseArgs({
      options: { 'every-platform': { type: 'boolean', default: false }, npm: { type: 'string' } },
    });
    const { npm } = values;
    const chosen = Object.entries(NPMS).filter(([name]) => npm === undefined || name === npm);
    if (chosen.length === 0) throw new SetupFailed(`--npm ${npm} is unknown. Use oldest or newest.`);
    strictInstall(
      CHECKOUT,
      values['every-platform'],
      chosen.map(([, tools]) => tools),
    );
    return 0;
  });
