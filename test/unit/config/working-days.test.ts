import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config/read-config.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { configurationProblems } from '../../support/configuration-problems.js';
import { POLICY } from '../../support/usual-policy.js';

const configured = (env: Record<string, string> = {}) =>
  readConfig({ SMTP_HOST: '127.0.0.1', IMAP_HOST: '127.0.0.1', ...BROKER_SETTINGS, ...env });
const problems = (env: Record<string, string>) => configurationProblems(() => configured(env));

test('the tests use the default policy', () => {
  const { resendUnknown: _, ...policy } = configured().policy;
  expect(policy).toEqual(POLICY);
});

test.each([
  ['federal', true, []],
  ['none', false, []],
  ['2026-12-24', false, [{ date: '2026-12-24', reason: 'closed' }]],
  ['federal, 2026-12-24=office party', true, [{ date: '2026-12-24', reason: 'office party' }]],
])('BROKER_HOLIDAYS=%s', (holidays, federalHolidays, extraClosures) => {
  expect(configured({ BROKER_HOLIDAYS: holidays }).policy.broker).toMatchObject({ federalHolidays, extraClosures });
});

test('what is not a day is refused', () => {
  expect(problems({ BROKER_HOLIDAYS: 'federal,12/24/2026' })).toEqual([
    'BROKER_HOLIDAYS has "12/24/2026", which is not federal, none or a date such as 2026-12-24.',
  ]);
});

test('BROKER_TIME_ZONE is an IANA name', () => {
  expect(configured({ BROKER_TIME_ZONE: 'America/Chicago' }).policy.broker.timeZone).toBe('America/Chicago');
  expect(problems({ BROKER_TIME_ZONE: 'EST' })).toEqual([
    expect.stringContaining(
      'BROKER_TIME_ZONE is "EST": must be the IANA name of a time zone, such as America/Chicago.',
    ),
  ]);
});

test('reminders of corrections must be in order', () => {
  expect(problems({ CORRECTION_REMINDER_DAYS: '5,2' })).toEqual([
    'CORRECTION_REMINDER_DAYS is "5,2". Write the days in order, such as 2,5,8.',
  ]);
});
