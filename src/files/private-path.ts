import { existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { sep } from 'node:path';

/**
 * What is secret or personal is for one user of a machine alone. A file or folder that others can read or change is
 * refused; one that an orchestrator mounted is warned of, since it often can't be mounted any other way, and sees to
 * who gets into the container itself.
 */
export interface Exposure {
  /** With the remedy. */
  message: string;
  refused: boolean;
}

/**
 * @returns undefined where all is well, where there is nothing yet, for a pipe or a terminal, and on Windows, whose
 *   files have no modes
 */
export function exposureOf(
  path: string,
  kind: 'file' | 'folder',
  env: Record<string, string | undefined>,
): Exposure | undefined {
  const stats = statsOf(path);
  if (process.platform === 'win32' || !stats || !isKind(stats, kind) || (stats.mode & 0o077) === 0) return undefined;
  const open = `${path} is open to others than its owner (mode ${(stats.mode & 0o777).toString(8)})`;
  if (isMounted(path, env))
    return { refused: false, message: `${open}. Have it mounted with mode 400, if your orchestrator can.` };
  const remedy =
    kind === 'file'
      ? `chmod 600 ${path}. A secret that an orchestrator mounts belongs below /run/secrets.`
      : `chmod 700 ${path}, or name a folder below it, which is made so.`;
  return { refused: true, message: `${open}: ${remedy}` };
}

const isKind = (stats: Stats, kind: 'file' | 'folder') => (kind === 'file' ? stats.isFile() : stats.isDirectory());

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Out of our reach: what opens it says so.
    return undefined;
  }
}

/** Where Docker, Podman, Kubernetes and systemd put secrets. What a link there leads to elsewhere was not put there. */
function isMounted(path: string, env: Record<string, string | undefined>): boolean {
  const real = realpathSync(path);
  const places = ['/run/secrets', '/var/run/secrets', '/run/credentials', env.CREDENTIALS_DIRECTORY?.trim()];
  return places.some((place) => place && existsSync(place) && real.startsWith(`${realpathSync(place)}${sep}`));
}
