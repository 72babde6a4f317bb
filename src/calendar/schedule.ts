import type { ClockStart, DueStep, Wait } from '../workflows/contract/waits.js';
import { ACE_RULES } from './ace-rules.js';
import { subtractBusinessDays } from './business-days.js';
import { type Day, daysBetween, inZone } from './day.js';
import {
  dueSteps,
  explainedStep,
  givenInstant,
  inCalendar,
  rehearsedMs,
  type ScheduledStep,
  weekAfter,
  workingDays,
} from './due-steps.js';
import { longDay } from './format.js';
import { brokerMorning, nextClientHour } from './office-hours.js';
import type { Policy } from './policy.js';

/**
 * What is due in each wait. A week after the last of these steps, unless a `weekly` one is listed, the manager is told; the
 * workflow asks for each further week.
 */
const SCHEDULE: Record<Wait, (policy: Policy, start: ClockStart) => ScheduledStep[]> = {
  work: () => [{ name: 'delayed', after: 1, of: 'days', in: 'broker-hours' }],
  'send-unknown': (policy) => [
    { name: 'ask', after: policy.sendReconcileSeconds, of: 'seconds' },
    { name: 'operations', after: 1, of: 'broker-days', in: 'broker-hours', from: 'ask' },
    { name: 'manager', after: 2, of: 'broker-days', in: 'broker-hours', from: 'ask' },
  ],
  acknowledgement: cbpDecides,
  decision: cbpDecides,
  'client-correction': (policy) => [
    { name: 'reminder', after: policy.correctionReminderDays, of: 'broker-days', in: 'client-hours' },
    { name: 'silent', after: 10, of: 'broker-days', in: 'broker-hours' },
    { name: 'parked', after: 20, of: 'broker-days', in: 'broker-hours' },
  ],
  task: () => [
    { name: 'operations', after: 2, of: 'broker-days', in: 'broker-hours' },
    { name: 'manager', after: 5, of: 'broker-days', in: 'broker-hours' },
  ],
  'sign-in': (policy) => [
    ...clientActs(policy),
    { name: 'link-dies', after: 14, of: 'days', in: 'broker-hours-before', from: 'link-sent' },
    // The link still works on its last day.
    { name: 'link-expired', after: ACE_RULES.signInLink.days + 1, of: 'days', in: 'broker-hours', from: 'link-sent' },
  ],
  // When the owner last signed in is not always known: then nothing is said about the lock.
  grant: (policy, { signedInAt }) => [...clientActs(policy), ...(signedInAt ? USER_LOCKS : [])],
};

/**
 * CBP's clock starts when its mail server accepted the application, and keeps running through the acknowledgement. If CBP
 * announces a longer response time, late and overdue become that much later. They never become earlier.
 */
function cbpDecides(policy: Policy, { responseBusinessDays = 0 }: ClockStart): ScheduledStep[] {
  const late = Math.max(policy.lateDays, responseBusinessDays);
  const overdue = late + Math.max(0, policy.overdueDays - policy.lateDays);
  const questions = Array.from({ length: policy.approvalQuestions }, (_, asked) => late + DAYS_APART * asked);
  return [
    { name: 'acknowledgement', after: policy.acknowledgementDays, of: 'cbp-days' },
    { name: 'late', after: late, of: 'cbp-days' },
    { name: 'question', after: questions, of: 'cbp-days', in: 'client-hours' },
    { name: 'overdue', after: overdue, of: 'cbp-days' },
    { name: 'weekly', after: overdue + 5, of: 'cbp-days', in: 'broker-hours' },
  ];
}

/** Between two questions to the client. */
const DAYS_APART = 3;

const USER_LOCKS: ScheduledStep[] = [
  { name: 'lock-soon', after: 30, of: 'days', in: 'broker-hours-before', from: 'signed-in' },
  { name: 'locked', after: ACE_RULES.idleUser.days, of: 'days', in: 'broker-hours', from: 'signed-in' },
];

const clientActs = (policy: Policy): ScheduledStep[] => [
  { name: 'reminder', after: policy.grantReminderDays, of: 'broker-days', in: 'client-hours' },
  { name: 'silent', after: policy.grantSilentDays, of: 'broker-days', in: 'broker-hours' },
  { name: 'parked', after: policy.grantParkedDays, of: 'broker-days', in: 'broker-hours' },
];

/**
 * What is due in a wait, in order. If the wait starts late, such as with a sign-in link of three weeks ago, it has only the
 * last of the steps that are past, due at its start.
 *
 * In a rehearsal (`calendar.pace`), business days and working days last as long as it says, and calendar days five sevenths
 * of that. All are counted from the start of the wait, and no one keeps office hours.
 * @throws RangeError if a date or the time zone of `start` is not valid
 */
export function deadlinesOf(start: ClockStart, policy: Policy): DueStep[] {
  if (start.weeklyAfter !== undefined) return [weekAfter(givenInstant(start.weeklyAfter), policy)];
  const at = givenInstant(start.at);
  const lines = SCHEDULE[start.wait](policy, start);
  const steps = lines.flatMap((line) => dueSteps(line, start, policy)).sort((a, b) => timeOf(a) - timeOf(b));
  const past = steps.filter((step) => timeOf(step) < at.getTime());
  const ahead = steps
    .slice(Math.max(0, past.length - 1))
    .map((step) => (timeOf(step) < at.getTime() ? { ...step, at: at.toISOString() } : step))
    .map(withoutRepeat);
  const last = ahead.at(-1);
  return lines.some(({ name }) => name === 'weekly') || !last
    ? ahead
    : [...ahead, weekAfter(new Date(last.at), policy)];
}

/** Every case has these steps in its history, so nothing is in them twice. */
function withoutRepeat({ brief, ...step }: DueStep): DueStep {
  return brief === undefined || brief === step.explanation ? step : { ...step, brief };
}

const timeOf = ({ at }: DueStep) => Date.parse(at);

/**
 * The next instant at which a client may get a reminder: `after` itself if it is in the client's office hours.
 * @param timeZone the client's, an IANA name
 */
export function nextReminderSlot(after: Date, timeZone: string, policy: Policy): Date {
  return policy.calendar.pace ? after : nextClientHour(after, timeZone, policy.broker);
}

/**
 * When people are told that the last day to file the refund is near: now, if that is past. Undefined without a refund
 * deadline, and once it is past.
 * @param refundDeadline `YYYY-MM-DD`
 */
export function refundAlarm(refundDeadline: Day | undefined, policy: Policy, now: Date): DueStep | undefined {
  const { broker, refundAlarmDays } = policy;
  const today = inZone(inCalendar(now, policy), broker.timeZone).day;
  if (refundDeadline === undefined || refundDeadline < today) return undefined;
  const day = subtractBusinessDays(refundDeadline, refundAlarmDays, broker);
  const morning = brokerMorning(day, broker);
  const due = policy.calendar.pace
    ? now.getTime() + rehearsedMs(daysBetween(today, day), 'days', policy)
    : morning.getTime();
  const at = new Date(Math.max(due, now.getTime()));
  const count = `${workingDays(refundAlarmDays)} before ${longDay(refundDeadline)}`;
  return {
    name: 'refund',
    ...explainedStep(count, today, due > now.getTime() ? morning : inCalendar(now, policy), at, policy),
  };
}
