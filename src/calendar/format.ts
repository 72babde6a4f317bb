import { type Day, inNewYork, weekday } from './day.js';

/** Dates and times for people, in US English and New York time, the same on every machine. */

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const FULL_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Tue Mar 3`. */
export function shortDay(day: Day): string {
  return `${WEEKDAYS[weekday(day)]} ${MONTHS[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(8))}`;
}

/** `Tue Mar 3, 2026`. */
export function longDay(day: Day): string {
  return `${shortDay(day)}, ${day.slice(0, 4)}`;
}

/** `Tue Mar 3`: the day in New York at an instant. */
export function dayAt(instant: Date): string {
  return shortDay(inNewYork(instant).day);
}

/** `5:40 PM ET`. */
export function hourAndMinute(instant: Date): string {
  const { hour, minute } = inNewYork(instant);
  return `${timeOfDay(hour, minute)} ET`;
}

/** `5:40:13 PM ET`. */
export function clock(instant: Date): string {
  const { hour, minute, second } = inNewYork(instant);
  return `${timeOfDay(hour, minute, second)} ET`;
}

/** `Tue Mar 3, 5:40 PM ET`. */
export function dayAndTime(instant: Date): string {
  return `${dayAt(instant)}, ${hourAndMinute(instant)}`;
}

/** `Tue Mar 3, 2026, 5:40 PM ET`, with seconds if there are any. */
export function longDayAndTime(instant: Date): string {
  const { day, hour, minute, second } = inNewYork(instant);
  return `${longDay(day)}, ${timeOfDay(hour, minute, second || undefined)} ET`;
}

/** `5:40 PM`, or `5:40:13 PM`. */
export function timeOfDay(hour: number, minute: number, second?: number): string {
  const seconds = second === undefined ? '' : `:${twoDigits(second)}`;
  return `${hour % 12 || 12}:${twoDigits(minute)}${seconds} ${hour < 12 ? 'AM' : 'PM'}`;
}

/** `March 3, 2026`: in an email. */
export function dateInWords(day: Day): string {
  return `${FULL_MONTHS[Number(day.slice(5, 7)) - 1]} ${Number(day.slice(8))}, ${day.slice(0, 4)}`;
}

/** `March 3, 2026`: the day in New York at an instant. */
export function dateInWordsAt(instant: Date): string {
  return dateInWords(inNewYork(instant).day);
}

/**
 * `March 3, 2026`: in an email.
 * @param at ISO instant or `YYYY-MM-DD`
 */
export function dayInWords(at: string): string {
  return at.includes('T') ? dateInWordsAt(new Date(at)) : dateInWords(at);
}

/** `March 3, 2026, 5:40 PM ET`: in an email. */
export function dateAndTimeInWords(instant: Date): string {
  const { hour, minute } = inNewYork(instant);
  return `${dateInWordsAt(instant)}, ${timeOfDay(hour, minute)} ET`;
}

/** `1 business day`, `4 business days`. */
export function businessDays(count: number): string {
  return `${count} business ${count === 1 ? 'day' : 'days'}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
