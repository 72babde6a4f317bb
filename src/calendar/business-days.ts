import { addDays, type Day, inNewYork, isWeekend, newYorkInstant, yearOf } from './day.js';
import { federalHolidays } from './federal-holidays.js';
import type { CalendarPolicy, Closures } from './policy.js';

/**
 * Business days as CBP defines them (19 CFR 101.1 and 101.6): Monday to Friday, except national holidays and announced
 * closures. No rule says how to count "3 to 5 business days". Here the day of receipt, "day zero", does not count, and
 * anything that arrives at or after the cut-off hour, or on a weekend or holiday, counts as received on the next business
 * day.
 */

export interface DayZero {
  date: Day;
  /** Why it is not the day of receipt. Absent if it is. */
  because?: 'cut-off' | 'weekend' | 'closed';
}

/** Why no one works on a weekday. */
export interface Closure {
  /** "Independence Day, observed", or the configured reason. */
  reason: string;
  /** The same in our own words only. */
  brief: string;
}

/** Undefined if it is a working day. Weekends are not closures. */
export function closureOn(day: Day, calendar: Closures): Closure | undefined {
  const federal = calendar.federalHolidays ?? true;
  const holiday = federal ? holidaysOf(yearOf(day), calendar.inaugurationDay).get(day) : undefined;
  if (holiday !== undefined) return { reason: holiday, brief: holiday };
  const announced = calendar.extraClosures.find(({ date }) => date === day);
  return announced && { reason: announced.reason, brief: 'announced closure' };
}

/** CBP's business day, or the broker's working day. */
export function isBusinessDay(day: Day, calendar: Closures): boolean {
  return !isWeekend(day) && closureOn(day, calendar) === undefined;
}

/** The business day that an instant counts as: its own day in New York if before the cut-off, otherwise the next one. */
export function dayZero(instant: Date, calendar: CalendarPolicy): DayZero {
  const { day, hour } = inNewYork(instant);
  if (isWeekend(day)) return { date: nextBusinessDay(day, calendar), because: 'weekend' };
  if (!isBusinessDay(day, calendar)) return { date: nextBusinessDay(day, calendar), because: 'closed' };
  if (hour >= calendar.cutOffHour) return { date: nextBusinessDay(day, calendar), because: 'cut-off' };
  return { date: day };
}

/** The nth business day after a day. */
export function addBusinessDays(day: Day, count: number, calendar: Closures): Day {
  let current = day;
  for (let left = count; left > 0; left--) current = nextBusinessDay(current, calendar);
  return current;
}

/** The nth business day before a day. */
export function subtractBusinessDays(day: Day, count: number, calendar: Closures): Day {
  let current = day;
  for (let left = count; left > 0; left--) current = businessDayUpTo(addDays(current, -1), calendar);
  return current;
}

/** The day itself if it is a business day, otherwise the next one. */
export function businessDayFrom(day: Day, calendar: Closures): Day {
  return isBusinessDay(day, calendar) ? day : nextBusinessDay(day, calendar);
}

/** The day itself if it is a business day, otherwise the one before. */
export function businessDayUpTo(day: Day, calendar: Closures): Day {
  let current = day;
  while (!isBusinessDay(current, calendar)) current = addDays(current, -1);
  return current;
}

/**
 * How many business days passed between two instants, counted like deadlines: from day zero of the first to the New York
 * day of the second. 0 if the second is not later. In a rehearsal, whole business days at its pace.
 */
export function businessDaysBetween(a: Date, b: Date, calendar: CalendarPolicy): number {
  if (calendar.pace)
    return Math.max(0, Math.floor((b.getTime() - a.getTime()) / (calendar.pace.secondsPerBusinessDay * 1000)));
  const end = inNewYork(b).day;
  let count = 0;
  for (let day = nextBusinessDay(dayZero(a, calendar).date, calendar); day <= end; day = nextBusinessDay(day, calendar))
    count++;
  return count;
}

/** When a business day ends: its cut-off hour in New York. */
export function endOf(day: Day, calendar: CalendarPolicy): Date {
  return newYorkInstant(day, calendar.cutOffHour);
}

function nextBusinessDay(day: Day, calendar: Closures): Day {
  let next = addDays(day, 1);
  while (!isBusinessDay(next, calendar)) next = addDays(next, 1);
  return next;
}

const known = new Map<string, Map<Day, string>>();

function holidaysOf(year: number, inaugurationDay: boolean): Map<Day, string> {
  const key = `${year} ${inaugurationDay}`;
  const cached = known.get(key);
  if (cached) return cached;
  const holidays = new Map(
    federalHolidays(year, { inaugurationDay }).map(({ date, name, insteadOf }) => [
      date,
      insteadOf ? `${name}, observed` : name,
    ]),
  );
  known.set(key, holidays);
  return holidays;
}
