// Stryker, which needs a newer Node.js than the product. So it is installed on first use instead of being a dependency.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECKOUT, runNpm, SetupFailed, say } from '../run-script.mjs';
import { CACHE_DIR } from '../setup.mjs';

const STRYKER = '10.1.1';
export const MUTANTS_DIR = path.join(CACHE_DIR, 'mutants');
const MODULES = path.join(MUTANTS_DIR, 'tools', 'node_modules');

/** The oldest release line of Node.js that Stryker runs on. */
export const NODE_FOR_STRYKER = 22;

/** Installs what is missing. @throws SetupFailed */
export function installStryker() {
  const { devDependencies } = JSON.parse(readFileSync(path.join(CHECKOUT, 'package.json'), 'utf8'));
  const wanted = JSON.stringify({
    private: true,
    dependencies: {
      '@stryker-mutator/core': STRYKER,
      '@stryker-mutator/vitest-runner': STRYKER,
      // Its runner loads the checkout's own, and asks for one beside it all the same.
      vitest: devDependencies.vitest,
    },
  });
  const folder = path.dirname(MODULES);
  const manifest = path.join(folder, 'package.json');
  if (existsSync(path.join(MODULES, '.package-lock.json')) && readFileSync(manifest, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(manifest, wanted);
  say(`Fetching Stryker ${STRYKER} …`);
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--force'];
  const { ok } = runNpm(['install', ...flags], { cwd: folder });
  if (!ok) throw new SetupFailed('Stryker could not be installed (see above). Check that npm can reach its registry.');
}

/** Path of a file of what was installed. */
export const inTools = (/** @type {string[]} */ ...parts) => path.join(MODULES, ...parts);

/** Loads a module of what was installed. @param {string[]} parts @returns {Promise<any>} */
export const importTool = (...parts) => import(pathToFileURL(inTools(...parts)).href);
