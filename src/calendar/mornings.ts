import { addBusinessDays, businessDayFrom, businessDayUpTo } from './business-days.js';
import { addDays, type Day, instantIn, inZone, weekday } from './day.js';
import type { BrokerCalendar, CalendarPolicy, Pace } from './policy.js';

/**
 * When the broker's people get their digests: at one hour of each of the broker's working days. In a rehearsal, at the
 * beginning of each rehearsed day.
 */
export interface Morning {
  /** Names it: `2026-12-01`, or `rehearsed-12`. */
  name: string;
  /** The day in the broker's time zone, which says who is there. */
  day: Day;
  /** ISO instant. */
  at: string;
  /** Names its week. The first digest of a week comes with the managers' weekly one. */
  week: string;
}

export interface MorningPolicy {
  calendar: CalendarPolicy;
  broker: BrokerCalendar;
  /** In the broker's time zone. */
  digestHour: number;
}

/** The morning that has begun last by an instant. */
export function morningAt(now: Date, policy: MorningPolicy): Morning {
  const { pace } = policy.calendar;
  if (pace) return rehearsedMorning(rehearsedDays(now, pace), pace, policy);
  const { day } = inZone(now, policy.broker.timeZone);
  const today = businessDayUpTo(day, policy.broker);
  const morning = morningOf(today, policy);
  return Date.parse(morning.at) <= now.getTime()
    ? morning
    : morningOf(businessDayUpTo(addDays(today, -1), policy.broker), policy);
}

/** The morning after another one, by its name. Undefined if the name is from another calendar: real or rehearsed. */
export function morningAfter(name: string, policy: MorningPolicy): Morning | undefined {
  const { pace } = policy.calendar;
  const number = /^rehearsed-(\d+)$/.exec(name)?.[1];
  if (pace) return number === undefined ? undefined : rehearsedMorning(Number(number) + 1, pace, policy);
  if (number !== undefined) return undefined;
  return morningOf(businessDayFrom(addDays(name, 1), policy.broker), policy);
}

/** Whether a morning is the first of its week, for someone who has no earlier one to compare it with. */
export function isFirstOfWeek(morning: Morning, policy: MorningPolicy): boolean {
  if (policy.calendar.pace) return rehearsedNumber(morning.name) % REHEARSED_WEEK === 0;
  return morning.day === businessDayFrom(mondayOf(morning.day), policy.broker);
}

function morningOf(day: Day, { broker, digestHour }: MorningPolicy): Morning {
  return { name: day, day, at: instantIn(broker.timeZone, day, digestHour).toISOString(), week: mondayOf(day) };
}

function mondayOf(day: Day): Day {
  return addDays(day, -((weekday(day) + 6) % 7));
}

const REHEARSED_WEEK = 5;

function rehearsedMorning(number: number, pace: Pace, { calendar, broker }: MorningPolicy): Morning {
  const at = rehearsalBegan(pace) + number * pace.secondsPerBusinessDay * 1000;
  const first = inZone(new Date(pace.startingAt ?? at), broker.timeZone).day;
  return {
    name: `rehearsed-${number}`,
    day: pace.startingAt ? addBusinessDays(businessDayFrom(first, calendar), number, calendar) : first,
    at: new Date(at).toISOString(),
    week: `rehearsed-${Math.floor(number / REHEARSED_WEEK)}`,
  };
}

function rehearsedDays(now: Date, pace: Pace): number {
  return Math.max(0, Math.floor((now.getTime() - rehearsalBegan(pace)) / (pace.secondsPerBusinessDay * 1000)));
}

function rehearsalBegan(pace: Pace): number {
  return pace.beganAt ? Date.parse(pace.beganAt) : 0;
}

function rehearsedNumber(name: string): number {
  return Number(name.replace('rehearsed-', ''));
}
