import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/**
 * Compiles source files and their imports, for tests that load them in several processes. Returns the directory that
 * corresponds to `src/`. Remove it when done.
 */
export function compiled(...sources: string[]): string {
  const out = mkdtempSync(join(tmpdir(), 'compiled-'));
  writeFileSync(join(out, 'package.json'), '{ "type": "module", "version": "0.0.0" }');
  const options = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--skipLibCheck', '--ignoreConfig'];
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), ...options, '--rootDir', 'src', '--outDir', out, ...sources],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return out;
}
