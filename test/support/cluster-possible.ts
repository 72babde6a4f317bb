import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whether this machine can run the cluster. Prints a message if its tests will be skipped. */
export function clusterIsPossible(): boolean {
  const possible = spawnSync('go', ['version']).status === 0 && existsSync('/usr/lib/postgresql');
  if (!possible) process.stderr.write('!!! SKIPPED: the cluster on PostgreSQL, which needs Go and PostgreSQL.\n');
  return possible;
}
