import { type Keyring, readKeys } from '../../../src/encryption/keyring.js';

/** A keyring of these keys, the first for writing. */
export function keyringOf(...keys: string[]): Keyring {
  const ring = readKeys(keys.join('\n'));
  if ('problems' in ring) throw new Error(ring.problems.join('; '));
  return ring;
}
