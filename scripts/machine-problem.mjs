// What is wrong with the machine, and not with the program that failed on it.
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** @type {[words: RegExp, sentence: (place: string) => string][]} */
const PROBLEMS = [
  [
    /ENOSPC|EDQUOT|no space left on device|disk quota exceeded|database or disk is full/i,
    (place) => `The disk with ${place} is full. Free some space`,
  ],
  [/EROFS|read-only file system/i, (place) => `The disk with ${place} is read-only. Make it writable`],
  [
    /EACCES|EPERM|permission denied/i,
    (place) => `Permission to write to ${place} is missing. Change its owner or its permissions`,
  ],
];
const PROBE_BYTES = 256 * 1024;

/**
 * @param {string} said an error's message, or the last output of a program that failed
 * @param {string} folder it wrote to; a path that the words name counts before it
 * @returns {string | undefined} what is wrong and what to do, in one line; undefined when the words don't say
 */
export function machineProblem(said, folder) {
  const known = PROBLEMS.find(([words]) => words.test(said));
  const named = /'((?:\/|[A-Z]:\\)[^'\n]*)'/.exec(said)?.[1];
  return known && `${known[1](named ?? folder)}, and start again.`;
}

/**
 * Many programs, npm and compilers among them, don't say that the disk is full. So it is tried.
 *
 * @param {string} folder
 * @returns {Promise<string | undefined>} as {@link machineProblem}; undefined when the folder takes data, or is not there
 */
export async function diskProblem(folder) {
  const probe = path.join(folder, `.probe-${process.pid}`);
  try {
    await writeFile(probe, Buffer.alloc(PROBE_BYTES));
    return undefined;
  } catch (error) {
    return machineProblem(/** @type {Error} */ (error).message.replace(probe, folder), folder);
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
