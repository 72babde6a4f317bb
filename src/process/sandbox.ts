import { parentPort, Worker } from 'node:worker_threads';
import {
  type FromSandbox,
  MessageBatcher,
  OUT_OF_TIME_SIGNAL,
  plainError,
  revivedError,
  type SandboxQuestion,
  type ToSandbox,
} from './sandbox-messages.js';

/** Calls a function of the owner's, by name. Waiting for it does not count against the task's time limit. */
export type AskOwner = (name: string, ...args: unknown[]) => Promise<unknown>;
// biome-ignore lint/suspicious/noExplicitAny: each task has its own argument
export type SandboxTask = (argument: any, ask: AskOwner) => Promise<unknown>;

/**
 * The inside of a sandbox: turns this process or thread into one that runs one task after the other for the SandboxPool
 * that started it. A process watches its own time and memory, ends itself when a task goes over a limit, and ends when
 * the owner is gone.
 */
export function runSandbox(tasks: Record<string, SandboxTask>): void {
  const watch = parentPort ? undefined : watchLimits(Number(process.argv[2]));
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const questions = new MessageBatcher<SandboxQuestion>((all) => send({ questions: all }));
  let lastQuestion = 0;

  const ask: AskOwner = (name, ...args) =>
    new Promise((resolve, reject) => {
      const id = ++lastQuestion;
      pending.set(id, { resolve, reject });
      watch?.waiting(pending.size);
      questions.add({ id, name, args });
    });

  const run = async ({ task, name, argument, milliseconds }: Extract<ToSandbox, { task: number }>) => {
    // Answers that the task before did not wait for are no longer of interest.
    pending.clear();
    watch?.begin(task, milliseconds);
    const outcome = await outcomeOf(tasks[name], argument, ask);
    if (watch?.end(task) === false) return;
    const answer = { task, megabytes: watch?.megabytes() ?? 0 };
    try {
      send({ ...answer, ...outcome });
    } catch (error) {
      // What the task returned or threw cannot be cloned.
      send({ ...answer, error: { name: 'Error', message: (error as Error).message } });
    }
  };

  const hear = (message: ToSandbox) => {
    if ('task' in message) return void run(message);
    for (const { id, value, error } of message.answers) {
      const waiting = pending.get(id);
      pending.delete(id);
      if (error) waiting?.reject(revivedError(error));
      else waiting?.resolve(value);
    }
    watch?.waiting(pending.size);
  };
  if (parentPort) {
    parentPort.on('message', hear);
  } else {
    process.on('message', hear);
    process.on('disconnect', () => process.exit());
    // Ctrl-C and service managers signal the whole group. The owner decides when this process ends.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']) process.on(signal, () => {});
  }
  send({ ready: true });
}

function send(message: FromSandbox): void {
  if (parentPort) parentPort.postMessage(message);
  else process.send?.(message);
}

async function outcomeOf(task: SandboxTask | undefined, argument: unknown, ask: AskOwner) {
  try {
    if (!task) throw new Error('The sandbox has no such task.');
    return { result: await task(argument, ask) };
  } catch (error) {
    return { error: plainError(error) };
  }
}

/** No task runs, or the task that ran was stopped. */
const [NONE, STOPPED] = [0, -1];

/**
 * Watches time and memory from a second thread, because a task can block the event loop. Time is processor time, which
 * a busy machine does not use up. A task that uses almost no processor time and does not wait for the owner hangs: it
 * gets its limit in wall-clock time.
 */
function watchLimits(megabytes: number) {
  /** When the task began, the processor time used before it, and its time limit, all in milliseconds. */
  const times = new Float64Array(new SharedArrayBuffer(24));
  /** The id of the task, and how many answers of the owner it waits for. The first to change the id decides its fate. */
  const state = new Int32Array(new SharedArrayBuffer(8));
  let waitingSince = 0;
  new Worker(
    `const { times, state, NONE, STOPPED, megabytes, signal } = require('node:worker_threads').workerData;
    setInterval(() => {
      if (process.memoryUsage.rss() > megabytes * 1024 * 1024) process.kill(process.pid, 'SIGKILL');
      const task = Atomics.load(state, 0);
      if (task === NONE) return;
      const [beganAt, usedBefore, limit] = times;
      const { user, system } = process.cpuUsage();
      const used = (user + system) / 1000 - usedBefore;
      const passed = Date.now() - beganAt;
      const hangs = Atomics.load(state, 1) === 0 && passed > limit && used < passed / 20;
      if (used <= limit && !hangs) return;
      if (Atomics.compareExchange(state, 0, task, STOPPED) === task) process.kill(process.pid, signal);
    }, 10);`,
    { eval: true, workerData: { times, state, NONE, STOPPED, megabytes, signal: OUT_OF_TIME_SIGNAL } },
  ).unref();

  return {
    begin(task: number, milliseconds: number): void {
      const { user, system } = process.cpuUsage();
      times.set([Date.now(), (user + system) / 1000, milliseconds]);
      Atomics.store(state, 1, 0);
      Atomics.store(state, 0, task);
    },
    /** False when the task was stopped at the last moment: the signal is on its way, so the result no longer counts. */
    end(task: number): boolean {
      return Atomics.compareExchange(state, 0, task, NONE) === task;
    },
    megabytes: () => process.memoryUsage.rss() / 1024 / 1024,
    /** How many answers of the owner the task waits for now. */
    waiting(count: number): void {
      const before = Atomics.exchange(state, 1, count);
      if (before === 0 && count > 0) waitingSince = Date.now();
      if (before > 0 && count === 0) times[0] = (times[0] ?? 0) + Date.now() - waitingSince;
    },
  };
}
