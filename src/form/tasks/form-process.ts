import { SandboxPool, SandboxStoppedError } from '../../process/sandbox-pool.js';
import { FormReadBackError } from '../document/form-read-back-error.js';
import { FieldMapError } from '../map/field-map.js';
import { UnknownEditionError } from '../map/unknown-edition.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import type { ArgumentOf, FormTaskName, ResultOf } from './form-tasks.js';

export interface FormProcessOptions {
  /** How many at once. Default 1. */
  processes?: number;
  /** Most processor time a task may take, in milliseconds, without the start of the process. */
  milliseconds?: number;
  /** Most memory a process may have, in MB. */
  megabytes?: number;
}

/** For files from anywhere: refused within five seconds, start included. */
export const FOREIGN_FILE_LIMITS = { milliseconds: 3_000, megabytes: 384 };

/** Larger than any form. A larger file is never read into memory. */
export const LARGEST_FILE_BYTES = 50 * 1024 * 1024;

/** Runs the form tasks in processes that are stopped when a PDF takes too much time or memory. */
export class FormProcesses {
  readonly #pool: SandboxPool;

  constructor(options: FormProcessOptions = {}) {
    const { processes, milliseconds, megabytes } = { ...FOREIGN_FILE_LIMITS, ...options };
    this.#pool = new SandboxPool({
      purpose: 'works on PDFs',
      // Most of what a PDF can use up is outside of the JavaScript heap, which only a process can limit.
      worker: { kind: 'process', megabytes },
      workers: processes,
      milliseconds,
      entry: new URL('./form-process-entry.js', import.meta.url),
      errors: [PdfRefusedError, UnknownEditionError, FieldMapError, FormReadBackError],
    });
  }

  /** @throws what the task throws, PdfRefusedError `pdf-too-heavy` when it had to be stopped, Error after `close`. */
  async run<Name extends FormTaskName>(name: Name, argument: ArgumentOf<Name>): Promise<ResultOf<Name>> {
    try {
      return (await this.#pool.run(name, argument)) as ResultOf<Name>;
    } catch (error) {
      throw error instanceof SandboxStoppedError ? tooHeavy(error, this.#pool.options.milliseconds) : error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** For tests: which processes are up. */
  get pids(): number[] {
    return this.#pool.pids;
  }
}

function tooHeavy({ reason }: SandboxStoppedError, milliseconds: number): PdfRefusedError {
  const why = {
    time: `reading it took more than ${milliseconds / 1000} seconds of processor time`,
    memory: 'reading it took more memory than any form needs',
    crash: 'reading it crashed the process',
  }[reason];
  return new PdfRefusedError(
    'pdf-too-heavy',
    `The file was not read to the end: ${why}. It is damaged, or made to do harm. Download a fresh copy from CBP's page.`,
  );
}
