import { createHash } from 'node:crypto';

/** `sha256:` and 64 hex digits: what a field map is pinned to. */
export function fingerprintOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
