/**
 * Calendar days as `YYYY-MM-DD`, and their conversion to and from instants in New York, the time zone of CBP's clock. The
 * time zone of the process does not matter.
 */
export type Day = string;

/** Whether a text is an existing day. February 30 is not. */
export function isCalendarDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(midnightUtc(text)) && addDays(text, 0) === text;
}

const DAY_MS = 86_400_000;

const newYork = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** What a clock in New York shows. */
export interface WallClock {
  day: Day;
  hour: number;
  minute: number;
  second: number;
}

export function inNewYork(instant: Date): WallClock {
  const parts: Record<string, string> = {};
  for (const { type, value } of newYork.formatToParts(instant)) parts[type] = value;
  return {
    day: `${parts.year?.padStart(4, '0')}-${parts.month}-${parts.day}`,
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    second: Number(parts.second),
  };
}

/**
 * The instant at which a clock in New York shows this time. For the skipped hour in March, the instant as if the clock had
 * not changed yet. For the repeated hour in November, the first one.
 */
export function newYorkInstant(day: Day, hour: number, minute = 0, second = 0): Date {
  const asUtc = midnightUtc(day) + (hour * 3600 + minute * 60 + second) * 1000;
  // New York is four hours behind UTC in daylight saving time, otherwise five.
  for (const offset of [4, 5]) {
    const instant = new Date(asUtc + offset * 3_600_000);
    const shown = inNewYork(instant);
    if (shown.day === day && shown.hour === hour) return instant;
  }
  return new Date(asUtc + 5 * 3_600_000);
}

export function addDays(day: Day, days: number): Day {
  return new Date(midnightUtc(day) + days * DAY_MS).toISOString().slice(0, 10);
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
