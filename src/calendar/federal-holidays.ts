import { addDays, type Day, dayOf, weekday } from './day.js';

/** A day off for federal staff who work Monday to Friday. */
export interface FederalHoliday {
  /** The day off, which is never on a weekend. */
  date: Day;
  name: string;
  /** The holiday itself, if it falls on a weekend and another day is off instead. */
  insteadOf?: Day;
}

const MONDAY = 1;
const THURSDAY = 4;

/**
 * The days off in a calendar year, in order. 5 U.S.C. 6103(a) lists the holidays. Under 6103(b) and Executive Order 11582,
 * a holiday on a Saturday is observed on Friday, and one on a Sunday on Monday. So a year can end with the day off for the
 * next New Year's Day, and have none at its own start. Correct from 1986, and for Juneteenth from 2021.
 */
export function federalHolidays(year: number, options: { inaugurationDay?: boolean } = {}): FederalHoliday[] {
  const holidays = [...nominalHolidays(year), { name: NEW_YEAR, day: dayOf(year + 1, 1, 1) }]
    .map(observed)
    .filter(({ date }) => date.startsWith(String(year)));
  const inauguration = options.inaugurationDay ? inaugurationDay(year) : undefined;
  if (inauguration && !holidays.some(({ date }) => date === inauguration.date)) holidays.push(inauguration);
  return holidays.sort((a, b) => (a.date < b.date ? -1 : 1));
}

const NEW_YEAR = "New Year's Day";

function nominalHolidays(year: number): { name: string; day: Day }[] {
  return [
    { name: NEW_YEAR, day: dayOf(year, 1, 1) },
    { name: 'Birthday of Martin Luther King, Jr.', day: nth(3, MONDAY, year, 1) },
    { name: "Washington's Birthday", day: nth(3, MONDAY, year, 2) },
    { name: 'Memorial Day', day: last(MONDAY, year, 5) },
    // Public Law 117-17, signed June 17, 2021.
    ...(year >= 2021 ? [{ name: 'Juneteenth National Independence Day', day: dayOf(year, 6, 19) }] : []),
    { name: 'Independence Day', day: dayOf(year, 7, 4) },
    { name: 'Labor Day', day: nth(1, MONDAY, year, 9) },
    { name: 'Columbus Day', day: nth(2, MONDAY, year, 10) },
    { name: 'Veterans Day', day: dayOf(year, 11, 11) },
    { name: 'Thanksgiving Day', day: nth(4, THURSDAY, year, 11) },
    { name: 'Christmas Day', day: dayOf(year, 12, 25) },
  ];
}

function observed({ name, day }: { name: string; day: Day }): FederalHoliday {
  const shift = [1, 0, 0, 0, 0, 0, -1][weekday(day)] ?? 0;
  return shift === 0 ? { date: day, name } : { date: addDays(day, shift), name, insteadOf: day };
}

/**
 * 5 U.S.C. 6103(c): January 20 every fourth year after 1965. If it is a Sunday, the Monday after; if it is a Saturday,
 * there is no day off. Only for staff in and around Washington, so it is an option.
 */
function inaugurationDay(year: number): FederalHoliday | undefined {
  if (year % 4 !== 1) return undefined;
  const day = dayOf(year, 1, 20);
  if (weekday(day) === 6) return undefined;
  return weekday(day) === 0
    ? { date: addDays(day, 1), name: 'Inauguration Day', insteadOf: day }
    : { date: day, name: 'Inauguration Day' };
}

function nth(n: number, dayOfWeek: number, year: number, month: number): Day {
  const first = dayOf(year, month, 1);
  return addDays(first, ((dayOfWeek - weekday(first) + 7) % 7) + 7 * (n - 1));
}

function last(dayOfWeek: number, year: number, month: number): Day {
  const end = addDays(dayOf(year, month + 1, 1), -1);
  return addDays(end, -((weekday(end) - dayOfWeek + 7) % 7));
}
