// Our own processes next to the cluster, as a service manager would run them: workers and the codec server, configured by
// an environment file, and restarted if they stop unexpectedly.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from '../../../scripts/run-script.mjs';
import { startProcess } from './background-process.mjs';
import { clusterPort } from './cluster-port.mjs';

const RESTART_DELAY_MS = 1_000;
/** A worker finishes or returns its work within half a minute of a stop. */
const STOP_PATIENCE_MS = 40_000;

/**
 * @typedef {object} Product
 * @property {string} checkout
 * @property {string} folder for the logs
 * @property {NodeJS.ProcessEnv} env the variables of the environment file, and the address of Temporal
 */

/**
 * @param {Product & { number: number }} options `number` distinguishes the workers on one machine, from 1
 * @returns {Promise<{ pid: number, url: string, stop(): Promise<void> }>} once it is ready
 */
export async function startWorker({ checkout, folder, env, number }) {
  // Each has its own port. The first one has the configured port.
  const port = number === 1 && env.HEALTH_PORT ? Number(env.HEALTH_PORT) : await clusterPort();
  const url = `http://127.0.0.1:${port}`;
  const worker = await supervised({
    name: `Worker ${number}`,
    args: [path.join(checkout, 'dist/src/worker.js')],
    cwd: checkout,
    logFile: path.join(folder, `logs/worker-${number}.log`),
    env: { ...env, HEALTH_PORT: String(port) },
    ready: () => answersWell(`${url}/readyz`),
  });
  return { ...worker, url };
}

/**
 * @param {Product & { uiUrl: string }} options
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startCodecServer({ checkout, folder, env, uiUrl }) {
  const url = codecEndpoint(env);
  const server = await supervised({
    name: 'The codec server',
    args: [path.join(checkout, 'bin/ace-onboarding.mjs'), 'codec-server'],
    cwd: checkout,
    logFile: path.join(folder, 'logs/codec-server.log'),
    env: { CODEC_ORIGINS: [uiUrl, uiUrl.replace('127.0.0.1', 'localhost')].join(','), ...env },
    ready: () => answersWell(`${url.replace('localhost', '127.0.0.1')}/health`),
  });
  return { ...server, url };
}

/** Its URL for browsers on this machine. */
export const codecEndpoint = (/** @type {NodeJS.ProcessEnv} */ env) => `http://localhost:${env.CODEC_PORT || 8234}`;

/** @param {string} url */
async function answersWell(url) {
  const { ok, status } = await fetch(url);
  if (!ok) throw new Error(`${url} answers ${status}`);
}

/**
 * @param {{ name: string, args: string[], cwd: string, logFile: string, env: NodeJS.ProcessEnv, ready: () => Promise<unknown> }} options
 */
export async function supervised({ name, ...options }) {
  const launch = () => startProcess({ name, command: process.execPath, stopPatienceMs: STOP_PATIENCE_MS, ...options });
  let current = await launch();
  let stopping = false;
  const watch = async () => {
    for (;;) {
      await current.gone;
      if (stopping) return;
      say(`${name} stopped unexpectedly and is being restarted. See ${options.logFile}.`);
      await delay(RESTART_DELAY_MS);
      if (stopping) return;
      current = (await launch().catch((error) => void say(error.message))) ?? current;
      // It was stopped during the restart.
      if (stopping) return current.stop();
    }
  };
  const watched = watch();
  return {
    pid: current.pid,
    stop: async () => {
      stopping = true;
      await current.stop();
      await watched;
    },
  };
}
