import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { businessDaysBetween, isBusinessDay } from '../../../src/calendar/business-days.js';
import { addDays, inNewYork, newYorkInstant } from '../../../src/calendar/day.js';
import { deadline, LAST_YEAR } from '../../../src/calendar/deadline.js';
import type { CalendarPolicy } from '../../../src/calendar/policy.js';
import { POLICY } from '../../support/usual-policy.js';

const { calendar } = POLICY;

const morning = (day: string) => newYorkInstant(day, 10);
const due = (day: string, days: number, policy: CalendarPolicy = calendar) =>
  deadline(morning(day), days, policy).dueDate;

describe('business days', () => {
  it.each([
    ['2026-06-30', '2026-07-06', '2026-07-08'],
    ['2026-11-06', '2026-11-12', '2026-11-16'],
    ['2026-11-20', '2026-11-25', '2026-11-30'],
    ['2026-11-25', '2026-12-01', '2026-12-03'],
    ['2026-12-23', '2026-12-29', '2026-12-31'],
    ['2026-12-30', '2027-01-05', '2027-01-07'],
    ['2027-06-17', '2027-06-23', '2027-06-25'],
    ['2027-07-01', '2027-07-07', '2027-07-09'],
    ['2027-12-23', '2027-12-29', '2028-01-03'],
    ['2027-12-29', '2028-01-04', '2028-01-06'],
  ])('the third business day from %s is %s and the fifth is %s', (from, third, fifth) => {
    expect(due(from, 3)).toBe(third);
    expect(due(from, 5)).toBe(fifth);
  });

  it('announced closures do not count', () => {
    const closed = { ...calendar, extraClosures: [{ date: '2026-12-24', reason: 'executive order' }] };
    expect(due('2026-12-23', 3, closed)).toBe('2026-12-30');
    expect(deadline(morning('2026-12-23'), 3, closed).explanation).toContain(
      'skips Thu Dec 24 (executive order), Fri Dec 25',
    );
    expect(due('2026-12-24', 1, closed)).toBe('2026-12-29');
  });

  it('the brief explanation mentions a closure without the reason that people gave', () => {
    const closed = { ...calendar, extraClosures: [{ date: '2026-12-24', reason: 'Jane Doe funeral' }] };
    expect(deadline(morning('2026-12-23'), 3, closed).brief).toBe(
      '3 business days from Wed Dec 23: skips Thu Dec 24 (announced closure), Fri Dec 25 (Christmas Day), the weekend; due Wed Dec 30, 5:00 PM ET',
    );
    expect(deadline(morning('2026-12-24'), 1, closed).brief).toContain('(Thu Dec 24: announced closure)');
    const open = deadline(morning('2026-11-25'), 5, calendar);
    expect(open.brief).toBe(open.explanation);
  });

  it('Inauguration Day counts as a business day unless configured otherwise', () => {
    expect(due('2033-01-19', 1)).toBe('2033-01-20');
    expect(due('2033-01-19', 1, { ...calendar, inaugurationDay: true })).toBe('2033-01-21');
  });
});

describe('day zero', () => {
  const zero = (day: string, hour: number, minute = 0, second = 0) =>
    deadline(newYorkInstant(day, hour, minute, second), 1, calendar).dayZero;

  it('is the day of receipt until the last second before the cut-off', () => {
    expect(zero('2026-03-03', 0, 0, 0).date).toBe('2026-03-03');
    expect(zero('2026-03-03', 16, 59, 59)).toEqual({
      date: '2026-03-03',
      why: 'Tue Mar 3 is a business day, and it was before 5:00 PM ET.',
    });
  });

  it('is the next business day from the cut-off on', () => {
    expect(zero('2026-03-03', 17)).toEqual({
      date: '2026-03-04',
      why: 'Tue Mar 3, 5:00 PM ET: past the 5:00 PM cut-off; counted from the next business day.',
    });
    expect(zero('2026-03-06', 23, 59).date).toBe('2026-03-09');
  });

  it('is the next business day after a weekend, a holiday or a closure', () => {
    expect(zero('2026-03-07', 9)).toEqual({
      date: '2026-03-09',
      why: 'Sat Mar 7: weekend; counted from the next business day.',
    });
    expect(zero('2026-11-26', 9)).toEqual({
      date: '2026-11-27',
      why: 'Thu Nov 26: Thanksgiving Day; counted from the next business day.',
    });
    const closed = { ...calendar, extraClosures: [{ date: '2026-12-24', reason: 'executive order' }] };
    expect(deadline(morning('2026-12-24'), 1, closed).dayZero.date).toBe('2026-12-28');
  });

  it('follows the configured cut-off hour', () => {
    expect(deadline(newYorkInstant('2026-03-03', 15), 1, { ...calendar, cutOffHour: 15 }).dayZero.date).toBe(
      '2026-03-04',
    );
  });
});

describe('the explanation', () => {
  it.each<[string, Date, number, string]>([
    [
      'names holidays and the weekend',
      morning('2026-11-25'),
      5,
      '5 business days from Wed Nov 25: skips Thu Nov 26 (Thanksgiving Day), the weekend; due Thu Dec 3, 5:00 PM ET',
    ],
    ['skips nothing', morning('2026-03-02'), 1, '1 business day from Mon Mar 2; due Tue Mar 3, 5:00 PM ET'],
    [
      'says why it counts from another day',
      newYorkInstant('2026-11-25', 17, 40),
      5,
      '5 business days from Fri Nov 27 (Wed Nov 25, 5:40 PM ET: past the 5:00 PM cut-off): skips the weekend; due Fri Dec 4, 5:00 PM ET',
    ],
    [
      'names a new month, a new year and observed holidays',
      morning('2027-12-20'),
      10,
      "10 business days from Mon Dec 20: skips Fri Dec 24 (Christmas Day, observed), Fri Dec 31 (New Year's Day, observed), 2 weekends; due Wed Jan 5, 2028, 5:00 PM ET",
    ],
    [
      'names the month of a closure in the next month',
      morning('2026-12-30'),
      3,
      "3 business days from Wed Dec 30: skips Fri Jan 1 (New Year's Day), the weekend; due Tue Jan 5, 2027, 5:00 PM ET",
    ],
  ])('%s', (_, from, days, explanation) => {
    expect(deadline(from, days, calendar).explanation).toBe(explanation);
  });

  it('lists every day skipped, with its reason', () => {
    expect(deadline(morning('2026-11-25'), 5, calendar).skipped).toEqual([
      { date: '2026-11-26', reason: 'Thanksgiving Day' },
      { date: '2026-11-28', reason: 'weekend' },
      { date: '2026-11-29', reason: 'weekend' },
    ]);
  });
});

describe('clock changes', () => {
  it.each([
    ['spring forward, Sunday 8 March 2026', '2026-03-06', '2026-03-09T21:00:00.000Z'],
    ['fall back, Sunday 1 November 2026', '2026-10-30', '2026-11-02T22:00:00.000Z'],
  ])('%s: the deadline stays at 5:00 PM in New York', (_, from, at) => {
    const found = deadline(morning(from), 1, calendar);
    expect(found.at).toBe(at);
    expect(inNewYork(new Date(found.at)).hour).toBe(17);
  });

  it('a skipped or repeated hour still converts to an instant', () => {
    expect(newYorkInstant('2026-03-08', 2, 30).toISOString()).toBe('2026-03-08T07:30:00.000Z');
    expect(newYorkInstant('2026-11-01', 1, 30).toISOString()).toBe('2026-11-01T05:30:00.000Z');
  });
});

describe('for all dates', () => {
  const instant = fc.date({ min: new Date('2020-01-01'), max: new Date('2045-01-01'), noInvalidDate: true });
  const days = fc.integer({ min: 0, max: 30 });
  const closures = fc.array(
    fc
      .date({ min: new Date('2020-01-01'), max: new Date('2045-01-01'), noInvalidDate: true })
      .map((date) => ({ date: date.toISOString().slice(0, 10), reason: 'closed' })),
    { maxLength: 5 },
  );
  const calendars = fc.record({
    cutOffHour: fc.integer({ min: 1, max: 23 }),
    extraClosures: closures,
    inaugurationDay: fc.boolean(),
  });

  it('a deadline is on a business day, at the cut-off hour in New York, after the start of the count', () => {
    fc.assert(
      fc.property(instant, days, calendars, (from, n, policy) => {
        const found = deadline(from, n, policy);
        const { day, hour, minute, second } = inNewYork(new Date(found.at));
        expect([day, hour, minute, second]).toEqual([found.dueDate, policy.cutOffHour, 0, 0]);
        expect(isBusinessDay(day, policy)).toBe(true);
        expect(Date.parse(found.at)).toBeGreaterThan(from.getTime());
      }),
    );
  });

  it('counted days plus skipped days are all the days in between', () => {
    fc.assert(
      fc.property(instant, days, calendars, (from, n, policy) => {
        const found = deadline(from, n, policy);
        expect(addDays(found.dayZero.date, n + found.skipped.length)).toBe(found.dueDate);
      }),
    );
  });

  it('at the deadline, as many business days have passed as were counted', () => {
    fc.assert(
      fc.property(instant, days, calendars, (from, n, policy) => {
        const at = new Date(deadline(from, n, policy).at);
        expect(businessDaysBetween(from, at, policy)).toBe(n);
        if (n > 0) expect(businessDaysBetween(at, from, policy)).toBe(0);
      }),
    );
  });

  it('a later start, more days or another closure never make a deadline earlier', () => {
    fc.assert(
      fc.property(instant, fc.nat(10 * 86_400_000), days, calendars, instant, (from, later, n, policy, closed) => {
        const base = Date.parse(deadline(from, n, policy).at);
        expect(Date.parse(deadline(new Date(from.getTime() + later), n, policy).at)).toBeGreaterThanOrEqual(base);
        expect(Date.parse(deadline(from, n + 1, policy).at)).toBeGreaterThan(base);
        const more = {
          ...policy,
          extraClosures: [...policy.extraClosures, { date: closed.toISOString().slice(0, 10), reason: 'closed' }],
        };
        expect(Date.parse(deadline(from, n, more).at)).toBeGreaterThanOrEqual(base);
      }),
    );
  });

  it.each([-1, 1.5, Number.NaN, 2001])('%d is refused as a number of business days', (n) => {
    expect(() => deadline(new Date(), n, calendar)).toThrow(RangeError);
  });
  it('an invalid date is refused', () => {
    expect(() => deadline(new Date('no'), 1, calendar)).toThrow(RangeError);
    expect(() => deadline(new Date('9999-12-30T12:00:00Z'), 3, calendar)).toThrow(RangeError);
    expect(deadline(new Date(`${LAST_YEAR}-12-30T12:00:00Z`), 2000, calendar).dueDate).toMatch(/^99\d\d-/);
  });
});

describe('business days between', () => {
  it('match what an operator would count', () => {
    expect(businessDaysBetween(morning('2026-03-03'), morning('2026-03-09'), calendar)).toBe(4);
    expect(businessDaysBetween(morning('2026-03-03'), newYorkInstant('2026-03-03', 23), calendar)).toBe(0);
    expect(businessDaysBetween(morning('2026-11-25'), morning('2026-11-29'), calendar)).toBe(1);
  });
});

describe('a rehearsal', () => {
  const from = new Date('2026-08-05T18:00:00Z');
  const pace = { secondsPerBusinessDay: 2 };

  it('makes a business day last as long as configured', () => {
    expect(deadline(from, 5, { ...calendar, pace }).at).toBe('2026-08-05T18:00:10.000Z');
    expect(deadline(from, 1, { ...calendar, pace: { secondsPerBusinessDay: 0.25 } }).at).toBe(
      '2026-08-05T18:00:00.250Z',
    );
  });

  it('explains the calendar date, the pace and the real due time', () => {
    const startingAt = '2026-11-25T10:00:00-05:00';
    expect(deadline(from, 5, { ...calendar, pace: { ...pace, startingAt } }).explanation).toBe(
      '5 business days from Wed Nov 25: skips Thu Nov 26 (Thanksgiving Day), the weekend; due Thu Dec 3, 5:00 PM ET (rehearsal: a business day takes 2 s, so due at 2:00:10 PM ET)',
    );
    expect(deadline(from, 5, { ...calendar, pace }).explanation).toMatch(/^5 business days from Wed Aug 5: /);
  });

  it('advances through its calendar if its start is known', () => {
    const rehearsed = {
      ...calendar,
      pace: { ...pace, startingAt: '2026-11-25T10:00:00-05:00', beganAt: '2026-08-05T17:59:50Z' },
    };
    // Ten seconds is five business days later.
    expect(deadline(from, 2, rehearsed).explanation).toMatch(
      /^2 business days from Thu Dec 3: skips the weekend; due Mon Dec 7/,
    );
  });

  it('counts past business days at its pace', () => {
    expect(businessDaysBetween(from, new Date(from.getTime() + 9_000), { ...calendar, pace })).toBe(4);
  });
});
