import type { Shortage } from '../archive/archive.js';

interface AlarmLog {
  error(message: string, fields: Record<string, unknown>): void;
  info(message: string): void;
}

/** How often it is tried whether the archive has space again, milliseconds. */
const AGAIN_MS = 10_000;

/**
 * Raises the alarm once when the archive turns out to be full, however many writes fail. It is over when as much can be
 * written as the largest of them needed, which is tried every few seconds.
 */
export class SpaceAlarm {
  readonly #log: AlarmLog;
  readonly #againMs: number;
  #largest: Shortage | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: AlarmLog, againMs = AGAIN_MS) {
    this.#log = log;
    this.#againMs = againMs;
  }

  /** What is full and what to do; undefined if nothing is. */
  get says(): string | undefined {
    return this.#largest?.error.message;
  }

  /** For each write that fails. */
  raise(shortage: Shortage): void {
    const isNew = this.#largest === undefined;
    if (!this.#largest || shortage.bytes > this.#largest.bytes) this.#largest = shortage;
    if (!isNew) return;
    this.#log.error('the archive is full: email and onboardings wait until there is space', {
      archive: shortage.error.message,
    });
    this.#tryLater();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #tryLater(): void {
    this.#timer = setTimeout(() => void this.#tryAgain(), this.#againMs).unref();
  }

  async #tryAgain(): Promise<void> {
    const tried = this.#largest;
    const fits = await tried?.tryAgain().then(
      () => true,
      () => false,
    );
    if (!fits || this.#largest !== tried) return this.#tryLater();
    this.#largest = undefined;
    this.#log.info('the archive has space again');
  }
}
