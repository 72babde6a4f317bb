import type { Application } from '../../application/application.js';
import { SandboxPool, SandboxStoppedError } from '../../process/sandbox-pool.js';
import { FormReadBackError } from '../document/read-back.js';
import type { FilledForm } from '../fill/fill-form.js';
import type { OpenedForm } from '../map/edition.js';
import { FieldMapError } from '../map/field-map.js';
import { UnknownEditionError } from '../map/usable-map.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import type { ArgumentOf, FormTaskName, Pictured, ResultOf } from './form-tasks.js';

export interface FormProcessOptions {
  /** How many at once. Default 1. */
  processes?: number;
  /** Most processor time a task may take, in milliseconds, without the start of the process and what its pages allow. */
  milliseconds?: number;
  /** Most memory a process may have, in MB, without what its pages allow. */
  megabytes?: number;
  /** Pages of all files it will get, if that is known: otherwise each file is opened once more to count them. */
  pages?: number;
}

/** For files from anywhere: one that does harm is refused within seconds, start included. */
export const FOREIGN_FILE_LIMITS = { milliseconds: 3_000, megabytes: 384 };
/** What each page allows for in addition. A form of 20 pages takes 7 seconds and 375 MB to check on a slow machine. */
const PER_PAGE = { milliseconds: 2_000, megabytes: 16 };
/** More than any form has. A file that claims more gets no more. */
const MAX_PAGES = 60;

/** Larger than any form. A larger file is never read into memory. */
export const LARGEST_FILE_BYTES = 50 * 1024 * 1024;

/** Runs the form tasks in processes that are stopped when a PDF takes too much time or memory for its pages. */
export class FormProcesses {
  readonly #options: Required<Omit<FormProcessOptions, 'pages'>>;
  readonly #pages: number | undefined;
  readonly #counted = new WeakMap<Uint8Array, number>();
  /** By megabytes: a process gets its limit when it starts. */
  readonly #pools = new Map<number, SandboxPool>();

  constructor({ pages, ...options }: FormProcessOptions = {}) {
    this.#options = { ...FOREIGN_FILE_LIMITS, processes: 1, ...options };
    this.#pages = pages;
  }

  /** @throws what the task throws, PdfRefusedError `pdf-too-heavy` when it had to be stopped, Error after `close`. */
  async run<Name extends FormTaskName>(name: Name, argument: ArgumentOf<Name>): Promise<ResultOf<Name>> {
    const files = Object.values(argument).filter((value) => value instanceof Uint8Array);
    let pages = this.#pages ?? 0;
    if (this.#pages === undefined) for (const file of files) pages += await this.#pagesOf(file);
    return (await this.#runFor(pages, name, argument)) as ResultOf<Name>;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  /** For tests: which processes are up. */
  get pids(): number[] {
    return [...this.#pools.values()].flatMap((pool) => pool.pids);
  }

  #isClosed = false;

  async #pagesOf(file: Uint8Array): Promise<number> {
    const known = this.#counted.get(file);
    if (known !== undefined) return known;
    const pages = (await this.#runFor(0, 'countPages', { file })) as number;
    this.#counted.set(file, pages);
    return pages;
  }

  async #runFor(pages: number, name: FormTaskName, argument: unknown): Promise<unknown> {
    const counted = Math.min(pages, MAX_PAGES);
    const milliseconds = this.#options.milliseconds + counted * PER_PAGE.milliseconds;
    try {
      return await this.#poolFor(counted).run(name, argument, { milliseconds });
    } catch (error) {
      throw error instanceof SandboxStoppedError ? tooHeavy(error, pages, milliseconds) : error;
    }
  }

  #poolFor(pages: number): SandboxPool {
    // In steps of five pages, so that most files share a process.
    const megabytes = this.#options.megabytes + Math.floor(pages / 5) * 5 * PER_PAGE.megabytes;
    const known = this.#pools.get(megabytes);
    if (known) return known;
    const pool = new SandboxPool({
      purpose: 'works on PDFs',
      // Most of what a PDF can use up is outside of the JavaScript heap, which only a process can limit.
      worker: { kind: 'process', megabytes },
      workers: this.#options.processes,
      milliseconds: this.#options.milliseconds,
      entry: new URL('./form-process-entry.js', import.meta.url),
      errors: [PdfRefusedError, UnknownEditionError, FieldMapError, FormReadBackError],
    });
    if (this.#isClosed) void pool.close();
    this.#pools.set(megabytes, pool);
    return pool;
  }
}

function tooHeavy({ reason }: SandboxStoppedError, pages: number, milliseconds: number): PdfRefusedError {
  const about = pages > 0 ? `for its ${pages} pages` : 'to open it';
  const why = {
    time: `it took more than ${milliseconds / 1000} seconds of processor time ${about}`,
    memory: `it took more memory than a form needs ${about}`,
    crash: 'the process that read it crashed',
  }[reason];
  return new PdfRefusedError(
    'pdf-too-heavy',
    `The file was not read to the end: ${why}. Download it again from CBP's page. If that does not help, try on a faster machine, and have someone look at the file.`,
  );
}

/** For the form that a worker is configured with. Generous, because a machine may be busy. */
const OWN_FORM_LIMITS = { milliseconds: 60_000, megabytes: 512 };

/** Fills one edition of the form in separate processes. */
export interface FormFiller {
  /** Like `fillForm`, with the same errors, and with a picture for people if one can be made. */
  fill(application: Application): Promise<FilledForm & Pictured>;
  close(): Promise<void>;
}

export function createFormFiller({
  template,
  map,
  ...options
}: Pick<OpenedForm, 'template' | 'map'> & FormProcessOptions): FormFiller {
  const processes = new FormProcesses({ ...OWN_FORM_LIMITS, ...options });
  return {
    async fill(application) {
      const order = { application, template, map };
      try {
        return await processes.run('fillForm', { ...order, picture: true });
      } catch (error) {
        if (!(error instanceof PdfRefusedError && error.code === 'pdf-too-heavy')) throw error;
        // Perhaps only the picture was.
        return { ...(await processes.run('fillForm', order)), pictureProblem: error.message };
      }
    },
    close: () => processes.close(),
  };
}
