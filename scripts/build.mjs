// Compiles the product into `dist` and bundles the workflows there, if a source is newer.
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKOUT, runScript, runTool, SetupFailed, say } from './run-script.mjs';

const inCheckout = (/** @type {string[]} */ ...parts) => path.join(CHECKOUT, ...parts);
const STAMP = inCheckout('dist/.tsbuildinfo');
/** The workflows as workers load them. */
export const BUNDLE = inCheckout('dist/src/workflows/workflow-bundle.js');
const SOURCES = [
  'src',
  'simulator',
  'forms',
  'scripts/machine-problem.mjs',
  'tsconfig.json',
  'tsconfig.build.json',
  'node_modules/.package-lock.json',
];

/** @returns {boolean} false if the sources have type errors; sources that did not change are not checked */
export function build() {
  const changed = Math.max(...SOURCES.map((source) => newest(inCheckout(source))));
  const clean = isNewer(STAMP, changed) || compile();
  if (!isNewer(BUNDLE, changed)) bundleWorkflows();
  return clean;
}

/** Shows type errors but does not stop: the compiler writes its output anyway, and `npm test` fails on them. */
function compile() {
  say('Set-up: compiling …');
  const { ok, said } = runTool(process.execPath, [
    inCheckout('node_modules/typescript/bin/tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  if (!existsSync(STAMP) || (!ok && !said.includes('error TS')))
    throw new SetupFailed('The TypeScript compiler failed (see above). Remove node_modules and start again.');
  if (!ok) say('Set-up: compiled, with the type errors above.');
  return ok;
}

/** Bundles the workflows here, so that no worker has to at start. */
function bundleWorkflows() {
  rmSync(BUNDLE, { force: true });
  const { ok } = runTool(process.execPath, [inCheckout('dist/src/temporal/workflow-bundle.js')]);
  if (!ok) say('Set-up: the workflows cannot be bundled (see above), so no worker will start.');
}

/**
 * @param {string} result
 * @param {number} changed
 */
const isNewer = (result, changed) => existsSync(result) && statSync(result).mtimeMs >= changed;

/**
 * When a file was last written, or the newest file in a folder.
 * @param {string} place
 * @returns {number}
 */
function newest(place) {
  const stat = statSync(place, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  // The time of a folder shows that files were deleted.
  return Math.max(stat.mtimeMs, ...readdirSync(place).map((name) => newest(path.join(place, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runScript(async () => (build() ? 0 : 1));
