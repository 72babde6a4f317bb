import type { ClockStart, DueStep, StepKind, StepName } from '../workflows/contract/waits.js';
import { addBusinessDays, businessDayFrom, businessDayUpTo } from './business-days.js';
import { addDays, type Day, inNewYork, inZone, isWeekend, NEW_YORK, yearOf } from './day.js';
import { deadline, LAST_YEAR, paceInWords, rehearsedInstant, skippedBetween } from './deadline.js';
import { businessDays, dayAndTime, hourAndMinute, longDay, shortDay } from './format.js';
import { brokerMorning, clientMorning, nextClientHour } from './office-hours.js';
import type { Policy } from './policy.js';

/** When the steps of a schedule are due, and how that is explained. */

/** One line of the schedule. */
export interface ScheduledStep {
  name: StepKind;
  /** A list, in order, makes numbered steps: `reminder-1`, `reminder-2`. No two of them fall on one day of the client. */
  after: number | number[];
  /** CBP's business days, the broker's working days, or calendar days. */
  of: 'cbp-days' | 'broker-days' | 'days' | 'seconds';
  /**
   * `client-hours`: moved to the next office hours of the client. `broker-hours`: when the broker's people start work, on
   * that day or their next working day; `broker-hours-before`: or on their last one before. Default: not moved, and
   * `cbp-days` end at CBP's cut-off.
   */
  in?: 'client-hours' | 'broker-hours' | 'broker-hours-before';
  /** What it is counted from. Default: the start of the wait. */
  from?: 'ask' | 'link-sent' | 'signed-in';
}

/** The steps of one line, in order. */
export function dueSteps(line: ScheduledStep, start: ClockStart, policy: Policy): DueStep[] {
  const { name, after } = line;
  if (typeof after === 'number') return [dueStep(name, { ...line, after }, start, policy)];
  const steps: DueStep[] = [];
  for (const days of after) {
    const numbered = `${name}-${steps.length + 1}` as StepName;
    steps.push(dueStep(numbered, { ...line, after: days }, start, policy, steps.at(-1)));
  }
  return steps;
}

/** A week after another step, on a working day of the broker. */
export function weekAfter(from: Date, policy: Policy): DueStep {
  const { broker } = policy;
  const zero = inZone(inCalendar(from, policy), broker.timeZone).day;
  const placed = brokerMorning(businessDayFrom(addDays(zero, 7), broker), broker);
  const at = policy.calendar.pace ? new Date(from.getTime() + rehearsedMs(7, 'days', policy)) : placed;
  return { name: 'weekly', ...explainedStep(`1 week from ${shortDay(zero)}`, zero, placed, at, policy) };
}

type OneStep = ScheduledStep & { after: number };

/** @param before the step before it in a numbered line */
function dueStep(name: StepName, step: OneStep, start: ClockStart, policy: Policy, before?: DueStep): DueStep {
  const from = originOf(step, start, policy);
  if (step.of === 'cbp-days' && !step.in) {
    const { at, explanation, brief } = deadline(from, step.after, policy.calendar);
    return { name, at, explanation, brief };
  }
  const timeZone = start.timeZone ?? NEW_YORK;
  const counted = countedFrom(inCalendar(from, policy), step, timeZone, policy);
  const paced = policy.calendar.pace !== undefined;
  const earliest = before && !paced ? nextDayOf(before, timeZone).getTime() : 0;
  const free = new Date(Math.max(counted.at.getTime(), earliest));
  const placed = moved(free, counted.day, step.in, timeZone, policy);
  const at = paced ? new Date(from.getTime() + rehearsedMs(step.after, step.of, policy)) : placed;
  const amount = `${counted.amount} from ${shortDay(counted.zero)}`;
  return { name, ...explainedStep(amount, counted.zero, placed, at, policy, counted.closed) };
}

/** In a rehearsal, the days that people state are of another calendar than the wait, so all is counted from its start. */
function originOf({ from }: ScheduledStep, start: ClockStart, policy: Policy): Date {
  const at = givenInstant(start.at);
  if (from === 'ask') return new Date(at.getTime() + policy.sendReconcileSeconds * 1000);
  if (policy.calendar.pace) return at;
  if (from === 'link-sent' && start.linkSentOn !== undefined) return brokerMorning(start.linkSentOn, policy.broker);
  return from === 'signed-in' && start.signedInAt !== undefined ? givenInstant(start.signedInAt) : at;
}

interface Counted {
  /** "2 working days". */
  amount: string;
  /** The day that is not counted. */
  zero: Day;
  /** The last day counted. */
  day: Day;
  at: Date;
  /** ": skips Fri Dec 25 (Christmas Day)", or empty. */
  closed: string;
}

function countedFrom(from: Date, { after, of, in: hours }: OneStep, timeZone: string, policy: Policy): Counted {
  const { broker, calendar } = policy;
  const zero = inZone(from, broker.timeZone).day;
  switch (of) {
    case 'seconds': {
      const at = new Date(from.getTime() + after * 1000);
      return { amount: plural(after, 'second'), zero, day: inZone(at, broker.timeZone).day, at, closed: '' };
    }
    case 'cbp-days': {
      const { pace: _, ...unhurried } = calendar;
      const { at, dueDate, dayZero } = deadline(from, after, unhurried);
      return { amount: businessDays(after), zero: dayZero.date, day: dueDate, at: new Date(at), closed: '' };
    }
    case 'days': {
      const day = addDays(zero, after);
      return { amount: plural(after, 'day'), zero, day, at: brokerMorning(day, broker), closed: '' };
    }
    case 'broker-days': {
      const forClient = hours === 'client-hours';
      // East of the broker, the client's next day may have begun.
      const clientDay = inZone(from, timeZone).day;
      const first = forClient && clientDay > zero ? clientDay : zero;
      const day = addBusinessDays(first, after, broker);
      const at = forClient ? clientMorning(day, timeZone) : brokerMorning(day, broker);
      return { amount: workingDays(after), zero: first, day, at, closed: closedBetween(first, day, policy) };
    }
  }
}

/** An instant on a day, or the day itself, moved into the office hours of the step. */
function moved(at: Date, day: Day, hours: ScheduledStep['in'], timeZone: string, { broker }: Policy): Date {
  if (hours === 'client-hours') return nextClientHour(at, timeZone, broker);
  if (hours === 'broker-hours') return brokerMorning(businessDayFrom(day, broker), broker);
  return hours === 'broker-hours-before' ? brokerMorning(businessDayUpTo(day, broker), broker) : at;
}

function nextDayOf(step: DueStep, timeZone: string): Date {
  return clientMorning(addDays(inZone(new Date(step.at), timeZone).day, 1), timeZone);
}

/**
 * "2 working days from Wed Dec 23: skips Fri Dec 25 (Christmas Day); due Mon Dec 28, 9:00 AM ET". The brief one does not say
 * why days are skipped.
 */
export function explainedStep(
  count: string,
  zero: Day,
  placed: Date,
  at: Date,
  { calendar }: Policy,
  skipped = '',
): Omit<DueStep, 'name'> {
  const { day } = inNewYork(placed);
  const due = yearOf(day) === yearOf(zero) ? dayAndTime(placed) : `${longDay(day)}, ${hourAndMinute(placed)}`;
  const pace = calendar.pace ? ` (${paceInWords(calendar.pace, at)})` : '';
  return {
    at: at.toISOString(),
    explanation: `${count}${skipped}; due ${due}${pace}`,
    brief: `${count}; due ${due}${pace}`,
  };
}

function closedBetween(zero: Day, day: Day, { broker }: Policy): string {
  const closed = skippedBetween(zero, day, broker, 'reason').filter(({ date }) => !isWeekend(date));
  if (closed.length === 0) return '';
  return `: skips ${closed.map(({ date, reason }) => `${shortDay(date)} (${reason})`).join(', ')}`;
}

export const workingDays = (count: number) => plural(count, 'working day');
const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** How long something lasts in a rehearsal: a working week has five days, a calendar week as long has seven. */
export function rehearsedMs(count: number, of: ScheduledStep['of'], { calendar }: Policy): number {
  const day = (calendar.pace?.secondsPerBusinessDay ?? 0) * 1000;
  return count * (of === 'seconds' ? 1000 : of === 'days' ? (day * 5) / 7 : day);
}

/** The calendar's time at an instant: in a rehearsal, the rehearsed one. */
export function inCalendar(real: Date, { calendar }: Policy): Date {
  return calendar.pace ? rehearsedInstant(real, calendar.pace, calendar) : real;
}

/** @throws RangeError if it is not one, or too late to count from */
export function givenInstant(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() > LAST_YEAR)
    throw new RangeError(`"${text}" is not an instant to count from. Write it like 2026-11-25T15:00:00Z.`);
  return at;
}
