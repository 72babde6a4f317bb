import { expect, it } from 'vitest';
import {
  businessDays,
  clock,
  dateAndTimeInWords,
  dateInWords,
  dayAndTime,
  dayAt,
  hourAndMinute,
  longDay,
  shortDay,
} from '../../../src/calendar/format.js';

const instant = new Date('2026-03-03T22:40:13Z');

it('days and times are formatted as in the examples', () => {
  expect(shortDay('2026-03-03')).toBe('Tue Mar 3');
  expect(longDay('2026-12-31')).toBe('Thu Dec 31, 2026');
  expect(dayAt(instant)).toBe('Tue Mar 3');
  expect(clock(instant)).toBe('5:40:13 PM ET');
  expect(hourAndMinute(instant)).toBe('5:40 PM ET');
  expect(dayAndTime(instant)).toBe('Tue Mar 3, 5:40 PM ET');
  expect(businessDays(1)).toBe('1 business day');
  expect(businessDays(4)).toBe('4 business days');
});

it('dates and times in emails are US style, Eastern', () => {
  expect(dateInWords('2026-12-01')).toBe('December 1, 2026');
  expect(dateAndTimeInWords(instant)).toBe('March 3, 2026, 5:40 PM ET');
  expect(dateAndTimeInWords(new Date('2026-07-04T04:05:00Z'))).toBe('July 4, 2026, 12:05 AM ET');
  expect(dateAndTimeInWords(new Date('2026-07-04T16:00:00Z'))).toBe('July 4, 2026, 12:00 PM ET');
});

it('midnight in New York is 12:00 AM of the new day', () => {
  expect(dayAndTime(new Date('2026-07-04T04:00:00Z'))).toBe('Sat Jul 4, 12:00 AM ET');
});
