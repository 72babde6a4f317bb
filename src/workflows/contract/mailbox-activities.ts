/** Reads our mailboxes: one long activity for each mailbox, and a check whether mailboxes have been read. */
export interface WatcherActivities {
  /**
   * Watches a mailbox for `forSeconds`, then returns so that the workflow can continue as new. Email is delivered to the
   * onboardings at least once and counts exactly once, so two watchers for a moment do no harm.
   */
  watch(input: WatchInput): Promise<void>;
  /** Waits until all email delivered before `after` has reached its onboarding, up to five minutes. */
  awaitSweep(input: AwaitSweepInput): Promise<SweepAwaited>;
}

export interface WatchInput {
  mailbox: string;
  forSeconds: number;
  /** Kinds of alerts that the workflow knows about. It gets a signal when they change. */
  troubles?: string[];
}

export interface AwaitSweepInput {
  /** ISO instant. */
  after: string;
  /** Default: all mailboxes. */
  mailbox?: string;
  /** Default 300. */
  atMostSeconds?: number;
}

export interface SweepAwaited {
  swept: boolean;
  /** When the last finished sweep began, ISO instant. Set if `swept` is false and there was one. */
  unreadSince?: string;
}
