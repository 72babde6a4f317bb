import { afterEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { hear } from './heard.js';

const heard = hear();

afterEach(() => {
  vi.unstubAllEnvs();
});

const due = (...args: string[]) => main(['calendar', 'due', ...args]);

describe('calendar due', () => {
  it('accepts an offset with or without a colon', async () => {
    for (const zone of ['+05:30', '+0530']) {
      expect(await due('--from', `2026-11-25T20:00:00${zone}`, '--days', '0', '--json')).toBe(0);
      expect(JSON.parse(heard.out)).toMatchObject({ from: '2026-11-25T14:30:00.000Z' });
      heard.out = '';
    }
  });

  it('explains a deadline in words', async () => {
    expect(await due('--from', '2026-11-25T14:30', '--days', '5')).toBe(0);
    expect(heard.out).toBe(
      [
        '5 business days from Wed Nov 25: skips Thu Nov 26 (Thanksgiving Day), the weekend; due Thu Dec 3, 5:00 PM ET',
        'Day zero is Wed Nov 25, 2026: Wed Nov 25 is a business day, and it was before 5:00 PM ET.',
        'Due at 2026-12-03T22:00:00.000Z.',
        '',
      ].join('\n'),
    );
    expect(heard.err).toBe('');
  });

  it('prints the same as JSON', async () => {
    expect(await due('--from', '2026-11-25T22:30:00Z', '--days', '1', '--json')).toBe(0);
    expect(JSON.parse(heard.out)).toEqual({
      from: '2026-11-25T22:30:00.000Z',
      dayZero: {
        date: '2026-11-27',
        why: 'Wed Nov 25, 5:30 PM ET: past the 5:00 PM cut-off; counted from the next business day.',
      },
      days: 1,
      dueDate: '2026-11-30',
      dueAt: '2026-11-30T22:00:00.000Z',
      skipped: [
        { date: '2026-11-28', reason: 'weekend' },
        { date: '2026-11-29', reason: 'weekend' },
      ],
      explanation:
        '1 business day from Fri Nov 27 (Wed Nov 25, 5:30 PM ET: past the 5:00 PM cut-off): skips the weekend; due Mon Nov 30, 5:00 PM ET',
    });
  });

  it.each([
    ['2026-11-25', '2026-11-25T05:00:00.000Z'],
    ['2026-11-25T14:30', '2026-11-25T19:30:00.000Z'],
    ['2026-07-01 09:00:30', '2026-07-01T13:00:30.000Z'],
    ['2026-11-25T14:30:00+01:00', '2026-11-25T13:30:00.000Z'],
  ])('reads %s as %s', async (text, instant) => {
    expect(await due('--from', text, '--days', '0', '--json')).toBe(0);
    expect(JSON.parse(heard.out).from).toBe(instant);
  });

  it('follows the calendar variables, and needs no others', async () => {
    vi.stubEnv('CALENDAR_EXTRA_CLOSURES', '2026-12-24=executive order');
    vi.stubEnv('CALENDAR_CUT_OFF_HOUR', '15');
    vi.stubEnv('SMTP_HOST', '');
    expect(await due('--from', '2026-12-23', '--days', '1', '--json')).toBe(0);
    expect(JSON.parse(heard.out)).toMatchObject({ dueAt: '2026-12-28T20:00:00.000Z' });
  });

  it.each([
    [['--from', 'tomorrow', '--days', '5'], /--from.*Write a date and time like 2026-11-25T14:30/],
    [['--from', '2026-02-30', '--days', '5'], /This day or time does not exist|Write a date/],
    [['--from', '2026-11-25T25:00', '--days', '5'], /This day or time does not exist/],
    [['--from', '2026-11-25', '--days', 'five'], /--days.*whole number/],
    [['--from', '2026-11-25', '--days', '-1'], /--days/],
    [['--days', '5'], /--from/],
    [['--from', '2026-11-25T15:00:00+25:00', '--days', '5'], /time zone does not exist/],
    [['--from', '9999-12-30', '--days', '5'], /Write a year from 1986 to 9979/],
    [['--from', '1985-12-31', '--days', '5'], /Write a year from 1986/],
  ])('%j is a usage error that says what to write', async (args, message) => {
    expect(await due(...args)).toBe(2);
    expect(heard.out).toBe('');
    expect(heard.err).toMatch(message);
  });

  it('an invalid closure date is named', async () => {
    vi.stubEnv('CALENDAR_EXTRA_CLOSURES', '2026-13-01=x');
    expect(await due('--from', '2026-12-23', '--days', '1')).toBe(5);
    expect(heard.err).toContain('CALENDAR_EXTRA_CLOSURES has "2026-13-01"');
  });
});

describe('calendar holidays', () => {
  it('lists holidays as observed, and closures', async () => {
    vi.stubEnv('CALENDAR_EXTRA_CLOSURES', '2026-12-24=executive order');
    expect(await main(['calendar', 'holidays', '--year', '2026', '--json'])).toBe(0);
    const days = JSON.parse(heard.out) as { date: string; reason: string }[];
    expect(days).toHaveLength(12);
    expect(days).toContainEqual({ date: '2026-07-03', reason: 'Independence Day, observed for Sat Jul 4, 2026' });
    expect(days).toContainEqual({ date: '2026-12-24', reason: 'executive order' });
  });

  it('lists a day once, with the reason that deadlines give, even if it is also a configured closure', async () => {
    vi.stubEnv('CALENDAR_EXTRA_CLOSURES', '2026-12-25=executive order,2026-12-24=executive order,2026-12-24=storm');
    expect(await main(['calendar', 'holidays', '--year', '2026', '--json'])).toBe(0);
    const days = JSON.parse(heard.out) as { date: string; reason: string }[];
    expect(days.filter(({ date }) => date > '2026-12')).toEqual([
      { date: '2026-12-24', reason: 'executive order' },
      { date: '2026-12-25', reason: 'Christmas Day' },
    ]);
  });

  it('is refused for a year that is followed by no four-digit year', async () => {
    expect(await main(['calendar', 'holidays', '--year', '9999'])).toBe(2);
    expect(heard.err).toContain('Write a year from 1986 to');
  });
});
