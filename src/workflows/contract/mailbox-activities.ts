/** Reading our mailboxes: one long activity for each, and the question whether one has been read. */
export interface WatcherActivities {
  /**
   * Watches a mailbox for as long as it is told, then returns for the workflow to begin anew. Mail is delivered to the
   * onboardings at least once and counts exactly once, so a second watcher for a moment does no harm.
   */
  watch(input: WatchInput): Promise<void>;
  /** Waits until all mail delivered before `after` has reached its onboarding; five minutes at most. */
  awaitSweep(input: AwaitSweepInput): Promise<SweepAwaited>;
}

export interface WatchInput {
  mailbox: string;
  forSeconds: number;
  /** Kinds of trouble the workflow knows of: it is told when they change. */
  troubles?: string[];
}

export interface AwaitSweepInput {
  /** ISO instant. */
  after: string;
  /** Default: all of them. */
  mailbox?: string;
  /** Default 300. */
  atMostSeconds?: number;
}

export interface SweepAwaited {
  swept: boolean;
  /** Begin of the last finished sweep, ISO instant, when `swept` is false and there was one. */
  unreadSince?: string;
}
