import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** The product's worker in its own process, restarted whenever it dies, as a supervisor does. */
export interface WorkerProcess {
  /** How many times it was started. */
  readonly starts: number;
  readonly running: boolean;
  /** SIGKILL: no handler runs, and no connection is closed in order. It is restarted. */
  kill(): void;
  /** Stops it for good: in order, or by force after `patience` milliseconds (default 15,000). */
  stop(patience?: number): Promise<void>;
}

export interface WorkerProcessOptions {
  /** Arguments for node: the compiled worker. */
  command: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  logFile: string;
  /** Called when it keeps dying, with the last line of its log. */
  onGivenUp: (error: Error) => void;
}

/** Deaths in quick succession, not by our kill, until it is not restarted anymore. */
const MAX_DEATHS = 3;
const SOON_MS = 10_000;
const RESTART_DELAY_MS = 200;
const STOP_PATIENCE_MS = 15_000;

export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  let child: ChildProcess | undefined;
  let starts = 0;
  let deaths = 0;
  let stopping = false;
  /** Killed by us. A kill by the system, such as for lack of memory, is not. */
  let killed = false;
  let ended: Promise<void> = Promise.resolve();

  const start = () => {
    if (stopping) return;
    starts += 1;
    killed = false;
    const startedAt = Date.now();
    const log = openSync(options.logFile, 'a');
    const worker = spawn(process.execPath, options.command, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', log, log],
      // Its own process group: an interrupt at the terminal reaches it only through us, in the right order.
      detached: true,
    });
    closeSync(log);
    child = worker;
    ended = new Promise((resolve) => {
      worker.once('error', () => resolve());
      worker.once('exit', (code, signal) => {
        child = undefined;
        resolve();
        if (stopping) return;
        deaths = !killed && Date.now() - startedAt < SOON_MS ? deaths + 1 : 0;
        if (deaths >= MAX_DEATHS) {
          stopping = true;
          options.onGivenUp(
            new Error(
              `The worker ended ${deaths} times, the last time with ${code ?? signal}: ${lastLine(options.logFile)} Start again; its log is ${options.logFile}`,
            ),
          );
          return;
        }
        void delay(RESTART_DELAY_MS).then(start);
      });
    });
  };
  const kill = () => {
    killed = true;
    child?.kill('SIGKILL');
  };
  process.once('exit', kill);
  start();

  return {
    get starts() {
      return starts;
    },
    get running() {
      return child !== undefined;
    },
    kill,
    async stop(patience = STOP_PATIENCE_MS) {
      stopping = true;
      const last = child;
      last?.kill('SIGTERM');
      await Promise.race([ended, delay(patience, undefined, { ref: false }).then(() => last?.kill('SIGKILL'))]);
      await ended;
      process.removeListener('exit', kill);
    },
  };
}

function lastLine(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
}
