// Writes docs/licenses.md from the lockfile: every installed package and its license.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLockfile } from './lockfile.mjs';
import { CHECKOUT, runScript, SetupFailed, say } from './run-script.mjs';

/**
 * @typedef {{ name: string, version: string, license: string, shipped: boolean }} Package
 */

/** These require a notice at most. */
const PERMISSIVE = [
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Zlib'],
  ...['Unlicense', 'CC-BY-4.0', 'Bitstream-Vera'],
];
/** For tools that only build and test and are not distributed: also licenses that cover changes to the package itself. */
const FOR_TOOLS = [...PERMISSIVE, 'MPL-2.0', 'PSF-2.0', 'CC-BY-3.0'];

/** What the package's own files say where its package.json does not say it as it should. @type {Record<string, string>} */
const AS_READ = {
  'dejavu-fonts-ttf': 'Bitstream-Vera', // LICENSE: Bitstream Vera, changes in the public domain
  optimist: 'MIT', // package.json: "MIT/X11"
  rai: 'MIT', // package.json: "licenses"
  simplesmtp: 'MIT', // package.json: "licenses"
  unionfs: 'Unlicense', // LICENSE
};

/**
 * @param {import('./lockfile.mjs').Lockfile} lockfile
 * @returns {Package[]} each version once, by name
 */
export function packagesIn({ packages = {} }) {
  /** @type {Map<string, Package>} */
  const found = new Map();
  for (const [place, { name: realName, version, license: declared, dev }] of Object.entries(packages)) {
    const name = realName ?? place.split('node_modules/').at(-1);
    if (!place || !name || !version) continue;
    const license = AS_READ[name] ?? declared ?? 'none stated';
    const shipped = (found.get(`${name}@${version}`)?.shipped ?? false) || !dev;
    found.set(`${name}@${version}`, { name, version, license, shipped });
  }
  return [...found.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** @param {Package[]} packages @returns {Package[]} those that must not be used as they are */
export function notAllowed(packages) {
  return packages.filter(({ license, shipped }) => !isAllowed(license, shipped ? PERMISSIVE : FOR_TOOLS));
}

/**
 * An SPDX expression; one license of an OR is enough, an AND needs all.
 * @param {string} expression
 * @param {string[]} allowed
 */
function isAllowed(expression, allowed) {
  const plain = expression.replace(/[()]/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((one) => allowed.includes(one.trim())));
}

/** @param {Package[]} packages */
export function licensesPage(packages) {
  const table = (/** @type {boolean} */ shipped) =>
    packages
      .filter((one) => one.shipped === shipped)
      .map(({ name, version, license }) => `| \`${name}\` | ${version} | ${license} |`);
  return [
    '# Licenses',
    '',
    'Every third-party package in `package-lock.json`, written by `node scripts/licenses.mjs`. A test keeps this page up to date and allows permissive licenses only; tools, which are not distributed, may also have MPL-2.0, PSF-2.0 or CC-BY-3.0. The text of each license is in `node_modules`, in the image too.',
    '',
    '## In the product',
    '',
    '| package | version | license |',
    '|---|---|---|',
    ...table(true),
    '',
    '## Tools that build and test it',
    '',
    '| package | version | license |',
    '|---|---|---|',
    ...table(false),
    '',
  ].join('\n');
}

/**
 * @param {Package[]} packages
 * @throws SetupFailed naming those that must not be used as they are
 */
export function refuseLicenses(packages) {
  const refused = notAllowed(packages);
  if (refused.length > 0)
    throw new SetupFailed(
      `Not allowed: ${refused.map(({ name, license }) => `${name} (${license})`).join(', ')}. Read its license; do without it, or add it to AS_READ with where it says so.`,
    );
}

/** @throws SetupFailed when a license is not allowed; the page is written all the same */
export function writeLicensesPage() {
  const packages = packagesIn(readLockfile(CHECKOUT));
  writeFileSync(path.join(CHECKOUT, 'docs/licenses.md'), licensesPage(packages));
  say(`Wrote docs/licenses.md: ${packages.length} packages`);
  refuseLicenses(packages);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    writeLicensesPage();
    return 0;
  });
