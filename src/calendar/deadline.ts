import { addBusinessDays, type Closure, closureOn, dayZero, endOf, isBusinessDay } from './business-days.js';
import { addDays, type Day, inNewYork, isWeekend, newYorkInstant, yearOf } from './day.js';
import { businessDays, clock, dayAndTime, longDay, shortDay, timeOfDay } from './format.js';
import type { CalendarPolicy, Closures, Deadline, Pace } from './policy.js';

/** A deadline with everything that led to it. */
export interface ExplainedDeadline extends Required<Deadline> {
  /** The start of the count, ISO instant. */
  from: string;
  days: number;
  /** The business day that `from` counts as. It is not counted itself. */
  dayZero: { date: Day; why: string };
  dueDate: Day;
  /** Days between day zero and the due date that are not counted, in order. */
  skipped: { date: Day; reason: string }[];
}

/** Even 2000 business days later, the year still has four digits. */
export const LAST_YEAR = 9980;

/**
 * When a number of business days after an instant have passed: at the cut-off hour, New York time, of the last one. In a
 * rehearsal (`calendar.pace`) it is due that many rehearsed days later, and the explanation gives the calendar date and
 * the pace.
 * @throws RangeError if `days` is not a whole number from 0 to 2000, or `from` is not a valid date up to `LAST_YEAR`
 */
export function deadline(from: Date, days: number, calendar: CalendarPolicy): ExplainedDeadline {
  if (!Number.isInteger(days) || days < 0 || days > 2000)
    throw new RangeError(`${days} is not a valid number of business days. Use a whole number from 0 to 2000.`);
  if (Number.isNaN(from.getTime())) throw new RangeError('A deadline cannot be counted from an invalid date.');
  if (from.getUTCFullYear() > LAST_YEAR)
    throw new RangeError(`A deadline cannot be counted from ${from.toISOString()}. The latest year is ${LAST_YEAR}.`);

  const counted = calendar.pace ? rehearsedInstant(from, calendar.pace, calendar) : from;
  const zero = dayZero(counted, calendar);
  const dueDate = addBusinessDays(zero.date, days, calendar);
  const at = calendar.pace
    ? new Date(from.getTime() + days * calendar.pace.secondsPerBusinessDay * 1000)
    : endOf(dueDate, calendar);
  const explained = (words: keyof Closure): Explained => {
    const shift = shiftOf(counted, zero.because, calendar, words);
    const skipped = skippedBetween(zero.date, dueDate, calendar, words);
    const explanation = [
      `${businessDays(days)} from ${shortDay(zero.date)}${shift ? ` (${shift})` : ''}`,
      skipped.length > 0 ? `: skips ${inWords(skipped)}` : '',
      `; due ${yearOf(dueDate) === yearOf(zero.date) ? shortDay(dueDate) : longDay(dueDate)}, ${cutOff(calendar)} ET`,
      calendar.pace ? ` (${paceInWords(calendar.pace, at)})` : '',
    ].join('');
    return { shift, skipped, explanation };
  };
  const { shift, skipped, explanation } = explained('reason');
  return {
    at: at.toISOString(),
    explanation,
    brief: explained('brief').explanation,
    from: from.toISOString(),
    days,
    dayZero: {
      date: zero.date,
      why: shift
        ? `${shift}; counted from the next business day.`
        : `${shortDay(zero.date)} is a business day, and it was before ${cutOff(calendar)} ET.`,
    },
    dueDate,
    skipped,
  };
}

interface Explained {
  shift: string | undefined;
  skipped: ExplainedDeadline['skipped'];
  explanation: string;
}

/** The rehearsal's calendar time at a real instant. */
export function rehearsedInstant(real: Date, pace: Pace, calendar: CalendarPolicy): Date {
  if (!pace.startingAt) return real;
  const start = new Date(pace.startingAt);
  const elapsedMs = pace.beganAt ? real.getTime() - Date.parse(pace.beganAt) : 0;
  const elapsed = Math.floor(elapsedMs / (pace.secondsPerBusinessDay * 1000));
  if (!(elapsed > 0)) return start;
  const { hour, minute } = inNewYork(start);
  const day = addBusinessDays(dayZero(start, calendar).date, elapsed, calendar);
  return newYorkInstant(day, Math.min(hour, calendar.cutOffHour - 1), minute);
}

/** Why an instant does not count as its own day. Undefined if it does. */
function shiftOf(
  instant: Date,
  because: ReturnType<typeof dayZero>['because'],
  calendar: CalendarPolicy,
  words: keyof Closure,
): string | undefined {
  const { day } = inNewYork(instant);
  switch (because) {
    case undefined:
      return undefined;
    case 'cut-off':
      return `${dayAndTime(instant)}: past the ${cutOff(calendar)} cut-off`;
    case 'weekend':
      return `${shortDay(day)}: weekend`;
    case 'closed':
      return `${shortDay(day)}: ${closureOn(day, calendar)?.[words]}`;
  }
}

/** The days after one day and before another that are not worked, in order. */
export function skippedBetween(
  dayZero: Day,
  dueDate: Day,
  calendar: Closures,
  words: keyof Closure,
): ExplainedDeadline['skipped'] {
  const skipped: ExplainedDeadline['skipped'] = [];
  for (let day = addDays(dayZero, 1); day < dueDate; day = addDays(day, 1))
    if (!isBusinessDay(day, calendar))
      skipped.push({ date: day, reason: isWeekend(day) ? 'weekend' : (closureOn(day, calendar)?.[words] ?? '') });
  return skipped;
}

/** "Thu Nov 26 (Thanksgiving Day), the weekend": closures by date, weekends by count. */
function inWords(skipped: ExplainedDeadline['skipped']): string {
  const closures = skipped
    .filter(({ date }) => !isWeekend(date))
    .map(({ date, reason }) => `${shortDay(date)} (${reason})`);
  // Weekends are always skipped whole, because neither day zero nor a due date is ever on one.
  const weekends = skipped.filter(({ date }) => isWeekend(date)).length / 2;
  if (weekends > 0) closures.push(weekends === 1 ? 'the weekend' : `${weekends} weekends`);
  return closures.join(', ');
}

function cutOff(calendar: CalendarPolicy): string {
  return timeOfDay(calendar.cutOffHour, 0);
}

export function paceInWords(pace: Pace, at: Date): string {
  return `rehearsal: a business day takes ${pace.secondsPerBusinessDay} s, so due at ${clock(at)}`;
}
