// Checks docker-compose.yml with the library that `docker compose` uses, without Docker.
import path from 'node:path';
import { goProgram } from './go-program.mjs';

const VERSION = '2.16.2';

/** @param {string} cacheDir */
export function composeProgram(cacheDir) {
  const folder = path.join(cacheDir, `compose-go-${VERSION}`);
  return goProgram({ folder, module: `github.com/compose-spec/compose-go/v2/cmd@v${VERSION}` });
}
