import { Command, InvalidArgumentError, Option } from 'commander';
import { inNewYork, isCalendarDay, newYorkInstant } from '../calendar/day.js';
import { deadline, LAST_YEAR } from '../calendar/deadline.js';
import { federalHolidays } from '../calendar/federal-holidays.js';
import { longDay } from '../calendar/format.js';
import type { CalendarPolicy } from '../calendar/policy.js';
import { readCalendarPolicy } from '../config/read-config.js';
import { printResult } from '../process/output.js';
import { lines, plain } from '../process/plain-text-output.js';

/** What any deadline comes from. Needs no server, and of the configuration only `CALENDAR_…`. */
export function calendarCommand(): Command {
  return new Command('calendar')
    .description("CBP's business days: what a deadline is and why, which days are none.")
    .addCommand(dueCommand())
    .addCommand(holidaysCommand());
}

function dueCommand(): Command {
  return new Command('due')
    .description(
      'Explains when so many business days are over, counted from a moment. The day of that moment is not counted; at or after the cut-off hour, or on a day that is no business day, it counts as the next business day.',
    )
    .requiredOption(
      '--from <DATETIME>',
      'the moment: 2026-11-25T14:30 (New York time), 2026-11-25T14:30:00-05:00 or …Z (that zone), or 2026-11-25 (that day in New York, before the cut-off); "now"',
      parseMoment,
    )
    .requiredOption('--days <N>', 'business days, from 0 to 2000', parseDays)
    .option('--json', 'print from, dayZero, days, dueDate, dueAt, skipped and explanation as JSON')
    .addHelpText(
      'after',
      `
Examples:
  ace-onboarding calendar due --from 2026-11-25T14:30 --days 5
  ace-onboarding calendar due --from 2026-11-25T22:30:00Z --days 5 --json
  CALENDAR_EXTRA_CLOSURES="2026-12-24=executive order" ace-onboarding calendar due --from 2026-12-23 --days 3

Reads CALENDAR_CUT_OFF_HOUR, CALENDAR_EXTRA_CLOSURES and CALENDAR_INAUGURATION_DAY.`,
    )
    .action((options: { from: Moment; days: number; json?: boolean }) => {
      const calendar = readCalendarPolicy();
      const found = deadline(options.from(), options.days, calendar);
      const { from, dayZero, days, dueDate, at, skipped, explanation } = found;
      printResult(options.json, { from, dayZero, days, dueDate, dueAt: at, skipped, explanation }, () =>
        lines([
          plain`${explanation}`,
          plain`Day zero is ${longDay(dayZero.date)}: ${dayZero.why}`,
          plain`Due at ${at}.`,
        ]),
      );
    });
}

function holidaysCommand(): Command {
  return new Command('holidays')
    .description(
      'Lists the days of a year, beside weekends, that are no business days: federal holidays as observed, and configured closures.',
    )
    .addOption(
      new Option('--year <YEAR>', 'calendar year').argParser(parseYear).default(currentYear(), 'this year in New York'),
    )
    .option('--json', 'print a list of { date, reason } as JSON')
    .addHelpText('after', '\nExample:\n  ace-onboarding calendar holidays --year 2027')
    .action(({ year, json }: { year: number; json?: boolean }) => {
      const days = closedDays(year, readCalendarPolicy());
      printResult(json, days, () => lines(days.map(({ date, reason }) => plain`${date}  ${longDay(date)}  ${reason}`)));
    });
}

/** Each day once, with the first of its reasons: that is what explains a deadline, too. */
function closedDays(year: number, calendar: CalendarPolicy): { date: string; reason: string }[] {
  const holidays = federalHolidays(year, calendar).map(({ date, name, insteadOf }) => ({
    date,
    reason: insteadOf ? `${name}, observed for ${longDay(insteadOf)}` : name,
  }));
  const closures = calendar.extraClosures.filter(({ date }) => date.startsWith(`${year}-`));
  const days = new Map<string, { date: string; reason: string }>();
  for (const day of [...holidays, ...closures]) if (!days.has(day.date)) days.set(day.date, day);
  return [...days.values()].sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** The law of today has held since then. */
const FIRST_YEAR = 1986;

/** Read when the command runs: "now" is then. */
type Moment = () => Date;

function parseMoment(text: string): Moment {
  if (text === 'now') return () => new Date();
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  const [, day = '', hour, minute, second, zone] = match ?? [];
  if (!isCalendarDay(day))
    throw new InvalidArgumentError(
      /^\d{4}-\d{2}-\d{2}/.test(text)
        ? 'There is no such day or time. Write it like 2026-11-25T14:30.'
        : 'Write a date and time like 2026-11-25T14:30 (New York time), 2026-11-25T14:30:00-05:00, or 2026-11-25.',
    );
  const year = Number(day.slice(0, 4));
  if (year < FIRST_YEAR || year >= LAST_YEAR)
    throw new InvalidArgumentError(`Write a year from ${FIRST_YEAR}, and before ${LAST_YEAR}.`);
  if (hour === undefined) return () => newYorkInstant(day, 0);
  if (zone) {
    const colon = zone.replace(/(\d{2})(\d{2})$/, '$1:$2');
    const instant = new Date(`${day}T${hour}:${minute}:${second ?? '00'}${colon}`);
    if (Number.isNaN(instant.getTime()))
      throw new InvalidArgumentError('There is no such time zone. Write it like -05:00.');
    return () => instant;
  }
  return () => newYorkInstant(day, Number(hour), Number(minute), Number(second ?? 0));
}

function parseDays(text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > 2000)
    throw new InvalidArgumentError('Write a whole number of business days from 0 to 2000.');
  return Number(text);
}

function parseYear(text: string): number {
  if (!/^\d{4}$/.test(text) || Number(text) < FIRST_YEAR || Number(text) > LAST_YEAR)
    throw new InvalidArgumentError(`Write a year from ${FIRST_YEAR} to ${LAST_YEAR}.`);
  return Number(text);
}

function currentYear(): number {
  return Number(inNewYork(new Date()).day.slice(0, 4));
}
