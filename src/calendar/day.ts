/**
 * Calendar days as `YYYY-MM-DD`, and their conversion to and from instants in a time zone. The time zone of the process does
 * not matter.
 */
export type Day = string;

/** The time zone of CBP's clock. */
export const NEW_YORK = 'America/New_York';

/** Whether a text is an existing day. February 30 is not. */
export function isCalendarDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(midnightUtc(text)) && addDays(text, 0) === text;
}

const DAY_MS = 86_400_000;

/** What a clock in some time zone shows. */
export interface WallClock {
  day: Day;
  hour: number;
  minute: number;
  second: number;
}

/** What a clock in a time zone shows at an instant. @throws RangeError if there is no such time zone */
export function inZone(instant: Date, zone: string): WallClock {
  const parts: Record<string, string> = {};
  for (const { type, value } of clockIn(zone).formatToParts(instant)) parts[type] = value;
  return {
    day: `${parts.year?.padStart(4, '0')}-${parts.month}-${parts.day}`,
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    second: Number(parts.second),
  };
}

export function inNewYork(instant: Date): WallClock {
  return inZone(instant, NEW_YORK);
}

/**
 * The instant at which a clock in a time zone shows this time. For an hour that is skipped in spring, the instant as if the
 * clock had not changed yet. For an hour that is repeated in fall, the first one.
 * @throws RangeError if there is no such time zone
 */
export function instantIn(zone: string, day: Day, hour: number, minute = 0, second = 0): Date {
  const asUtc = midnightUtc(day) + (hour * 3600 + minute * 60 + second) * 1000;
  // No clock changes twice within two days, so one of these is the offset at that time, and the first is the one before.
  const [before, after] = [offsetAt(asUtc - DAY_MS, zone), offsetAt(asUtc + DAY_MS, zone)];
  const shown = [asUtc - before, asUtc - after].filter((instant) => offsetAt(instant, zone) === asUtc - instant);
  return new Date(shown.length > 0 ? Math.min(...shown) : asUtc - before);
}

/** @param instant ISO instant */
export function newYorkDayOf(instant: string): Day {
  return inNewYork(new Date(instant)).day;
}

export function newYorkInstant(day: Day, hour: number, minute = 0, second = 0): Date {
  return instantIn(NEW_YORK, day, hour, minute, second);
}

/** Whether a text is the name of a time zone with its own rules, such as America/Chicago. `EST` and `-05:00` are not. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]\w*(\/[\w+-]+)+$/.test(text)) return false;
  try {
    clockIn(text);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds that a zone is ahead of UTC. */
function offsetAt(instant: number, zone: string): number {
  const { day, hour, minute, second } = inZone(new Date(instant), zone);
  const shown = midnightUtc(day) + (hour * 3600 + minute * 60 + second) * 1000;
  return shown - Math.floor(instant / 1000) * 1000;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockIn(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  clocks.set(zone, clock);
  return clock;
}

export function addDays(day: Day, days: number): Day {
  return new Date(midnightUtc(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Calendar days from one day to another. Negative if that is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return (midnightUtc(to) - midnightUtc(from)) / DAY_MS;
}

/** 0 is Sunday. */
export function weekday(day: Day): number {
  return new Date(midnightUtc(day)).getUTCDay();
}

export function isWeekend(day: Day): boolean {
  const number = weekday(day);
  return number === 0 || number === 6;
}

export function dayOf(year: number, month: number, date: number): Day {
  return new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10);
}

export function yearOf(day: Day): number {
  return Number(day.slice(0, 4));
}

function midnightUtc(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}
