import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBetween, instantIn, inZone, isTimeZone } from '../../../src/calendar/day.js';

describe('a clock in a time zone', () => {
  it.each([
    ['America/New_York', '2027-03-14', 9, '2027-03-14T13:00:00.000Z'],
    ['America/New_York', '2027-03-13', 9, '2027-03-13T14:00:00.000Z'],
    // Skipped: the clock goes from 2 to 3.
    ['America/New_York', '2027-03-14', 2, '2027-03-14T07:00:00.000Z'],
    // Repeated: the first of the two.
    ['America/New_York', '2027-11-07', 1, '2027-11-07T05:00:00.000Z'],
    ['America/New_York', '2027-11-07', 9, '2027-11-07T14:00:00.000Z'],
    ['America/Phoenix', '2027-07-01', 9, '2027-07-01T16:00:00.000Z'],
    ['Pacific/Honolulu', '2027-07-01', 9, '2027-07-01T19:00:00.000Z'],
    ['America/Toronto', '2027-07-01', 9, '2027-07-01T13:00:00.000Z'],
    ['Asia/Kolkata', '2027-07-01', 9, '2027-07-01T03:30:00.000Z'],
    ['Pacific/Kiritimati', '2027-07-01', 0, '2027-06-30T10:00:00.000Z'],
    ['Australia/Lord_Howe', '2027-01-05', 9, '2027-01-04T22:00:00.000Z'],
  ])('in %s on %s at %i is %s', (zone, day, hour, instant) => {
    expect(instantIn(zone, day, hour).toISOString()).toBe(instant);
  });

  it('shows what it was set to, whenever the hour exists', () => {
    const zone = fc.constantFrom(
      'America/New_York',
      'America/St_Johns',
      'Pacific/Apia',
      'Europe/London',
      'Asia/Kathmandu',
    );
    const instant = fc.date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zone, instant, (name, at) => {
        const { day, hour, minute, second } = inZone(at, name);
        const again = instantIn(name, day, hour, minute, second);
        expect(inZone(again, name)).toEqual({ day, hour, minute, second });
        // The same instant, or the first of two that the clock shows alike.
        expect([0, 1_800_000, 3_600_000]).toContain(Math.floor(at.getTime() / 1000) * 1000 - again.getTime());
      }),
      { numRuns: 100 },
    );
  });
});

it('days between days do not depend on the clock', () => {
  expect(daysBetween('2027-03-13', '2027-03-15')).toBe(2);
  expect(daysBetween('2027-01-01', '2026-12-31')).toBe(-1);
});

it.each(['America/Chicago', 'America/Argentina/Buenos_Aires', 'Asia/Ho_Chi_Minh'])('%s is a time zone', (name) => {
  expect(isTimeZone(name)).toBe(true);
});

it.each(['', 'EST', 'UTC', '-05:00', 'Chicago', 'America/Chicagoo', 'America/New York'])('"%s" is not', (name) => {
  expect(isTimeZone(name)).toBe(false);
});
