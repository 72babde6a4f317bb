import { isCalendarDay } from '../calendar/day.js';
import { longDay, longDayAndTime } from '../calendar/format.js';

/** `Wed Nov 25, 2026, 3:03 PM ET` for an ISO instant, `Wed Nov 25, 2026` for a day, and anything else as it is. */
export function forPeople(at: string): string {
  if (isCalendarDay(at)) return longDay(at);
  const instant = new Date(at);
  return Number.isNaN(instant.getTime()) ? at : longDayAndTime(instant);
}
