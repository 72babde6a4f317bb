import type { Deadline } from '../../calendar/policy.js';

/**
 * What an open case can wait for. Every wait has a clock, `calendar/schedule.ts`, whose last step repeats each week, so a
 * case always has something due and someone who will be told.
 */
export const WAITS = [
  /** The product itself: checking, filling, sending. */
  'work',
  /** Our blind copy, CBP's reply or a person to settle whether CBP got the application. */
  'send-unknown',
  'acknowledgement',
  'decision',
  /** The client owes what CBP asked for. */
  'client-correction',
  /** The broker owes something: a corrected application, a web form, work on the Form 5106, a look into ACE. */
  'task',
  /** The account owner signs in to ACE for the first time. */
  'sign-in',
  /** The account owner, who has signed in, adds our user. */
  'grant',
] as const;
export type Wait = (typeof WAITS)[number];

/** What can be due in a wait. `reminder` and `question` come with a number: `reminder-2`. */
export const STEP_KINDS = [
  /** The product's own work takes too long. */
  'delayed',
  /** A person is asked whether CBP got the application. */
  'ask',
  'acknowledgement',
  'late',
  'overdue',
  /** The client is asked whether CBP's account email came. */
  'question',
  /** The client is reminded of what we asked for. */
  'reminder',
  /** Operations is told that the client does not answer; then the manager. */
  'silent',
  'parked',
  /** A task of the broker goes to operations as well; then to the manager. */
  'operations',
  'manager',
  /** The manager is told again, each week. */
  'weekly',
  /** The link to the first sign-in expires soon; has expired. */
  'link-dies',
  'link-expired',
  /** ACE disables the client's user soon, because no one signed in; has disabled it. */
  'lock-soon',
  'locked',
  // Beside the wait:
  /** A call with CBP or the client must be followed up. */
  'chase',
  /** The last day to file the refund is near. */
  'refund',
  /** An email waits unread: operations, then the manager, then again each week. */
  'unread',
] as const;
export type StepKind = (typeof STEP_KINDS)[number];
export type StepName = StepKind | `${'question' | 'reminder'}-${number}`;

export function stepKindOf(name: StepName): StepKind {
  return name.replace(/-\d+$/, '') as StepKind;
}

/** The number of a reminder or question, otherwise 1. */
export function stepNumberOf(name: StepName): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 1);
}

/** Something that is due in a wait, pinned in history. */
export interface DueStep extends Deadline {
  name: StepName;
  /** A person set it: no snooze delays it. */
  byPerson?: true;
}

/** What the clock of a wait is computed from. */
export interface ClockStart {
  wait: Wait;
  /** When the wait began, ISO instant. */
  at: string;
  /** The client's time zone, an IANA name: reminders go out in its office hours. Default America/New_York. */
  timeZone?: string;
  /** With `decision`: the response time that CBP announced. */
  responseBusinessDays?: number;
  /** With `sign-in`: the day of CBP's account email, `YYYY-MM-DD`. Default: the day of `at`. */
  linkSentOn?: string;
  /** With `grant`: when the account owner last signed in, ISO instant. Without it, no step is about the lock. */
  signedInAt?: string;
  /** Only the next weekly step, the first one after this ISO instant. */
  weeklyAfter?: string;
}

/** Computes what is due in a wait, and when: `calendar/schedule.ts`. */
export interface DeadlineActivities {
  /** In the order in which they are due. */
  computeDeadlines(from: ClockStart): Promise<DueStep[]>;
}
