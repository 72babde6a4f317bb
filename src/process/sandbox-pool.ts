import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type ErrorClass,
  type FromSandbox,
  MessageBatcher,
  plainError,
  revivedError,
  type SandboxAnswer,
} from './sandbox-messages.js';
import {
  type ProcessLimits,
  type SandboxWorker,
  type StopReason,
  startProcess,
  startThread,
  type ThreadLimits,
} from './sandbox-workers.js';

export interface SandboxOptions {
  /** What the workers do, for messages: "works on PDFs". */
  purpose: string;
  /** The module that calls `runSandbox`, compiled: `new URL('./….js', import.meta.url)`. */
  entry: URL;
  /**
   * A process limits all memory, and its time is processor time, which a busy machine does not use up. A thread limits
   * JavaScript objects only, and its time is wall-clock time, which restarts after each answer of the owner.
   */
  worker: ({ kind: 'process' } & ProcessLimits) | ({ kind: 'thread' } & ThreadLimits);
  /** Most workers at once. Default 1. */
  workers?: number | undefined;
  /** Most time a task may take, in milliseconds, without the start of the worker and without waiting for the owner. */
  milliseconds: number;
  /** Errors that tasks throw and that keep their class. All others arrive as Error, with the same name and properties. */
  errors?: readonly ErrorClass[];
}

/** What only the owner knows: answers a question that a task asks while it runs. */
export type AnswerTask = (name: string, args: unknown[]) => Promise<unknown>;

export interface TaskOptions {
  /** Instead of the limit of the pool. */
  milliseconds?: number;
  answer?: AnswerTask;
}

/** The worker ended, or was killed, while it worked on the task. */
export class SandboxStoppedError extends Error {
  override readonly name = 'SandboxStoppedError';
  constructor(readonly reason: StopReason) {
    super(`The worker was stopped: ${reason}.`);
  }
}

/**
 * Runs tasks in workers, which never block this process's event loop. A worker starts when it is first needed. It is
 * killed when its task takes too much time or memory, and replaced when a task has left it little memory to spare.
 */
export class SandboxPool {
  readonly #sandboxes: Sandbox[];
  readonly #waiting: ((sandbox: Sandbox) => void)[] = [];

  constructor(readonly options: SandboxOptions) {
    this.#sandboxes = Array.from({ length: options.workers ?? 1 }, () => new Sandbox(options));
  }

  /** @throws what the task throws, SandboxStoppedError when its worker ended, and Error after `close`. */
  async run(name: string, argument: unknown, options: TaskOptions = {}): Promise<unknown> {
    let sandbox = this.#sandboxes.find((candidate) => !candidate.isBusy);
    if (sandbox) sandbox.isBusy = true;
    else sandbox = await new Promise<Sandbox>((resolve) => this.#waiting.push(resolve));
    try {
      return await sandbox.run(name, argument, options);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(sandbox);
      else sandbox.isBusy = false;
    }
  }

  /** Ends the workers. Tasks that run or wait are rejected. */
  async close(): Promise<void> {
    await Promise.all(this.#sandboxes.map((sandbox) => sandbox.close()));
  }

  /** The ids of the processes that are up. */
  get pids(): number[] {
    return this.#sandboxes.flatMap((sandbox) => sandbox.pid ?? []);
  }
}

const START_MILLISECONDS = 30_000;
/** How many times its processor time a task may take on a busy machine. */
const PATIENCE = 10;
/** A process that has used this part of its memory gets no other task. */
const RECYCLE_RATIO = 2 / 3;

interface RunningTask {
  id: number;
  /** Wall-clock milliseconds, and not the time that the owner takes to answer. */
  limit: number;
  answer: AnswerTask | undefined;
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** One worker: started when it is first needed, and again after it ended. */
class Sandbox {
  isBusy = false;
  readonly #options: SandboxOptions;
  #worker: SandboxWorker | undefined;
  #started: Promise<void> | undefined;
  #task: RunningTask | undefined;
  #lastId = 0;
  #unanswered = 0;
  #timer: NodeJS.Timeout | undefined;
  #isFull = false;
  #isClosed = false;
  readonly #answers = new MessageBatcher<SandboxAnswer>((answers) => this.#worker?.send({ answers }));

  constructor(options: SandboxOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#worker?.pid;
  }

  async run(name: string, argument: unknown, { milliseconds, answer }: TaskOptions): Promise<unknown> {
    // Memory that earlier tasks left behind must not count against this one.
    if (this.#isFull) await this.#worker?.kill();
    if (this.#isClosed) throw this.#closedError();
    this.#worker?.keepAlive(true);
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    await this.#started;
    // It can end before it gets the task.
    if (!this.#worker) throw this.#isClosed ? this.#closedError() : new SandboxStoppedError('crash');
    const limit = milliseconds ?? this.#options.milliseconds;
    try {
      return await new Promise((resolve, reject) => {
        this.#task = { id: ++this.#lastId, limit: limit * this.#patience, answer, resolve, reject };
        this.#unanswered = 0;
        this.#startTimer(this.#task);
        this.#worker?.send({ task: this.#lastId, name, argument, milliseconds: limit });
      });
    } finally {
      clearTimeout(this.#timer);
      this.#task = undefined;
      this.#worker?.keepAlive(false);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#stop('crash');
  }

  /** A process watches its own limits, and needs this only when it is frozen or starved. */
  get #patience(): number {
    return this.#options.worker.kind === 'process' ? PATIENCE : 1;
  }

  #start(): Promise<void> {
    const { worker, entry, purpose } = this.#options;
    const file = compiledEntry(entry);
    return new Promise((resolve, reject) => {
      const failed = (why: string) => {
        clearTimeout(timer);
        reject(
          this.#isClosed ? this.#closedError() : new Error(`The ${worker.kind} that ${purpose} did not start: ${why}.`),
        );
      };
      const timer = setTimeout(() => {
        failed(`not within ${START_MILLISECONDS / 1000} seconds`);
        void this.#stop('time');
      }, START_MILLISECONDS);
      const events = {
        heard: (message: FromSandbox) => {
          clearTimeout(timer);
          if ('ready' in message) resolve();
          else if (this.#worker === started) this.#hear(message);
        },
        ended: (reason: StopReason, detail: string) => {
          failed(detail);
          if (this.#worker === started) this.#ended(reason);
        },
      };
      let started: SandboxWorker | undefined;
      try {
        started = worker.kind === 'process' ? startProcess(file, worker, events) : startThread(file, worker, events);
      } catch (error) {
        // The system has no memory or no thread left for it.
        failed((error as Error).message);
      }
      this.#worker = started;
    });
  }

  #hear(message: FromSandbox): void {
    const task = this.#task;
    if (!task) return;
    if ('questions' in message) {
      for (const { id, name, args } of message.questions) void this.#answer(task, id, name, args);
    } else if ('task' in message && message.task === task.id) {
      const { worker, errors } = this.#options;
      this.#isFull = worker.kind === 'process' && message.megabytes > worker.megabytes * RECYCLE_RATIO;
      if (message.error) task.reject(revivedError(message.error, errors));
      else task.resolve(message.result);
    }
  }

  async #answer(task: RunningTask, id: number, name: string, args: unknown[]): Promise<void> {
    this.#unanswered++;
    clearTimeout(this.#timer);
    let answer: SandboxAnswer;
    try {
      if (!task.answer) throw new Error(`Nothing answers "${name}".`);
      answer = { id, value: await task.answer(name, args) };
    } catch (error) {
      const { name: type, message, code } = plainError(error);
      answer = { id, error: { name: type, message, ...(typeof code === 'string' ? { code } : {}) } };
    }
    // The worker may be gone by now, or at work on another task.
    if (this.#task !== task) return;
    this.#answers.add(answer);
    this.#unanswered--;
    if (this.#unanswered === 0) this.#startTimer(task);
  }

  #startTimer({ limit }: RunningTask): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#stop('time'), limit);
  }

  /** Rejects the task at once, and resolves when the worker has ended: native code can delay the end of a thread. */
  async #stop(reason: StopReason): Promise<void> {
    const worker = this.#worker;
    this.#ended(reason);
    await worker?.kill();
  }

  #ended(reason: StopReason): void {
    this.#worker = undefined;
    this.#started = undefined;
    this.#isFull = false;
    this.#task?.reject(this.#isClosed ? this.#closedError() : new SandboxStoppedError(reason));
  }

  #closedError(): Error {
    return new Error(`The ${this.#options.worker.kind} that ${this.#options.purpose} was closed.`);
  }
}

/** A worker runs JavaScript: beside the caller when built, in `dist/` when the caller runs as TypeScript, as in tests. */
function compiledEntry(entry: URL): string {
  const beside = fileURLToPath(entry);
  if (existsSync(beside)) return beside;
  const source = new URL('..', import.meta.url).href;
  const built = fileURLToPath(new URL(`../../dist/src/${entry.href.slice(source.length)}`, import.meta.url));
  if (existsSync(built)) return built;
  throw new Error(`${built} is missing: run "npm run build" first.`);
}
