// Builds Temporal's programs from their Go modules, once, into the cache.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { SetupFailed, say } from '../../../scripts/run-script.mjs';

/**
 * @param {object} program
 * @param {string} program.folder for all programs of one version
 * @param {string} program.module with its version: `go.temporal.io/server/cmd/server@v1.29.1`
 * @returns {string} path of the executable
 */
export function goProgram({ folder, module }) {
  const [source = ''] = module.split('@');
  const executable = path.join(folder, path.posix.basename(source));
  if (existsSync(executable)) return executable;
  say(`Set-up: building ${module} with Go (some minutes, once) …`);
  mkdirSync(folder, { recursive: true });
  const { status, error } = spawnSync('go', ['install', module], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' },
  });
  if (error)
    throw new SetupFailed(
      `${module} has to be built, and Go cannot be run: ${error.message}. Install it from https://go.dev.`,
    );
  if (status !== 0)
    throw new SetupFailed(`${module} could not be built (see above). Check that Go can reach its module proxy.`);
  return executable;
}
