/** Tells the broker's people each morning what there is to do. */
export interface DigestActivities {
  /** When the next digests are due, ISO instant: an earlier instant means now. */
  nextDigest(input: DigestState): Promise<{ at: string }>;
  /**
   * Writes and sends the digests of the morning that has begun last, each at most once. If earlier mornings were missed,
   * this one replaces them. Throws only what is safe to retry, when emails could not be sent yet.
   */
  sendDigests(input: DigestState & { workflowId: string }): Promise<DigestsSent>;
}

export interface DigestState {
  /** The last morning with digests; absent before the first. */
  last?: { morning: string; week: string };
}

export interface DigestsSent {
  morning: string;
  week: string;
  /** Emails that were accepted. */
  emails: number;
  /** Cases with something to do. */
  cases: number;
  /** Cases that did not answer, and are listed as such. */
  unanswered: number;
  /** Emails that were refused, or may have been lost. Their tasks are in the digest of operations. */
  undelivered: number;
}

/** The id of the workflow that sends the digests of a task queue's onboardings. */
export function digestIdOf(taskQueue: string): string {
  return `digest-${taskQueue}`;
}
