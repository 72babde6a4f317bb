import { realpath, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError, replaceDurably } from '../files/durable-file.js';
import { CommandFailure, EXIT } from '../process/output.js';
import { plain } from '../process/plain-text-output.js';

/**
 * Writes personal data to a file that its owner alone can read, whatever had that name before: an open file and a link
 * are replaced, and what the link named stays as it is. A pipe or a device gets the bytes themselves.
 *
 * @throws CommandFailure when the file cannot be written.
 */
export async function writePrivately(file: string, content: string | Uint8Array): Promise<void> {
  try {
    if (await isFileToReplace(file)) await replaceDurably(file, content, dirname(file));
    else await writeFile(file, content);
  } catch (error) {
    throw new CommandFailure(
      EXIT.failed,
      plain`${file} cannot be written: ${(error as Error).message}. Name a file in a folder that you can write to.`,
    );
  }
}

/** Where the system lists devices and open files, a name such as /dev/stdout may lead to a file and must stay. */
const SYSTEM_NAMES = /^\/(?:dev|dev\/fd|proc\/.*)$/;

async function isFileToReplace(file: string): Promise<boolean> {
  if (SYSTEM_NAMES.test(await realpath(dirname(file)))) return false;
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return true;
    throw error;
  }
}
