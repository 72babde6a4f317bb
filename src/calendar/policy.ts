/** How time is counted and when people act. Plain data, from configuration; no rule of the trade is a constant in code. */
export interface Policy {
  calendar: CalendarPolicy;
  /** Business days. */
  acknowledgementDays: number;
  lateDays: number;
  overdueDays: number;
  grantReminderDays: number[];
  grantSilentDays: number;
  grantParkedDays: number;
  sendReconcileSeconds: number;
  /** A mail to CBP whose fate stays unknown is sent once more, instead of asking a person. */
  resendUnknown?: boolean;
}

export interface CalendarPolicy {
  /** New York hour from which a day counts as over. */
  cutOffHour: number;
  /** Days CBP is closed beside the federal holidays; `date` is `YYYY-MM-DD`. */
  extraClosures: { date: string; reason: string }[];
  inaugurationDay: boolean;
  /** Rehearsals only: a business day lasts so many seconds. */
  pace?: Pace;
}

export interface Pace {
  secondsPerBusinessDay: number;
  /** The calendar instant that explanations begin at. Without it, now. */
  startingAt?: string;
  /** The real instant at which the rehearsal began, so that explanations move on with it. Without it they all begin at `startingAt`. */
  beganAt?: string;
}

/** An instant that something is due at, and why then. Made in activities and pinned in history. */
export interface Deadline {
  /** ISO instant, UTC. */
  at: string;
  /** "5 business days from Wed Nov 25: skips Thu Nov 26 (Thanksgiving Day), the weekend; due Thu Dec 3, 5:00 PM ET" */
  explanation: string;
  /**
   * The same in words of the product alone: no reason that people gave. For the Web UI's details, which end up in
   * addresses. Older deadlines have none, and are shown there without an explanation.
   */
  brief?: string;
}
