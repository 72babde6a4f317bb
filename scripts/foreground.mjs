import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a Node program in place of this one: in the same terminal, with signals passed on.
 *
 * @param {string[]} args
 * @returns {Promise<number>} its exit code, or 128 plus the number of the signal that ended it
 */
export async function runInForeground(args) {
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    // In a terminal, an interrupt already goes to every process of the group.
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
