// The versions of Node.js that the product is tested with: `engines` in package.json, tried by scripts/node-versions.mjs.
import { SetupFailed } from './run-script.mjs';

/**
 * @param {string} range `^20.19.0 || ^22.12.0`: the lowest version of each release line
 * @returns {number[][]} `[[20, 19, 0], [22, 12, 0]]`, oldest first
 */
export function lowestVersions(range) {
  return range
    .split('||')
    .map((part) => numbersIn(part.trim().replace(/^\^/, '')))
    .sort(compare);
}

/**
 * @param {string} version of the running Node.js, `20.19.0`
 * @param {string} range from `engines`
 * @returns {string | undefined} a warning if it is newer than all tested versions
 * @throws SetupFailed if it is too old, or from a release line that was not tested
 */
export function checkNode(version, range) {
  const lowest = lowestVersions(range);
  const have = numbersIn(version);
  if (lowest.some((low) => low[0] === have[0] && compare(have, low) >= 0)) return undefined;
  const tested = lowest.map((low) => `${low.join('.')} or a later ${low[0]}`).join(', ');
  const newest = lowest.at(-1) ?? [];
  if ((have[0] ?? 0) > (newest[0] ?? 0)) return `Node.js ${version} is newer than what was tested: ${tested}.`;
  throw new SetupFailed(
    `This is Node.js ${version}. Tested are ${tested}. Install one of them from https://nodejs.org (or: nvm install --lts) and start again.`,
  );
}

const numbersIn = (/** @type {string} */ version) => version.replace(/-.*/, '').split('.').map(Number);

/**
 * @param {number[]} one
 * @param {number[]} other
 */
function compare(one, other) {
  const differs = one.findIndex((number, i) => number !== other[i]);
  return differs === -1 ? 0 : (one[differs] ?? 0) - (other[differs] ?? 0);
}
