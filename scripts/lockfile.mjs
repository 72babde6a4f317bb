// Checks that package-lock.json is complete. If the registry does not answer for an optional package, npm writes a lockfile
// with gaps and exits with 0: the entry lacks its version or integrity, or is missing. Such a lockfile installs only where
// the package still can't be reached.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SetupFailed } from './run-script.mjs';

/**
 * One entry of `packages` in package-lock.json.
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity] `sha512-…`
 * @property {boolean} [link] to a folder of the checkout
 * @property {boolean} [inBundle] part of another package's archive
 * @property {string} [name] if the folder has another name
 * @property {boolean} [dev]
 * @property {string} [license]
 * @property {string[]} [os] as `process.platform`, or `!win32`
 * @property {string[]} [cpu] as `process.arch`
 * @property {string[]} [libc] `glibc` or `musl`
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {Record<string, string>} [peerDependencies]
 *
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 * @typedef {{ os: string, cpu: string, libc?: string | undefined }} Platform `libc` for Linux
 */

export const LOCKFILE_REMEDY =
  'Make a new package-lock.json with `npm run lock` on a machine that can reach the npm registry.';

/**
 * @param {string} folder
 * @returns {Lockfile}
 * @throws SetupFailed
 */
export function readLockfile(folder) {
  try {
    return JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8'));
  } catch (error) {
    const [why] = /** @type {Error} */ (error).message.split('\n');
    throw new SetupFailed(
      `package-lock.json can't be read (${why}). Restore it with \`git checkout package-lock.json\`, and start again.`,
    );
  }
}

/**
 * @param {string} folder
 * @returns {Lockfile} npm's own record of what is in `node_modules`, which it writes last; empty if there is none
 */
export function installedIn(folder) {
  const record = path.join(folder, 'node_modules/.package-lock.json');
  return existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
}

/**
 * @param {Lockfile} lockfile
 * @returns {string[]} a sentence for each gap: the entry, and what it lacks
 */
export function lockfileGaps({ packages = {} }) {
  if (!packages['']) return ['package-lock.json has no entry for the project itself.'];
  return Object.entries(packages).flatMap(([place, entry]) => {
    const installedByItself = place !== '' && !entry.link && !entry.inBundle;
    const lacks = [
      ...(entry.version ? [] : ['version']),
      ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '') ? [] : ['integrity (sha512-…)']),
    ].filter(() => installedByItself);
    const missing = dependenciesOf(entry).filter((name) => findPlace(packages, place, name) === undefined);
    return [
      ...lacks.map((key) => `${place} has no ${key}.`),
      ...missing.map((name) => `${name}, which ${place || 'package.json'} depends on, has no entry.`),
    ];
  });
}

/**
 * The packages that the lockfile has for a platform but that are not installed in that version.
 *
 * @param {Lockfile} lockfile
 * @param {Lockfile} installed from {@link installedIn}
 * @param {Platform} platform
 * @returns {string[]} their names
 */
export function notInstalled({ packages = {} }, installed, platform) {
  const needed = neededOn(packages, platform);
  return Object.entries(packages)
    .filter(([place, { version }]) => {
      return place !== '' && version && needed.has(place) && installed.packages?.[place]?.version !== version;
    })
    .map(([place]) => place.replace(/^.*node_modules\//, ''));
}

/**
 * @param {Record<string, LockedPackage>} packages
 * @param {Platform} platform
 * @returns {Set<string>} the places of all packages that the project needs there, directly or indirectly
 */
function neededOn(packages, platform) {
  const needed = new Set(['']);
  for (const place of needed) {
    const entry = packages[place] ?? {};
    for (const name of [...dependenciesOf(entry), ...Object.keys(entry.peerDependencies ?? {})]) {
      const found = findPlace(packages, place, name);
      if (found !== undefined && runsOn(packages[found] ?? {}, platform)) needed.add(found);
    }
  }
  return needed;
}

/** @param {LockedPackage} entry @returns {string[]} names */
const dependenciesOf = ({ dependencies, devDependencies, optionalDependencies }) =>
  Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });

/**
 * Where Node.js finds a dependency of the package at `place`: inside it, or inside a parent folder.
 *
 * @param {Record<string, LockedPackage>} packages
 * @param {string} place `node_modules/a/node_modules/b`
 * @param {string} name
 * @returns {string | undefined}
 */
function findPlace(packages, place, name) {
  const below = `${place}${place && '/'}node_modules/${name}`;
  if (packages[below]) return below;
  if (place === '') return undefined;
  return findPlace(packages, place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/'))), name);
}

/**
 * @param {LockedPackage} entry
 * @param {Platform} platform
 */
function runsOn(entry, platform) {
  return /** @type {const} */ (['os', 'cpu', 'libc']).every((key) => {
    const [allowed, own] = [entry[key], platform[key]];
    if (!allowed) return true;
    if (!own || allowed.includes(`!${own}`)) return false;
    return allowed.includes(own) || allowed.every((one) => one.startsWith('!'));
  });
}

/** @returns {Platform} of this process */
export function thisPlatform() {
  // Otherwise the report looks up the names of network addresses.
  Object.assign(process.report, { excludeNetwork: true });
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const libc = report.header.glibcVersionRuntime ? 'glibc' : 'musl';
  return { os: process.platform, cpu: process.arch, ...(process.platform === 'linux' ? { libc } : {}) };
}
