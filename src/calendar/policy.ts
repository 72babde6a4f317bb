/** How time is counted and when people are notified. Plain data from the configuration: no rule is hard-coded. */
export interface Policy {
  calendar: CalendarPolicy;
  broker: BrokerCalendar;
  /** CBP's business days. */
  acknowledgementDays: number;
  lateDays: number;
  overdueDays: number;
  /** How often a client is asked whether CBP's account email came. */
  approvalQuestions: number;
  /** The broker's working days. */
  correctionReminderDays: number[];
  grantReminderDays: number[];
  grantSilentDays: number;
  grantParkedDays: number;
  refundAlarmDays: number;
  sendReconcileSeconds: number;
  /** If the outcome of an email to CBP stays unknown, send it once more instead of asking a person. */
  resendUnknown?: boolean;
  /** Every role in ACE is enough, not only Full Access. */
  acceptsNarrowerRole?: boolean;
}

/** Which weekdays someone does not work: CBP or the broker. */
export interface Closures {
  /** Whether federal holidays are days off. Default true. */
  federalHolidays?: boolean;
  /** Other days off. `date` is `YYYY-MM-DD`. */
  extraClosures: { date: string; reason: string }[];
  inaugurationDay: boolean;
}

export interface CalendarPolicy extends Closures {
  /** The hour in New York at which a business day ends. */
  cutOffHour: number;
  /** For rehearsals only: how many seconds a business day lasts. */
  pace?: Pace;
}

/** When the broker's people work. */
export interface BrokerCalendar extends Closures {
  /** IANA name. */
  timeZone: string;
  /** The hour at which the broker's day starts, before the morning's digest. */
  openingHour: number;
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
   * Absent where the explanation has no such reasons.
   */
  brief?: string;
}
