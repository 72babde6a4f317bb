// Writes docs/licences.md from the lockfile: every package that is installed, and under which licence.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLockfile } from './lockfile.mjs';
import { CHECKOUT, runScript, SetupFailed, say } from './run-script.mjs';

/**
 * @typedef {{ name: string, version: string, licence: string, shipped: boolean }} Package
 */

/** Ask for no more than a notice, or nothing. */
const PERMISSIVE = [
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0', 'Zlib'],
  ...['Unlicense', 'CC-BY-4.0', 'Bitstream-Vera'],
];
/** Of what only builds and tests and is given to nobody: also licences that bind changes to the package itself. */
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
  for (const [place, { name: realName, version, license, dev }] of Object.entries(packages)) {
    const name = realName ?? place.split('node_modules/').at(-1);
    if (!place || !name || !version) continue;
    const licence = AS_READ[name] ?? license ?? 'none stated';
    const shipped = (found.get(`${name}@${version}`)?.shipped ?? false) || !dev;
    found.set(`${name}@${version}`, { name, version, licence, shipped });
  }
  return [...found.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** @param {Package[]} packages @returns {Package[]} those that must not be used as they are */
export function notAllowed(packages) {
  return packages.filter(({ licence, shipped }) => !isAllowed(licence, shipped ? PERMISSIVE : FOR_TOOLS));
}

/**
 * An SPDX expression; one licence of an OR is enough, an AND needs all.
 * @param {string} expression
 * @param {string[]} allowed
 */
function isAllowed(expression, allowed) {
  const plain = expression.replace(/[()]/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((one) => allowed.includes(one.trim())));
}

/** @param {Package[]} packages */
export function licencesPage(packages) {
  const table = (/** @type {boolean} */ shipped) =>
    packages
      .filter((one) => one.shipped === shipped)
      .map(({ name, version, licence }) => `| \`${name}\` | ${version} | ${licence} |`);
  return [
    '# Licences',
    '',
    'Every package of others that is installed, from `package-lock.json`, written by `node scripts/licences.mjs`. A test keeps the page current and lets in nothing but permissive licences; for tools, which are given to nobody, also MPL-2.0, PSF-2.0 and CC-BY-3.0. Each package has the text of its licence in `node_modules`, and so has the image.',
    '',
    '## In the product',
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...table(true),
    '',
    '## Tools that build and test it',
    '',
    '| package | version | licence |',
    '|---|---|---|',
    ...table(false),
    '',
  ].join('\n');
}

/**
 * @param {Package[]} packages
 * @throws SetupFailed naming those that must not be used as they are
 */
export function refuseLicences(packages) {
  const refused = notAllowed(packages);
  if (refused.length > 0)
    throw new SetupFailed(
      `Not allowed: ${refused.map(({ name, licence }) => `${name} (${licence})`).join(', ')}. Read its licence; do without it, or add it to AS_READ with where it says so.`,
    );
}

/** @throws SetupFailed when a licence is not allowed; the page is written all the same */
export function writeLicencesPage() {
  const packages = packagesIn(readLockfile(CHECKOUT));
  writeFileSync(path.join(CHECKOUT, 'docs/licences.md'), licencesPage(packages));
  say(`Wrote docs/licences.md: ${packages.length} packages`);
  refuseLicences(packages);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await runScript(async () => {
    writeLicencesPage();
    return 0;
  });
