import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a Node program in this one's place: same terminal, signals passed on, and its exit code as the answer (128 and
 * the signal's number when one ended it).
 *
 * @param {string[]} args
 * @returns {Promise<number>}
 */
export async function runInForeground(args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    // At a terminal an interrupt goes to every process of the group by itself.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
  for (const signal of signals) process.on(signal, passOn);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of signals) process.removeListener(signal, passOn);
  }
}
