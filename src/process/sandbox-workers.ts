import { type ChildProcess, fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { type FromSandbox, OUT_OF_TIME_SIGNAL, type ToSandbox } from './sandbox-messages.js';

export type StopReason = 'time' | 'memory' | 'crash';

/** What runs the tasks of one sandbox, a process or a thread. */
export interface SandboxWorker {
  /** The process id; a thread has none. */
  readonly pid: number | undefined;
  /** A message to a worker that has ended is dropped: its end tells. */
  send(message: ToSandbox): void;
  /** Keeps this process alive while the worker has work, and not otherwise. */
  keepAlive(isWorking: boolean): void;
  /** Resolves when it has ended. */
  kill(): Promise<void>;
}

export interface WorkerEvents {
  heard(message: FromSandbox): void;
  /** `detail`: how it ended, for the message when it never started. */
  ended(reason: StopReason, detail: string): void;
}

/** Megabytes. Each kind of worker uses the limits it can enforce. */
export interface ProcessLimits {
  /** Everything the process has in memory, native libraries and WebAssembly included. */
  megabytes: number;
}
export interface ThreadLimits {
  /** JavaScript objects that live on. */
  heapMegabytes: number;
  /** JavaScript objects that are soon garbage. */
  youngMegabytes: number;
}

/** A process without our environment, whose whole memory is limited. */
export function startProcess(file: string, { megabytes }: ProcessLimits, events: WorkerEvents): SandboxWorker {
  const child = fork(file, [String(megabytes)], {
    // Typed arrays arrive as they are.
    serialization: 'advanced',
    execArgv: [`--max-old-space-size=${megabytes}`],
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  child.on('message', (message: FromSandbox) => events.heard(message));
  child.on('error', (error) => events.ended('crash', error.message));
  child.once('exit', (code, signal) => events.ended(reasonOf(signal), `it ended with ${signal ?? code}`));
  return {
    pid: child.pid,
    send: (message) => void (child.connected && child.send(message, () => {})),
    keepAlive(isWorking) {
      const change = isWorking ? 'ref' : 'unref';
      child[change]();
      child.channel?.[change]();
    },
    kill: () => killProcess(child),
  };
}

/** V8 aborts when its heap is full. */
function reasonOf(signal: string | null): StopReason {
  if (signal === OUT_OF_TIME_SIGNAL) return 'time';
  return signal === 'SIGKILL' || signal === 'SIGABRT' ? 'memory' : 'crash';
}

async function killProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.ref();
    child.kill('SIGKILL');
  });
}

/** A thread of this process, whose JavaScript heap is limited. It answers faster than a process, and is smaller. */
export function startThread(file: string, limits: ThreadLimits, events: WorkerEvents): SandboxWorker {
  const thread = new Worker(file, {
    // Libraries that print must not print into our output.
    stdout: true,
    stderr: true,
    execArgv: [],
    resourceLimits: {
      maxOldGenerationSizeMb: limits.heapMegabytes,
      maxYoungGenerationSizeMb: limits.youngMegabytes,
    },
  });
  thread.stdout.resume();
  thread.stderr.resume();
  thread.on('message', (message: FromSandbox) => events.heard(message));
  thread.on('error', (error: NodeJS.ErrnoException) =>
    events.ended(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crash', error.message),
  );
  thread.once('exit', (code) => events.ended('crash', `it ended with ${code}`));
  return {
    pid: undefined,
    send: (message) => thread.postMessage(message),
    keepAlive: (isWorking) => (isWorking ? thread.ref() : thread.unref()),
    kill: async () => void (await thread.terminate()),
  };
}
