import { describe, expect, test } from 'vitest';
import { doubtsAboutSender, doubtsAboutTime } from '../../../../src/workflows/contract/doubts.js';

const SUBMITTED = '2026-11-20T15:00:00.000Z';
const SIGNED = '2026-11-25T15:00:00.000Z';
const naming = (...dates: string[]) => ({ signedAt: SIGNED, letter: { dates } });

describe('a day that a decision names', () => {
  test.each(['2026-11-20', '2026-11-23', '2026-11-25'])(
    'from the submission to the signature is no doubt: %s',
    (day) => {
      expect(doubtsAboutTime(naming(day), SUBMITTED)).toEqual([]);
    },
  );

  test.each(['2026-11-19', '2026-11-26', '2025-11-23'])('before or after is one: %s', (day) => {
    expect(doubtsAboutTime(naming(day), SUBMITTED)).toEqual(['day-out-of-range']);
    expect(doubtsAboutTime(naming('2026-11-23', day), SUBMITTED)).toEqual(['day-out-of-range']);
  });

  test('is the day in New York', () => {
    const late = { signedAt: '2026-11-26T03:00:00.000Z', letter: { dates: ['2026-11-26'] } };
    expect(doubtsAboutTime(late, SUBMITTED)).toEqual(['day-out-of-range']);
  });

  test('is within ninety days if the submission is unknown', () => {
    expect(doubtsAboutTime(naming('2026-08-27'))).toEqual([]);
    expect(doubtsAboutTime(naming('2026-08-26'))).toEqual(['day-out-of-range']);
  });

  test('is a doubt if it is unknown when it was signed', () => {
    expect(doubtsAboutTime({ letter: { dates: ['2026-11-23'] } }, SUBMITTED)).toEqual(['day-out-of-range']);
    expect(doubtsAboutTime({ letter: { dates: ['2026-11-23'] } })).toEqual(['day-out-of-range']);
    expect(doubtsAboutTime({ letter: { dates: [] } })).toEqual([]);
    expect(doubtsAboutTime({})).toEqual([]);
  });
});

test('a decision that was signed before the submission is one of something else, but for clocks that differ', () => {
  const signed = (signedAt: string) => doubtsAboutTime({ signedAt }, SUBMITTED);
  expect(signed('2026-11-20T14:54:59.000Z')).toEqual(['signed-before-submission']);
  expect(signed('2026-11-20T14:55:00.000Z')).toEqual([]);
  expect(doubtsAboutTime({ signedAt: '2020-01-01T00:00:00.000Z' })).toEqual([]);
});

test('a sender is in doubt if unproven, and so is anyone who writes to an alias for clients', () => {
  const of = (verdict: 'authentic' | 'unauthentic' | 'undetermined', alias: 'cbp' | 'client' | 'none') =>
    doubtsAboutSender({ authenticity: { verdict }, alias });
  expect(of('authentic', 'cbp')).toEqual([]);
  expect(of('unauthentic', 'none')).toEqual(['sender-unproven']);
  expect(of('undetermined', 'client')).toEqual(['sender-unchecked', 'to-client-alias']);
});
