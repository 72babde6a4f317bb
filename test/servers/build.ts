import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { CHECKOUT } from './checkout.js';

/**
 * Compiles what the tests start as processes into `dist`. Type errors do not stop it, since the compiler writes its
 * output all the same and `npm test` counts them on their own; they are shown.
 */
export function buildDist(say: (line: string) => void): void {
  const compiler = path.join(CHECKOUT, 'node_modules/.bin/tsc');
  const { status, stdout, error } = spawnSync(compiler, ['-p', 'tsconfig.build.json'], {
    cwd: CHECKOUT,
    encoding: 'utf8',
  });
  if (error) throw new Error(`The TypeScript compiler cannot be run: ${error.message}. Run: npm run setup`);
  if (status !== 0) say(`Build: dist is written, with type errors:\n${stdout}`);
}
