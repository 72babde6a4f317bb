// Other versions of Node.js and npm, as packages from the npm registry, to try the product with.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runNpm, SetupFailed, say } from './run-script.mjs';
import { CACHE_DIR } from './setup.mjs';

/**
 * @param {string} version `22`: the newest of that release line; `22.12.0`: exactly that one
 * @returns {string} path of the executable
 */
export function packagedNode(version) {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  return path.join(packaged(name, version), process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
}

/**
 * @param {string} version `12`: the newest of that major version
 * @returns {string} path of its npm-cli.js, to be run with Node.js
 */
export const packagedNpm = (version) => path.join(packaged('npm', version), 'bin/npm-cli.js');

/**
 * @param {string} name
 * @param {string} version
 * @returns {string} the package's folder
 */
function packaged(name, version) {
  const folder = path.join(CACHE_DIR, 'packaged', `${name}-${version}`);
  const place = path.join(folder, 'node_modules', name);
  // A release line may have a newer version by now.
  if (/^\d+\.\d+\.\d+$/.test(version) && existsSync(path.join(folder, 'node_modules/.package-lock.json'))) return place;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}\n');
  say(`Fetching ${name}@${version} …`);
  // npm may need a newer Node.js than this one, but it runs with another one.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', '--force'];
  const { ok } = runNpm(['install', ...flags, `${name}@${version}`], { cwd: folder });
  if (!ok)
    throw new SetupFailed(
      `${name}@${version} could not be installed (see above). Check that the npm registry can be reached and has it.`,
    );
  return place;
}

/** @param {string} tool path from one of the two functions above @returns {string} `22.23.3`; some of the packages say `v22.12.0` */
export const versionOf = (tool) =>
  JSON.parse(readFileSync(path.join(path.dirname(tool), '../package.json'), 'utf8')).version.replace(/^v/, '');
