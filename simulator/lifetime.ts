/** How long a run lasts: until it is interrupted or can't go on. Knows what to end then. */
export interface Lifetime {
  /** Aborted when the run shall end, for either reason. */
  readonly signal: AbortSignal;
  /** Why the run can't go on; undefined when nothing is wrong, or a person ended it. */
  readonly failure: Error | undefined;
  /** The run can't go on; what is said first counts. */
  fail(error: Error): void;
  /** Something that was started, and how to end it. Ended at once when the end has come already. */
  endWith(close: () => unknown): void;
  /** Waits for something, but not beyond the end. @throws the reason of the end */
  within<T>(work: Promise<T>): Promise<T>;
  /** Ends everything, last first. */
  close(): Promise<void>;
}

export function newLifetime(interrupted: AbortSignal): Lifetime {
  const failed = new AbortController();
  const signal = AbortSignal.any([interrupted, failed.signal]);
  const aborted = new Promise<never>((_, reject) => {
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
      if (closed) void close();
      else closers.push(close);
    },
    within: (work) => Promise.race([work, aborted]),
    async close() {
      closed = true;
      for (const one of closers.reverse()) await one();
    },
  };
}
