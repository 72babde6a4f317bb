import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Exposure, exposureOf } from '../files/private-path.js';
import { TEMPORAL_VARIABLES } from './temporal-variables.js';
import { defaultOf, type Variable } from './variable.js';
import { VARIABLES } from './variables.js';

/**
 * Files and folders that others can read or change: the ones that variables name, and the file of variables itself, which
 * is as secret as what it sets.
 */

type Env = Record<string, string | undefined>;

let usedFile: string | undefined;

/** Remembers the file that the environment was loaded from. No one tells us which one `node --env-file` loaded. */
export function environmentCameFrom(file: string | undefined): void {
  usedFile = file;
}

/** Each message begins with the variable, except for the file of variables. */
export function exposures(env: Env, names: readonly string[] = Object.keys(VARIABLES)): Exposure[] {
  const source = environmentFileExposure(env);
  const named = Object.entries<Variable>(VARIABLES).flatMap(([name, about]) => {
    // With the archive in a bucket, the folder is not used.
    if (!names.includes(name) || (name === 'ARCHIVE_DIR' && env.ARCHIVE_BUCKET?.trim())) return [];
    const [from, path, kind] = about.secret
      ? [`${name}_FILE`, secretFile(name, env), 'file' as const]
      : [name, env[name]?.trim() || defaultOf(about), about.private];
    const exposure = path && kind ? exposureOf(path, kind, env) : undefined;
    return exposure ? [{ ...exposure, message: `${from}: ${exposure.message}` }] : [];
  });
  return source ? [source, ...named] : named;
}

/** A file that sets no secret may be open to others: it is a fresh copy of the example. */
function environmentFileExposure(env: Env): Exposure | undefined {
  const exposure = usedFile === undefined ? undefined : exposureOf(usedFile, 'file', env);
  if (!usedFile || !exposure) return undefined;
  const secrets = Object.entries(parseEnv(readFileSync(usedFile, 'utf8')))
    .filter(([name, value]) => value?.trim() && SECRETS.has(name))
    .map(([name]) => name);
  return secrets.length > 0
    ? { ...exposure, message: `${exposure.message} It sets ${secrets.join(', ')}.` }
    : undefined;
}

/** A command that prints a secret may contain one. */
const SECRETS = new Set(
  Object.entries<{ about: string; secret?: true }>({ ...VARIABLES, ...TEMPORAL_VARIABLES })
    .flatMap(([name, { secret }]) => (secret ? [name, `${name}_COMMAND`] : []))
    .concat('TEMPORAL_TLS_CLIENT_KEY_DATA'),
);

/** The file to read a secret from; undefined when the variable itself is set. */
export const secretFile = (name: string, env: Env) => (env[name]?.trim() ? undefined : env[`${name}_FILE`]?.trim());
