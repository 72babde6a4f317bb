// How the scripts talk and fail.
import path from 'node:path';

/** On stderr: stdout belongs to what runs afterwards. */
export const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/** A step that cannot be done; the message says what to do. */
export class SetupFailed extends Error {}

/**
 * Runs a script's main part; what it cannot do is said without a stack.
 * @param {() => Promise<number>} main resolves to the exit code
 */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (isUsage(error)) {
      say(`${error.message}. How it is called stands at the top of ${path.relative('', process.argv[1] ?? '')}.`);
      process.exitCode = 2;
      return;
    }
    if (!(error instanceof SetupFailed) && !(error instanceof Error && error.name === 'TemporalCliMissing'))
      throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

/** What `parseArgs` says of options that there are not. @returns {error is Error} */
const isUsage = (/** @type {unknown} */ error) =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
