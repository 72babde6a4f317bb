/** How time is counted and when people are notified. Plain data from the configuration: no rule is hard-coded. */
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
  /** If the outcome of an email to CBP stays unknown, send it once more instead of asking a person. */
  resendUnknown?: boolean;
}

export interface CalendarPolicy {
  /** The hour in New York at which a business day ends. */
  cutOffHour: number;
  /** Days when CBP is closed, besides the federal holidays. `date` is `YYYY-MM-DD`. */
  extraClosures: { date: string; reason: string }[];
  inaugurationDay: boolean;
  /** For rehearsals only: how many seconds a business day lasts. */
  pace?: Pace;
}

export interface Pace {
  secondsPerBusinessDay: number;
  /** The calendar time at which explanations start. Default: now. */
  startingAt?: string;
  /** When the rehearsal really began, so that explanations advance with it. Without it, they all start at `startingAt`. */
  beganAt?: string;
}

/** When something is due, and why then. Computed in activities and pinned in history. */
export interface Deadline {
  /** ISO instant, UTC. */
  at: string;
  /** "5 business days from Wed Nov 25: skips Thu Nov 26 (Thanksgiving Day), the weekend; due Thu Dec 3, 5:00 PM ET" */
  explanation: string;
  /**
   * The same in our own words only, without reasons that people gave. For the Web UI's details, which end up in URLs.
   * Older deadlines do not have it, and are shown there without an explanation.
   */
  brief?: string;
}
