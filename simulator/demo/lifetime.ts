/** How long a run lasts: until it is interrupted or fails. It then stops everything that was started. */
export interface Lifetime {
  /** Aborted when the run must end, for either reason. */
  readonly signal: AbortSignal;
  /** Why the run failed; undefined when nothing is wrong, or a person ended it. */
  readonly failure: Error | undefined;
  /** Fails the run. Only the first failure counts. */
  fail(error: Error): void;
  /** Registers how to stop something that was started. Stops it right away if the run has already ended. */
  endWith(close: () => unknown): void;
  /** Waits for something, but only while the run lasts. @throws the reason why the run ended */
  within<T>(work: Promise<T>): Promise<T>;
  /** Stops everything, last first, even if one of them cannot be stopped. */
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

/** What cannot be stopped in order ends with this process. */
async function ended(close: () => unknown): Promise<void> {
  try {
    await close();
  } catch {
    // The run is over, and its reason has been printed.
  }
}
