import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The path of a file that comes with the product, such as an email template or the replica. Works from `src`, from `dist`
 * and from an installed package, whatever the current folder is.
 */
export function productFile(...parts: string[]): string {
  return join(productFolder(), ...parts);
}

/** The version in `package.json`. */
export function productVersion(): string {
  return (JSON.parse(readFileSync(productFile('package.json'), 'utf8')) as { version: string }).version;
}

function productFolder(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json')) && dirname(directory) !== directory)
    directory = dirname(directory);
  return directory;
}
