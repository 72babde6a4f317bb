import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MailboxStatus } from '../../../../../src/archive/records.js';
import { failureFor } from '../../../../../src/mail/incoming/mailbox/imap-backoff.js';
import { alertsOf } from '../../../../../src/mail/incoming/mailbox/mailbox-alerts.js';
import { overLimit } from '../../../../../src/workflows/contract/limits.js';
import {
  alertKindsIn,
  alertOrdinal,
  alertsIn,
  MAILBOX_ALERTS,
} from '../../../../../src/workflows/contract/mailbox-alerts.js';

const now = new Date('2026-03-05T12:00:00Z');
const policy = { unreadMs: 300_000, silentHours: 72 };
const well: MailboxStatus = {
  mailbox: 'main',
  connected: true,
  connectionSince: '2026-03-01T00:00:00Z',
  watchedSince: '2026-01-01T00:00:00Z',
  sweptUpTo: '2026-03-05T11:59:30Z',
  lastMailAt: '2026-03-05T09:00:00Z',
  counts: { signalled: 3, waiting: 2, unmovable: 0 },
};
const kinds = (...args: Parameters<typeof alertsOf>) => alertsOf(...args).map(({ kind }) => kind);

describe('alerts for operations about a mailbox', () => {
  test('none while it works', () => {
    expect(alertsOf(well, policy, now)).toEqual([]);
  });

  test('that moved messages stay behind, flagged, if the server can only remove all flagged ones', () => {
    const found = alertsOf({ ...well, counts: { ...well.counts, flagged: 2 } }, policy, now);
    expect(found).toMatchObject([
      { kind: 'mailbox-unexpunged', says: expect.stringContaining('2 messages were moved') },
    ]);
  });

  test('that it is unread, after five minutes without a connection and not before', () => {
    const down = { ...well, connected: false };
    expect(kinds({ ...down, connectionSince: '2026-03-05T11:55:01Z' }, policy, now)).toEqual([]);
    expect(kinds({ ...down, connectionSince: '2026-03-05T11:55:00Z' }, policy, now)).toEqual(['mailbox-unread']);
  });

  test('at once that a login is refused or a certificate is not trusted', () => {
    const down = { ...well, connected: false, connectionSince: now.toISOString() };
    const failing = (error: object) => failureFor(error, 1);
    expect(kinds(down, policy, now, failing({ authenticationFailed: true }))).toEqual(['mailbox-login-refused']);
    expect(kinds(down, policy, now, failing({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }))).toEqual(['mailbox-certificate']);
    expect(kinds(down, policy, now, failing({ code: 'ECONNREFUSED' }))).toEqual([]);
  });

  test('in text that a workflow accepts, whatever a mail server replied', () => {
    const stop = { since: now.toISOString(), reason: `550 ${'x'.repeat(10_000)}` };
    const found = alertsOf(well, policy, now, undefined, { stop });
    expect(found).toMatchObject([{ kind: 'sending-stopped', says: expect.stringContaining('550 x') }]);
    expect(overLimit(found)).toBeUndefined();
  });

  test('that it is silent after three days without mail, or if no mail ever came', () => {
    expect(kinds({ ...well, lastMailAt: '2026-03-02T12:00:01Z' }, policy, now)).toEqual([]);
    expect(kinds({ ...well, lastMailAt: '2026-03-02T12:00:00Z' }, policy, now)).toEqual(['mailbox-silent']);
    const { lastMailAt: _, ...never } = well;
    expect(kinds(never, policy, now)).toEqual(['mailbox-silent']);
    expect(kinds(never, { ...policy, silentHours: 0 }, now)).toEqual([]);
  });

  test('that mail cannot be moved or fetched, and that sending has stopped', () => {
    const stuck = { ...well, counts: { unmovable: 1, unfetchable: 2 } };
    const stop = { since: '2026-03-05T11:00:00Z', reason: 'The server refuses the password.' };
    const found = alertsOf(stuck, policy, now, undefined, { stop });
    expect(found.map(({ kind }) => kind)).toEqual(['mailbox-unmovable', 'mailbox-unfetchable', 'sending-stopped']);
    expect(found[2]?.says).toContain('since March 5, 2026, 6:00 AM ET: The server refuses the password.');
    expect(found[0]?.says).toMatch(/^1 message was processed/);
  });

  test('that the outgoing server is unreachable, after five minutes and not before', () => {
    const since = (at: string) =>
      kinds(well, policy, now, undefined, { delay: { since: at, reason: 'ECONNREFUSED.' } });
    expect(since('2026-03-05T11:55:01Z')).toEqual([]);
    expect(since('2026-03-05T11:55:00Z')).toEqual(['sending-delayed']);
  });

  test('that mail waits for a person', () => {
    expect(kinds(well, policy, now, undefined, { inReview: 2 })).toEqual(['mail-to-review']);
  });

  test('that someone may be guessing reply addresses, from ten emails a day', () => {
    expect(kinds(well, policy, now, undefined, { guesses: 9 })).toEqual([]);
    expect(kinds(well, policy, now, undefined, { guesses: 10 })).toEqual(['aliases-guessed']);
  });

  test('with one alert for each kind and day, from any worker', () => {
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    const kind = fc.constantFrom(...MAILBOX_ALERTS);
    fc.assert(
      fc.property(kind, instant, kind, instant, (a, at, b, bt) => {
        const same = a === b && at.toISOString().slice(0, 10) === bt.toISOString().slice(0, 10);
        return (alertOrdinal(a, at) === alertOrdinal(b, bt)) === same;
      }),
    );
  });
});

describe('alerts from an untrusted sender', () => {
  test('are reduced to the first of each kind, and well-formed ones are unchanged', () => {
    const one = { kind: 'mailbox-silent', says: 'one' };
    const other = { kind: 'mailbox-unread', says: 'other' };
    expect(alertsIn([one, other])).toEqual([one, other]);
    expect(alertsIn([one, null, { ...one, says: 'again' }, 5, { kind: 'mailbox-silent' }, other, one])).toEqual([
      one,
      other,
    ]);
    expect(alertKindsIn(['mailbox-unread', 'x', 'mailbox-silent', null, 'mailbox-unread'])).toEqual([
      'mailbox-unread',
      'mailbox-silent',
    ]);
  });

  test('never throw, and always fit a message', () => {
    const kind = fc.oneof(fc.constantFrom(...MAILBOX_ALERTS), fc.string());
    const trouble = fc.record({ kind, says: fc.oneof(fc.string(), fc.constant('x'.repeat(5_000)), fc.anything()) });
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.array(fc.oneof(trouble, kind, fc.anything()))), (input) => {
        const found = alertsIn(input);
        expect(new Set(found.map(({ kind }) => kind)).size).toBe(found.length);
        expect(overLimit(found)).toBeUndefined();
        const kinds = alertKindsIn(input);
        expect(MAILBOX_ALERTS).toEqual(expect.arrayContaining(kinds));
        expect(new Set(kinds).size).toBe(kinds.length);
      }),
    );
  });
});
