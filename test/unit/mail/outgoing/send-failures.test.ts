import { expect, test } from 'vitest';
import * as failures from '../../../../src/mail/outgoing/send-failures.js';

test('the types of failures stay what retry policies and searches rely on', () => {
  expect([
    failures.SMTP_UNAVAILABLE,
    failures.SMTP_MISCONFIGURED,
    failures.DAILY_CAP_REACHED,
    failures.SERVER_NOT_ALLOWED,
    failures.CASE_NOT_ARCHIVED,
  ]).toEqual([
    'smtp-unavailable',
    'smtp-misconfigured',
    'daily-cap-reached',
    'server-not-allowed',
    'case-not-archived',
  ]);
});

test('a failure shows that there was an address, and never which', () => {
  const { message } = failures.retryLater('x', '450 <bo.park@maple.example>: try later, or ask bo@maple.example.');
  expect(message).toBe('450 <address>: try later, or ask <address>');
});

test('the next try comes after whole seconds, one at least', () => {
  const delay = (seconds?: number) => failures.retryLater('x', 'y', seconds).nextRetryDelay;
  expect([delay(), delay(0), delay(0.2), delay(300.1)]).toEqual([undefined, 1_000, 1_000, 301_000]);
});
