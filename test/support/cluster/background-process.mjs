// A server of the cluster as a process: it logs to a file, is ready once a check succeeds, and can be stopped or killed.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SetupFailed } from '../../../scripts/run-script.mjs';

/**
 * @typedef {object} Process
 * @property {number} pid
 * @property {() => Promise<void>} stop stops it in order; SIGKILL if that takes too long
 * @property {() => Promise<void>} kill SIGKILL, like a crash
 * @property {Promise<void>} gone
 *
 * @param {object} options
 * @param {string} options.name
 * @param {string} options.command
 * @param {string[]} options.args
 * @param {string} options.logFile
 * @param {() => Promise<unknown>} options.ready rejects until the server is ready
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {{ uid: number, gid: number }} [options.user]
 * @param {NodeJS.Signals} [options.stopSignal]
 * @param {string} [options.cwd]
 * @param {number} [options.stopPatienceMs] default ten seconds
 * @returns {Promise<Process>}
 */
export async function startProcess({
  name,
  command,
  args,
  logFile,
  ready,
  env = process.env,
  cwd = process.cwd(),
  user,
  stopSignal = 'SIGTERM',
  stopPatienceMs = 10_000,
}) {
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  // Its own process group: an interrupt at the terminal must not stop the database before its users.
  const child = spawn(command, args, { stdio: ['ignore', log, log], detached: true, env, cwd, ...user });
  closeSync(log);
  /** @type {string | undefined} */
  let ended;
  const gone = /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      const end = (/** @type {string} */ how) => {
        ended = how;
        resolve(undefined);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(`it ended with ${signal ?? code}`));
    })
  );
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  void gone.then(() => process.removeListener('exit', killWithUs));

  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    child.kill(signal);
    const late = new AbortController();
    void delay(stopPatienceMs, undefined, { signal: late.signal }).then(killWithUs, () => {});
    await gone;
    late.abort();
  };
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await ready();
      break;
    } catch (error) {
      if (ended === undefined && Date.now() < deadline) {
        await delay(100);
        continue;
      }
      if (ended === undefined) await end('SIGKILL');
      const why = ended ?? /** @type {Error} */ (error).message;
      const lastWords = readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n');
      throw new SetupFailed(`${name} did not start: ${why}. Its log is ${logFile}. The last lines:\n${lastWords}`);
    }
  }
  return { pid: child.pid ?? 0, stop: () => end(stopSignal), kill: () => end('SIGKILL'), gone };
}
