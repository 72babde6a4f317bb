import Holidays from 'date-holidays';
import { describe, expect, it } from 'vitest';
import { isWeekend, yearOf } from '../../../src/calendar/day.js';
import { federalHolidays } from '../../../src/calendar/federal-holidays.js';

const dates = (year: number, inaugurationDay = false) => federalHolidays(year, { inaugurationDay }).map((h) => h.date);

describe('federal holidays', () => {
  // As published by the Office of Personnel Management (OPM).
  it.each<[number, string]>([
    [2020, '01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25'],
    [2021, '01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31'],
    [2022, '01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26'],
    [2023, '01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25'],
    [2026, '01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25'],
    [2027, '01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31'],
    [2028, '01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25'],
    [2029, '01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25'],
    [2030, '01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25'],
  ])('of %d are the ones that OPM lists', (year, expected) => {
    expect(dates(year)).toEqual(expected.split(' ').map((date) => `${year}-${date}`));
  });

  it('agree with an independent library from 2020 to 2040, except for one rule it does not know', () => {
    const library = new Holidays('US');
    for (let year = 2020; year <= 2040; year++) {
      const listed = library
        .getHolidays(year)
        .filter((holiday) => holiday.type === 'public')
        .map((holiday) => holiday.date.slice(0, 10))
        .filter((date) => !isWeekend(date));
      // It never observes Veterans Day on another day, but 5 U.S.C. 6103(b) does.
      const ours = federalHolidays(year).filter(
        (holiday) => !(holiday.name === 'Veterans Day' && holiday.insteadOf !== undefined),
      );
      expect(ours.map((holiday) => holiday.date)).toEqual([...new Set(listed)].sort());
    }
  });

  it('on a weekend name the original day', () => {
    expect(federalHolidays(2026).find((h) => h.name === 'Independence Day')).toEqual({
      date: '2026-07-03',
      name: 'Independence Day',
      insteadOf: '2026-07-04',
    });
    expect(federalHolidays(2027).at(-1)).toEqual({
      date: '2027-12-31',
      name: "New Year's Day",
      insteadOf: '2028-01-01',
    });
  });

  it('are never on a weekend, never two on one day, and ten to twelve a year', () => {
    for (let year = 1990; year <= 2100; year++) {
      const all = dates(year, true);
      expect(all.filter(isWeekend)).toEqual([]);
      expect(new Set(all).size).toBe(all.length);
      expect(all.every((date) => yearOf(date) === year)).toBe(true);
      expect(all.length).toBeGreaterThanOrEqual(9);
      expect(all.length).toBeLessThanOrEqual(13);
    }
  });
});

describe('Inauguration Day', () => {
  it('is a holiday only if configured', () => {
    expect(dates(2033)).not.toContain('2033-01-20');
    expect(dates(2033, true)).toContain('2033-01-20');
  });
  it('moves from Sunday to Monday, and is not observed on a Saturday', () => {
    expect(dates(2013, true).slice(0, 2)).toEqual(['2013-01-01', '2013-01-21']);
    expect(dates(2029, true)).toEqual(dates(2029));
    expect(dates(1985 + 4 * 8, true)).toContain('2017-01-20');
  });
  it('on the day of another holiday counts only once', () => {
    expect(dates(2025, true)).toEqual(dates(2025));
  });
  it('comes every fourth year', () => {
    for (const year of [2026, 2027, 2028, 2030, 2031, 2032]) expect(dates(year, true)).toEqual(dates(year));
  });
});
