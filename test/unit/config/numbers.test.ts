import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/read-config.js';
import { BROKER_SETTINGS } from '../../support/broker-settings.js';
import { configurationProblems } from '../../support/configuration-problems.js';

const REHEARSAL = { SMTP_HOST: '127.0.0.1', IMAP_HOST: '127.0.0.1', ...BROKER_SETTINGS };
const configured = (env: Record<string, string>) => readConfig({ ...REHEARSAL, ...env });
const problems = (env: Record<string, string>) => configurationProblems(() => configured(env));
const MAILBOXES = (port: unknown) => JSON.stringify({ desk: { user: 'desk', port } });

describe('a number in the configuration', () => {
  const typos = ['0x10', '1e1', '1e-300', 'Infinity', 'NaN', '+5', '-5', '5.', '.5', '5,5', '5_0', '5 0', 'five', '٥'];

  test.each([...typos, '5.0', '5.5', '0', '61', '9'.repeat(400)])('LATE_DAYS cannot be %j', (value) => {
    expect(problems({ LATE_DAYS: value, OVERDUE_DAYS: '60' })).toEqual([
      `LATE_DAYS is "${value}": must be a whole number from 1 to 60, in digits. Business days without a decision before operations and the client are asked.`,
    ]);
  });

  test.each([...typos, '0', '0.0', '0.0009', '100.1', '1e3'])('MAIL_PER_SECOND cannot be %j', (value) => {
    expect(problems({ MAIL_PER_SECOND: value })).toEqual([
      expect.stringContaining(`MAIL_PER_SECOND is "${value}": must be a number from 0.001 to 100, in digits`),
    ]);
  });

  test.each(['0', '0.001', '86401', '1e-300'])('PACE_SECONDS_PER_BUSINESS_DAY cannot be %j', (value) => {
    expect(problems({ PACE_SECONDS_PER_BUSINESS_DAY: value })).toEqual([
      expect.stringContaining('must be a number from 0.01 to 86400, in digits'),
    ]);
  });

  test('is plain digits, with or without blanks around them', () => {
    expect(configured({ LATE_DAYS: ' 7 ' }).policy.lateDays).toBe(7);
    expect(configured({ CALENDAR_CUT_OFF_HOUR: '09' }).policy.calendar.cutOffHour).toBe(9);
    expect(configured({ MAIL_PER_SECOND: '0.5' }).smtp.perSecond).toBe(0.5);
    expect(configured({ MAIL_PER_SECOND: '50' }).smtp.perSecond).toBe(50);
    expect(configured({ PACE_SECONDS_PER_BUSINESS_DAY: '0.7' }).policy.calendar.pace?.secondsPerBusinessDay).toBe(0.7);
  });

  test.each([993, '993'])('inside JSON can be a number or a string: %j', (port) => {
    expect(configured({ IMAP_FURTHER_MAILBOXES: MAILBOXES(port) }).furtherMailboxes.desk?.port).toBe(993);
  });

  test.each([true, null, [993], '0x3e1', 99.5])('inside JSON cannot be %j', (port) => {
    expect(problems({ IMAP_FURTHER_MAILBOXES: MAILBOXES(port) })).toEqual([
      expect.stringMatching(/^IMAP_FURTHER_MAILBOXES desk\.port must be a whole number from 1 to 65535, in digits/),
    ]);
  });
});

describe('GRANT_REMINDER_DAYS', () => {
  test('has one day for each reminder at most', () => {
    const twelve = Array.from({ length: 12 }, (_, index) => index + 1);
    expect(configured({ GRANT_REMINDER_DAYS: twelve.join(', ') }).policy.grantReminderDays).toEqual(twelve);
    expect(problems({ GRANT_REMINDER_DAYS: [...twelve, 13].join(',') })).toEqual([
      expect.stringContaining('has more than 12 numbers, and only 12 would be used'),
    ]);
  });

  test.each(['', ' ,', '2,,8', '2,5,', '2,0x5', '2,251', '1e1'])('cannot be %j', (value) => {
    const found = problems({ GRANT_REMINDER_DAYS: value });
    // An empty variable counts as not set.
    if (value === '') expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining('must be a whole number from 1 to 250, in digits')]);
  });
});
