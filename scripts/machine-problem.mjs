// Problems of the machine itself. A full disk causes other errors: npm writes incomplete files and reports success, and
// compilers crash.
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The words of programs and operating systems. -122 and -69 are EDQUOT, which Node.js has no name for. */
const WORDS =
  /ENOSPC|EDQUOT|no space left on device|disk quota exceeded|database or disk is full|system error -(?:122|69)\b/i;
const PROBE_BYTES = 256 * 1024;

/**
 * @param {string} said the message of an error, or the output of a program that failed
 * @returns {string | undefined} the line that says that a disk is full
 */
export function fullDiskIn(said) {
  return said.split('\n').find((line) => WORDS.test(line));
}

/**
 * Checks by writing to the folder.
 *
 * @param {string} folder
 * @returns {Promise<boolean>} false also if the folder can't be written for another reason
 */
export async function isDiskFull(folder) {
  const probe = path.join(folder, `.probe-${process.pid}`);
  try {
    await writeFile(probe, Buffer.alloc(PROBE_BYTES));
    return false;
  } catch (error) {
    return fullDiskIn(/** @type {Error} */ (error).message) !== undefined;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** Why a file can't be used, by the operating system's code. @type {Record<string, string>} */
const ACCESS = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
  EEXIST: 'it is a file, not a folder',
  ENOTDIR: 'a part of it is a file, not a folder',
};

/**
 * Checks whether the machine caused an error: a full disk, or a file that can't be used.
 *
 * @param {Error} error
 * @param {string} folder that was written to; there may be others, such as temporary ones
 * @param {typeof isDiskFull} isFull
 * @returns {Promise<string | undefined>} one line with what to do; undefined if the machine is fine
 */
export async function machineProblem(error, folder, isFull = isDiskFull) {
  if (await isFull(folder)) return fullDisk(folder);
  const line = fullDiskIn(error.message);
  if (line) return `A disk is full: ${line.trim()}. Free some space there, and start again.`;
  const { code = '', path: place } = /** @type {NodeJS.ErrnoException} */ (error);
  return place && ACCESS[code]
    ? `${place} can't be used: ${ACCESS[code]}. Change that or choose another place, and start again.`
    : undefined;
}

/** @param {string} folder */
export const fullDisk = (folder) => `The disk with ${folder} is full. Free some space, and start again.`;
