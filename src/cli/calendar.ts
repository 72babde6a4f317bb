import { Command, InvalidArgumentError, Option } from 'commander';
import { inNewYork, isCalendarDay, newYorkInstant } from '../calendar/day.js';
import { deadline, LAST_YEAR } from '../calendar/deadline.js';
import { federalHolidays } from '../calendar/federal-holidays.js';
import { longDay } from '../calendar/format.js';
import type { CalendarPolicy } from '../calendar/policy.js';
import { readCalendarPolicy } from '../config/read-config.js';
import { printResult } from '../process/output.js';
import { lines, plain } from '../process/plain-text-output.js';
import { exampleLines, examples } from './command-help.js';

/** `calendar`: explains deadlines. Needs no server, and reads only `CALENDAR_…` of the configuration. */
export function calendarCommand(): Command {
  return new Command('calendar')
    .summary("show CBP's business days: deadlines and closed days")
    .description('Shows when a deadline is and why, and on which days CBP is closed.')
    .addCommand(dueCommand())
    .addCommand(holidaysCommand());
}

function dueCommand(): Command {
  return new Command('due')
    .summary('explain a deadline')
    .description(
      'Explains when a number of business days ends. Counting starts on the business day after the moment you give. A moment at or after the cut-off hour, or on a day when CBP is closed, belongs to the next business day.',
    )
    .configureHelp(
      exampleLines([
        '$ ace-onboarding calendar due --from 2026-11-25T14:30 --days 5',
        '$ ace-onboarding calendar due --from 2026-11-25T22:30:00Z --days 5 --json',
        '$ CALENDAR_EXTRA_CLOSURES="2026-12-24=executive order" ace-onboarding calendar due --from 2026-12-23 --days 3',
      ]),
    )
    .requiredOption(
      '--from <DATETIME>',
      'the moment: 2026-11-25T14:30 (New York time), 2026-11-25T14:30:00-05:00 or …Z (with its time zone), 2026-11-25 (that day in New York, before the cut-off), or "now"',
      parseMoment,
    )
    .requiredOption('--days <N>', 'business days, from 0 to 2000', parseDays)
    .option('--json', 'print from, dayZero, days, dueDate, dueAt, skipped and explanation as JSON')
    .addHelpText('after', '\nReads CALENDAR_CUT_OFF_HOUR, CALENDAR_EXTRA_CLOSURES and CALENDAR_INAUGURATION_DAY.')
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
    .summary('list the days of a year when CBP is closed')
    .description(
      'Lists the days of a year, other than weekends, when CBP is closed: federal holidays as observed, and configured closures.',
    )
    .configureHelp(examples('calendar holidays --year 2027'))
    .addOption(
      new Option('--year <YEAR>', 'calendar year').argParser(parseYear).default(currentYear(), 'this year in New York'),
    )
    .option('--json', 'print a list of { date, reason } as JSON')
    .action(({ year, json }: { year: number; json?: boolean }) => {
      const days = closedDays(year, readCalendarPolicy());
      printResult(json, days, () => lines(days.map(({ date, reason }) => plain`${date}  ${longDay(date)}  ${reason}`)));
    });
}

/** Each day once, with its first reason, as explanations of deadlines give it. */
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

/** Today's law on federal holidays goes back to this year. */
const FIRST_YEAR = 1986;

/** A function, so that "now" is when the command runs. */
type Moment = () => Date;

function parseMoment(text: string): Moment {
  if (text === 'now') return () => new Date();
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  const [, day = '', hour, minute, second, zone] = match ?? [];
  if (!isCalendarDay(day))
    throw new InvalidArgumentError(
      /^\d{4}-\d{2}-\d{2}/.test(text)
        ? 'This day or time does not exist. Write it like 2026-11-25T14:30.'
        : 'Write a date and time like 2026-11-25T14:30 (New York time), 2026-11-25T14:30:00-05:00, or 2026-11-25.',
    );
  const year = Number(day.slice(0, 4));
  if (year < FIRST_YEAR || year >= LAST_YEAR)
    throw new InvalidArgumentError(`Write a year from ${FIRST_YEAR} to ${LAST_YEAR - 1}.`);
  if (hour === undefined) return () => newYorkInstant(day, 0);
  if (zone) {
    const colon = zone.replace(/(\d{2})(\d{2})$/, '$1:$2');
    const instant = new Date(`${day}T${hour}:${minute}:${second ?? '00'}${colon}`);
    if (Number.isNaN(instant.getTime()))
      throw new InvalidArgumentError('This time zone does not exist. Write it like -05:00.');
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
