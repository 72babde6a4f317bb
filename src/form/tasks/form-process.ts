import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FormReadBackError } from '../document/form-read-back-error.js';
import { FieldMapError } from '../map/field-map.js';
import { UnknownEditionError } from '../map/unknown-edition.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import type { ArgumentOf, FormTaskName, ResultOf } from './form-tasks.js';

/**
 * Runs the work on PDFs in processes of its own: killed when it takes too long or too much memory, and never in the way
 * of this process's event loop.
 */
export class FormProcesses {
  private readonly processes: FormProcess[];
  private readonly waiting: (() => void)[] = [];

  constructor(readonly options: FormProcessOptions = {}) {
    this.processes = Array.from({ length: options.processes ?? 1 }, () => new FormProcess(options));
  }

  /** @throws what the task throws, or PdfRefusedError `pdf-too-heavy` when it had to be killed. */
  async run<Name extends FormTaskName>(name: Name, argument: ArgumentOf<Name>): Promise<ResultOf<Name>> {
    let free = this.processes.find((process) => !process.busy);
    while (!free) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
      free = this.processes.find((process) => !process.busy);
    }
    try {
      return (await free.run(name, argument)) as ResultOf<Name>;
    } finally {
      this.waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
  }

  /** For tests: which processes are up. */
  get pids(): number[] {
    return this.processes.flatMap((process) => process.pid ?? []);
  }
}

export interface FormProcessOptions {
  /** How many at once; 1 unless said. */
  processes?: number;
  /** Most processor time a task may take, without the start of the process. */
  milliseconds?: number;
  /** Most memory a process may have. */
  megabytes?: number;
}

/** For files nobody vouches for: refused within five seconds, start included. */
export const FOREIGN_FILE_LIMITS = { milliseconds: 3_000, megabytes: 384 };
/** How much longer than its processor time a task may take on a busy machine. */
const PATIENCE = 10;
const START_MILLISECONDS = 30_000;
/** The part of its memory with which a process is not given another task. */
const RECYCLE_RATIO = 2 / 3;

/** Larger than any form; read into memory nowhere. */
export const LARGEST_FILE_BYTES = 50 * 1024 * 1024;

interface Answer {
  id: number;
  /** Memory of the process after the task. */
  megabytes: number;
  result?: unknown;
  error?: { name: string; message: string; [key: string]: unknown };
}

/** One process, started when it is first needed and again after it had to be killed. */
class FormProcess {
  busy = false;
  private child: ChildProcess | undefined;
  private started: Promise<ChildProcess> | undefined;
  private nextId = 1;
  private needsRecycling = false;

  constructor(private readonly options: FormProcessOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  private get megabytes(): number {
    return this.options.megabytes ?? FOREIGN_FILE_LIMITS.megabytes;
  }

  private get milliseconds(): number {
    return this.options.milliseconds ?? FOREIGN_FILE_LIMITS.milliseconds;
  }

  async run(name: FormTaskName, argument: unknown): Promise<unknown> {
    this.busy = true;
    try {
      // What the tasks before left in memory must not be held against this one.
      if (this.needsRecycling) await this.close();
      return await this.ask(await this.start(), name, argument);
    } finally {
      this.busy = false;
    }
  }

  async close(): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.ref();
      child.kill('SIGKILL');
    });
  }

  private start(): Promise<ChildProcess> {
    this.started ??= this.fork();
    return this.started;
  }

  private fork(): Promise<ChildProcess> {
    const { megabytes } = this;
    this.needsRecycling = false;
    const child = fork(entryFile(), [String(megabytes), String(this.milliseconds)], {
      // Typed arrays cross as they are.
      serialization: 'advanced',
      execArgv: [`--max-old-space-size=${megabytes}`],
      env: { PATH: process.env.PATH ?? '' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    child.stderr?.resume();
    child.once('exit', () => {
      this.child = undefined;
      this.started = undefined;
    });
    return new Promise((resolve, reject) => {
      const failed = (why: string) => {
        clearTimeout(timer);
        child.kill('SIGKILL');
        reject(new Error(`The process that works on PDFs did not start: ${why}.`));
      };
      const timer = setTimeout(() => failed(`not within ${START_MILLISECONDS / 1000} seconds`), START_MILLISECONDS);
      const died = (code: number | null, signal: string | null) => failed(`it ended with ${signal ?? code}`);
      child.once('error', (error) => failed(error.message));
      child.once('exit', died);
      child.once('message', () => {
        clearTimeout(timer);
        child.off('exit', died);
        // An idle process keeps nobody alive.
        child.unref();
        child.channel?.unref();
        resolve(child);
      });
    });
  }

  private ask(child: ChildProcess, task: FormTaskName, argument: unknown): Promise<unknown> {
    const id = this.nextId++;
    child.ref();
    child.channel?.ref();
    return new Promise((resolve, reject) => {
      // The process watches itself; this is for one that is stopped or starved altogether.
      const timer = setTimeout(() => child.kill('SIGTERM'), this.milliseconds * PATIENCE);
      const settle = () => {
        clearTimeout(timer);
        child.off('message', answered);
        child.off('exit', died);
        child.unref();
        child.channel?.unref();
      };
      const answered = (answer: Answer) => {
        if (answer.id !== id) return;
        settle();
        this.needsRecycling = answer.megabytes > this.megabytes * RECYCLE_RATIO;
        if (answer.error) reject(revived(answer.error));
        else resolve(answer.result);
      };
      const died = (_code: number | null, signal: string | null) => {
        settle();
        reject(
          tooHeavy(
            signal === 'SIGTERM' ? `more than ${this.milliseconds / 1000} seconds` : 'more memory than any form needs',
          ),
        );
      };
      child.on('message', answered);
      child.once('exit', died);
      child.send({ id, task, argument });
    });
  }
}

function tooHeavy(what: string): PdfRefusedError {
  return new PdfRefusedError(
    'pdf-too-heavy',
    `The file was given up: working on it took ${what}. It is no form as agencies publish them: it is damaged or made to harm. Download a fresh copy from CBP's page.`,
  );
}

const ERRORS = [PdfRefusedError, UnknownEditionError, FieldMapError, FormReadBackError];

/** An error of the other process as if it had been thrown here. */
function revived({ name, message, ...rest }: { name: string; message: string }): Error {
  const error = Object.assign(new Error(message), rest);
  const known = ERRORS.find((candidate) => candidate.name === name);
  if (known) Object.setPrototypeOf(error, known.prototype);
  return Object.assign(error, { name });
}

/** The compiled entry: run from sources, as tests are, the built one beside them. */
function entryFile(): string {
  const file = import.meta.url.endsWith('.ts')
    ? fileURLToPath(new URL('../../../dist/src/form/tasks/form-process-entry.js', import.meta.url))
    : fileURLToPath(new URL('./form-process-entry.js', import.meta.url));
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build" first.`);
  return file;
}
