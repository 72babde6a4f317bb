/** How long a run lasts: until it is interrupted or can't go on. Ends then what was started. */
export interface Lifetime {
  /** Aborted when the run must end, for either reason. */
  readonly signal: AbortSignal;
  /** Why the run can't go on; undefined when nothing is wrong, or a person ended it. */
  readonly failure: Error | undefined;
  /** The run can't go on; the first failure counts. */
  fail(error: Error): void;
  /** Something that was started, and how to end it. Ended at once if the run has ended. */
  endWith(close: () => unknown): void;
  /** Waits for something, but no longer than the run lasts. @throws the reason why it ends */
  within<T>(work: Promise<T>): Promise<T>;
  /** Ends everything, last first, whether or not one of them can be ended. */
  close(): Promise<void>;
}

export function newLifetime(interrupted: AbortSignal): Lifetime {
  const failed = new AbortController();
  const signal = AbortSignal.any([interrupted, failed.signal]);
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  aborted.catch(() => undefined);
  const closers: (() => unknown)[] = [];
  let closed = false;
  return {
    signal,
    get failure() {
      return interrupted.aborted ? undefined : failed.signal.reason;
    },
    fail: (error) => failed.abort(error),
    endWith(close) {
      if (closed) void ended(close);
      else closers.push(close);
    },
    within: (work) => Promise.race([work, aborted]),
    async close() {
      closed = true;
      for (const one of closers.reverse()) await ended(one);
    },
  };
}

/** What can't be ended in order is ended with this process. */
async function ended(close: () => unknown): Promise<void> {
  try {
    await close();
  } catch {
    // The run is over, and why has been said.
  }
}
