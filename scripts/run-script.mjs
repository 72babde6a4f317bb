// How the scripts print messages and fail.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineProblem } from './machine-problem.mjs';

export const CHECKOUT = fileURLToPath(new URL('../', import.meta.url));

/** Prints on stderr, because stdout belongs to the program that runs next. */
export const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/** A step failed. The message says what to do. */
export class SetupFailed extends Error {}

/**
 * Runs the main part of a script. A failed step is reported without a stack.
 * @param {() => Promise<number>} main resolves to the exit code
 */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (isUsage(error)) {
      say(`${error.message}. See the usage at the top of ${path.relative('', process.argv[1] ?? '')}.`);
      process.exitCode = 2;
      return;
    }
    const line = await failureLine(error);
    // Show the stack of a bug.
    if (line === undefined) throw error;
    say(line);
    process.exitCode = 1;
  }
}

/** @param {unknown} error @returns {Promise<string | undefined>} undefined for a bug */
async function failureLine(error) {
  if (!(error instanceof Error)) return undefined;
  const expected = error instanceof SetupFailed || error.name === 'TemporalCliMissing';
  return (await machineProblem(error, CHECKOUT)) ?? (expected ? error.message : undefined);
}

/** Whether `parseArgs` did not know an option. @returns {error is Error} */
const isUsage = (/** @type {unknown} */ error) =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

/**
 * Runs a program in the checkout and shows its output.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {{ ok: boolean, said: string }} `said`: all of its output
 */
export function runTool(command, args, { cwd = CHECKOUT, env = process.env } = {}) {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 2 ** 20,
    // On Windows, npm is a script for the shell. A program with a path needs no shell, which would split a path at spaces.
    shell: process.platform === 'win32' && !path.isAbsolute(command),
  });
  const killed = signal && !error ? `${path.basename(command)} was ended by ${signal}.` : undefined;
  const said = [stdout, stderr, error?.message, killed].filter(Boolean).join('\n').trim();
  if (said) say(said);
  return { ok: status === 0, said };
}

/**
 * Runs npm: the same npm that runs this script, if it does.
 *
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, node?: string, cli?: string | undefined }} [options] `cli`: npm's
 * npm-cli.js, `node`: what to run it with
 */
export function runNpm(args, { node = process.execPath, cli = process.env.npm_execpath, ...options } = {}) {
  return cli?.endsWith('.js') ? runTool(node, [cli, ...args], options) : runTool('npm', args, options);
}
