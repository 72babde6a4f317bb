import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../files/durable-file.js';
import { writerOf } from '../files/temporary-name.js';

/** Longer than any process on another machine could be delayed. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
/** How far the file system's clock may differ from the system clock. */
const CLOCKS_DIFFER_MS = 2_000;

/**
 * Removes files that killed processes were writing in a folder: at once if the process is known to be gone, otherwise
 * after a day. Never removes what a running process is writing.
 */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    try {
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > ABANDONED_AFTER_MS || isWriterGone(name, mtimeMs)) await unlink(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
}

function isWriterGone(name: string, mtimeMs: number): boolean {
  const id = writerOf(name);
  if (id === undefined) return false;
  // In a restarted container, a worker often gets the same process ID as before.
  if (id === process.pid) return mtimeMs < Date.now() - process.uptime() * 1000 - CLOCKS_DIFFER_MS;
  try {
    process.kill(id, 0);
    return false;
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return isSystemError(error, 'ESRCH');
  }
}
