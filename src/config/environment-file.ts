import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Exposure, exposureOf } from '../files/private-path.js';

/**
 * A file of variables, such as `.env`, is as secret as what it sets. One that sets no secret may be open to others: it is
 * a fresh copy of the example.
 */

let used: string | undefined;

/** Says which file the process's environment was loaded from. What `node --env-file` loads is known to nobody. */
export function environmentCameFrom(file: string | undefined): void {
  used = file;
}

/**
 * @param isSecret whether a variable of this name is for its owner alone
 * @returns undefined also where no file is known
 */
export function environmentFileExposure(
  isSecret: (name: string) => boolean,
  env: Record<string, string | undefined>,
): Exposure | undefined {
  const exposure = used === undefined ? undefined : exposureOf(used, 'file', env);
  if (!used || !exposure) return undefined;
  const secrets = Object.entries(parseEnv(readFileSync(used, 'utf8')))
    .filter(([name, value]) => value?.trim() && isSecret(name))
    .map(([name]) => name);
  return secrets.length > 0
    ? { ...exposure, message: `${exposure.message} It sets ${secrets.join(', ')}.` }
    : undefined;
}
