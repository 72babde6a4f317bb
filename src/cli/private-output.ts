import { realpath, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError, replaceDurably } from '../files/durable-file.js';
import { CommandFailure, EXIT } from '../process/output.js';
import { plain } from '../process/plain-text-output.js';

/**
 * Writes personal data to a file that only its owner can read. An existing file or link is replaced, and the link's
 * target stays as it is. A pipe or a device gets the bytes directly.
 * @throws CommandFailure when the file cannot be written
 */
export async function writePrivately(file: string, content: string | Uint8Array): Promise<void> {
  try {
    if (await isFileToReplace(file)) await replaceDurably(file, content, dirname(file));
    else await writeFile(file, content);
  } catch (error) {
    throw new CommandFailure(
      EXIT.failed,
      plain`${file} cannot be written: ${(error as Error).message}. Choose a file in a folder that you can write to.`,
    );
  }
}

/** System folders with devices and open files. A name such as /dev/stdout may lead to a file and must not be replaced. */
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
