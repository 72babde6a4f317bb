// A full disk hides behind other errors: npm writes files short and calls it a success, and compilers crash.
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** How programs and operating systems say it; -122 and -69 are EDQUOT, which Node.js has no name for. */
const WORDS =
  /ENOSPC|EDQUOT|no space left on device|disk quota exceeded|database or disk is full|system error -(?:122|69)\b/i;
const PROBE_BYTES = 256 * 1024;

/**
 * @param {string} said an error's message, or what a program that failed said
 * @returns {string | undefined} the line that says that a disk is full
 */
export function fullDiskIn(said) {
  return said.split('\n').find((line) => WORDS.test(line));
}

/**
 * Finds out by writing.
 *
 * @param {string} folder
 * @returns {Promise<boolean>} false also when something else keeps it from being written to
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

/**
 * Whether a full disk is behind an error, and which.
 *
 * @param {string} said the error's message
 * @param {string} folder that was written to; others may have been too, temporary ones for example
 * @param {typeof isDiskFull} isFull
 * @returns {Promise<string | undefined>} one line with what to do; undefined when no disk is full
 */
export async function fullDiskProblem(said, folder, isFull = isDiskFull) {
  if (await isFull(folder)) return `The disk with ${folder} is full. Free some space, and start again.`;
  const line = fullDiskIn(said);
  return line && `A disk is full: ${line.trim()}. Free some space there, and start again.`;
}
