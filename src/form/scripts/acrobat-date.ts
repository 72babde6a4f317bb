/**
 * Dates and times as Acrobat's patterns write them: `mm/dd/yyyy`, `mmm d, yyyy`, `h:MM tt`. Lower-case m is the month,
 * upper-case M the minute. Source: Adobe, JavaScript for Acrobat API Reference, `util.printd`.
 */

interface Moment {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const two = (number: number): string => String(number).padStart(2, '0');

/** How each part of a pattern is written. */
const PARTS: Record<string, (moment: Moment) => string> = {
  yyyy: ({ year }) => String(year).padStart(4, '0'),
  yy: ({ year }) => two(year % 100),
  mmmm: ({ month }) => MONTHS[month - 1] ?? '',
  mmm: ({ month }) => (MONTHS[month - 1] ?? '').slice(0, 3),
  mm: ({ month }) => two(month),
  m: ({ month }) => String(month),
  dddd: (moment) => DAYS[weekday(moment)] ?? '',
  ddd: (moment) => (DAYS[weekday(moment)] ?? '').slice(0, 3),
  dd: ({ day }) => two(day),
  d: ({ day }) => String(day),
  HH: ({ hour }) => two(hour),
  H: ({ hour }) => String(hour),
  hh: ({ hour }) => two(1 + ((hour + 11) % 12)),
  h: ({ hour }) => String(1 + ((hour + 11) % 12)),
  MM: ({ minute }) => two(minute),
  M: ({ minute }) => String(minute),
  ss: ({ second }) => two(second),
  s: ({ second }) => String(second),
  tt: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  t: ({ hour }) => (hour < 12 ? 'a' : 'p'),
};

const TOKEN = /\\.|yyyy|yy|m{1,4}|d{1,4}|HH?|hh?|MM?|ss?|tt?|./gs;

/** What a part looks like when it is read: its own values come out of the text. */
const READ: Record<string, { as: string; into(text: string, moment: Partial<Moment>): void }> = {
  yyyy: number('\\d{4}', 'year'),
  // Acrobat takes two digits below 50 for 20xx, the others for 19xx.
  yy: { as: '\\d{2}', into: (text, moment) => put(moment, 'year', Number(text) + (Number(text) < 50 ? 2000 : 1900)) },
  mmmm: { as: MONTHS.join('|'), into: (text, moment) => put(moment, 'month', MONTHS.indexOf(text) + 1) },
  mmm: {
    as: MONTHS.map((name) => name.slice(0, 3)).join('|'),
    into: (text, moment) => put(moment, 'month', MONTHS.findIndex((name) => name.startsWith(text)) + 1),
  },
  mm: number('\\d{2}', 'month'),
  m: number('\\d{1,2}', 'month'),
  dddd: { as: DAYS.join('|'), into: () => {} },
  ddd: { as: DAYS.map((name) => name.slice(0, 3)).join('|'), into: () => {} },
  dd: number('\\d{2}', 'day'),
  d: number('\\d{1,2}', 'day'),
  HH: number('\\d{2}', 'hour'),
  H: number('\\d{1,2}', 'hour'),
  hh: number('\\d{2}', 'hour'),
  h: number('\\d{1,2}', 'hour'),
  MM: number('\\d{2}', 'minute'),
  M: number('\\d{1,2}', 'minute'),
  ss: number('\\d{2}', 'second'),
  s: number('\\d{1,2}', 'second'),
  tt: { as: 'am|pm', into: (text, moment) => afternoon(text, moment) },
  t: { as: 'a|p', into: (text, moment) => afternoon(text, moment) },
};

/** A year without February 29: Acrobat would take the year in which the form is opened. */
const ANY_YEAR = 2001;

/**
 * Whether a text is a date of the calendar, written as Acrobat would write it by this pattern. Acrobat takes more, such as
 * 4/1/26 for `mm/dd/yyyy`, but then shows something else than what was given.
 */
export function isWrittenAs(pattern: string, text: string): boolean {
  const moment = readMoment(pattern, text);
  return moment !== undefined && writeMoment(pattern, moment) === text;
}

/** The text that a date without a time, `YYYY-MM-DD`, has in this pattern. Undefined when the pattern asks for a time. */
export function isoDateAs(pattern: string, iso: string): string | undefined {
  const moment = readMoment('yyyy-mm-dd', iso);
  if (!moment || !isDayPattern(pattern)) return undefined;
  return writeMoment(pattern, moment);
}

/** The date, `YYYY-MM-DD`, that a text in this pattern says. Undefined when it says none, or not a whole one. */
export function isoDateOf(pattern: string, text: string): string | undefined {
  const moment = isWrittenAs(pattern, text) && /y/.test(pattern) ? readMoment(pattern, text) : undefined;
  const iso = moment && writeMoment('yyyy-mm-dd', moment);
  return iso !== undefined && isoDateAs(pattern, iso) === text ? iso : undefined;
}

/** The field map's format for this pattern, which writes years, months and days alone. */
export function mapFormatOf(pattern: string): string | undefined {
  return isDayPattern(pattern) && /^(?!.*ddd)[ymd/\-., ]+$/.test(pattern) ? pattern.toUpperCase() : undefined;
}

/** An example of the pattern, for people. */
export function exampleOf(pattern: string): string {
  return writeMoment(pattern, { year: 2026, month: 4, day: 1, hour: 15, minute: 5, second: 0 });
}

function isDayPattern(pattern: string): boolean {
  const parts = tokensOf(pattern).filter((token) => PARTS[token]);
  return parts.length > 0 && parts.every((token) => /^[ymd]/.test(token));
}

function tokensOf(pattern: string): string[] {
  return pattern.match(TOKEN) ?? [];
}

function writeMoment(pattern: string, moment: Moment): string {
  return tokensOf(pattern)
    .map((token) => PARTS[token]?.(moment) ?? (token.length > 1 ? token.slice(1) : token))
    .join('');
}

function readMoment(pattern: string, text: string): Moment | undefined {
  const tokens = tokensOf(pattern);
  const shape = tokens.map((token) => {
    const literal = token.length > 1 ? token.slice(1) : token;
    return READ[token] ? `(${READ[token].as})` : literal.replace(/[^\w\s]/g, '\\$&');
  });
  const match = new RegExp(`^${shape.join('')}$`).exec(text);
  if (!match) return undefined;
  const found: Partial<Moment> = {};
  for (const [index, token] of tokens.filter((one) => READ[one]).entries())
    READ[token]?.into(match[index + 1] ?? '', found);
  const moment = { year: ANY_YEAR, month: 1, day: 1, hour: 0, minute: 0, second: 0, ...found };
  const last = new Date(Date.UTC(moment.year, moment.month, 0)).getUTCDate();
  const exists = moment.month >= 1 && moment.month <= 12 && moment.day >= 1 && moment.day <= last && moment.year >= 100;
  return exists && moment.hour < 24 && moment.minute < 60 && moment.second < 60 ? moment : undefined;
}

function number(as: string, part: keyof Moment): { as: string; into(text: string, moment: Partial<Moment>): void } {
  return { as, into: (text, moment) => put(moment, part, Number(text)) };
}

function put(moment: Partial<Moment>, part: keyof Moment, value: number): void {
  moment[part] = value;
}

/** Comes after the hour in every pattern that Acrobat offers. */
function afternoon(text: string, moment: Partial<Moment>): void {
  moment.hour = ((moment.hour ?? 0) % 12) + (text.startsWith('p') ? 12 : 0);
}

function weekday({ year, month, day }: Moment): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}
