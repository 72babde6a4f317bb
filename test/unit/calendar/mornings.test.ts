import { describe, expect, test } from 'vitest';
import { isFirstOfWeek, type MorningPolicy, morningAfter, morningAt } from '../../../src/calendar/mornings.js';

const closures = { extraClosures: [], inaugurationDay: false };
const POLICY: MorningPolicy = {
  calendar: { ...closures, cutOffHour: 17 },
  broker: {
    timeZone: 'America/New_York',
    openingHour: 8,
    extraClosures: [{ date: '2026-11-27', reason: 'bridge day' }],
    inaugurationDay: false,
  },
  digestHour: 8,
};

/** New York is five hours behind UTC in winter, four in summer. */
test('the morning begins at the digest hour in the broker’s time zone, summer and winter', () => {
  expect(morningAfter('2026-11-30', POLICY)?.at).toBe('2026-12-01T13:00:00.000Z');
  expect(morningAfter('2026-06-30', POLICY)?.at).toBe('2026-07-01T12:00:00.000Z');
  const chicago = { ...POLICY, broker: { ...POLICY.broker, timeZone: 'America/Chicago' } };
  expect(morningAfter('2026-11-30', chicago)?.at).toBe('2026-12-01T14:00:00.000Z');
});

describe('the morning that has begun last is', () => {
  test.each([
    ['the day before, a second before the hour', '2026-12-02T12:59:59Z', '2026-12-01'],
    ['today, from the hour on', '2026-12-02T13:00:00Z', '2026-12-02'],
    ['Friday, on a Sunday', '2026-12-06T20:00:00Z', '2026-12-04'],
    ['Friday, on Monday before the hour', '2026-12-07T12:00:00Z', '2026-12-04'],
    // Thanksgiving, and the day after it, on which this broker is closed.
    ['Wednesday, over a holiday and a bridge day', '2026-11-29T20:00:00Z', '2026-11-25'],
  ])('%s', (_, now, name) => {
    expect(morningAt(new Date(now), POLICY).name).toBe(name);
  });
});

test('the morning after Wednesday skips the holiday, the bridge day and the weekend', () => {
  expect(morningAfter('2026-11-25', POLICY)?.name).toBe('2026-11-30');
});

test('a week begins with the first working day, even if that is a Tuesday', () => {
  const laborDayWeek = morningAfter('2026-09-04', POLICY);
  expect(laborDayWeek?.name).toBe('2026-09-08');
  expect(laborDayWeek && isFirstOfWeek(laborDayWeek, POLICY)).toBe(true);
  const next = morningAfter('2026-09-08', POLICY);
  expect(next && isFirstOfWeek(next, POLICY)).toBe(false);
  expect(next?.week).toBe(laborDayWeek?.week);
});

describe('in a rehearsal', () => {
  const rehearsed: MorningPolicy = {
    ...POLICY,
    calendar: {
      ...POLICY.calendar,
      pace: { secondsPerBusinessDay: 10, startingAt: '2026-11-25T15:00:00Z', beganAt: '2026-01-05T00:00:00Z' },
    },
  };

  test('there is a morning each rehearsed day, with its day on the calendar', () => {
    const morning = morningAt(new Date('2026-01-05T00:00:25Z'), rehearsed);
    expect(morning).toMatchObject({ name: 'rehearsed-2', at: '2026-01-05T00:00:20.000Z' });
    const next = morningAfter(morning.name, rehearsed);
    expect(next).toMatchObject({ name: 'rehearsed-3', at: '2026-01-05T00:00:30.000Z' });
  });

  test('a morning of the real calendar is followed by none, so the next one is counted from now', () => {
    expect(morningAfter('2026-12-01', rehearsed)).toBeUndefined();
    expect(morningAfter('rehearsed-3', POLICY)).toBeUndefined();
  });
});
