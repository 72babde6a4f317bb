import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../files/durable-file.js';
import { writerOf } from '../files/temporary-name.js';

/** Long enough for any process that was held up where it cannot be seen from here. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
/** Of file system and system clock. */
const CLOCKS_DIFFER_MS = 2_000;

/**
 * Removes what killed processes were writing in a folder: at once where the process can be seen to be gone, else after a
 * day. Never what a living process is writing.
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
  // In a container that is started again, a worker often gets the id of the one before.
  if (id === process.pid) return mtimeMs < Date.now() - process.uptime() * 1000 - CLOCKS_DIFFER_MS;
  try {
    process.kill(id, 0);
    return false;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return isSystemError(error, 'ESRCH');
  }
}
