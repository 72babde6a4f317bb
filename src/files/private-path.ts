import { existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { sep } from 'node:path';

/**
 * Secrets and personal data must be private to one user of a machine. A file or folder that others can read or change is
 * refused. If an orchestrator mounted it, we only warn: often it can't be mounted any other way, and the orchestrator
 * controls who gets into the container.
 */
export interface Exposure {
  /** Includes the remedy. */
  message: string;
  refused: boolean;
}

/**
 * @returns undefined if the path is private or does not exist yet, for a pipe or a terminal, and on Windows, where files
 *   have no modes
 */
export function exposureOf(
  path: string,
  kind: 'file' | 'folder',
  env: Record<string, string | undefined>,
): Exposure | undefined {
  const stats = statsOf(path);
  if (process.platform === 'win32' || !stats || !isKind(stats, kind) || (stats.mode & 0o077) === 0) return undefined;
  const open = `Other users can open ${path} (mode ${(stats.mode & 0o777).toString(8)})`;
  if (isMounted(path, env))
    return { refused: false, message: `${open}. Mount it with mode 400 if your orchestrator can.` };
  const remedy =
    kind === 'file'
      ? `run chmod 600 ${path}. If an orchestrator mounts it, put it in /run/secrets.`
      : `run chmod 700 ${path}, or use a folder inside it, which is created with that mode.`;
  return { refused: true, message: `${open}: ${remedy}` };
}

const isKind = (stats: Stats, kind: 'file' | 'folder') => (kind === 'file' ? stats.isFile() : stats.isDirectory());

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // We can't look at it. Whatever opens it reports why.
    return undefined;
  }
}

/** Whether it is where Docker, Podman, Kubernetes and systemd put secrets. Links out of there do not count. */
function isMounted(path: string, env: Record<string, string | undefined>): boolean {
  const real = realpathSync(path);
  const places = ['/run/secrets', '/var/run/secrets', '/run/credentials', env.CREDENTIALS_DIRECTORY?.trim()];
  return places.some((place) => place && existsSync(place) && real.startsWith(`${realpathSync(place)}${sep}`));
}
