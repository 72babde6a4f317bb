import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArchiveError } from '../../../../../src/archive/archive.js';
import { KeyMissing } from '../../../../../src/encryption/keyring.js';
import { failureFor } from '../../../../../src/mail/incoming/mailbox/imap-backoff.js';

const failures = fc.integer({ min: 1, max: 10_000 });
const random = fc.double({ min: 0, max: 0.999, noNaN: true });

describe('after a failure', () => {
  test('a lost connection is retried at once, then with growing waits of at most half a minute', () => {
    const lost = Object.assign(new Error('x'), { code: 'NoConnection' });
    expect(failureFor(lost, 1, () => 0.999).waitMs).toBeLessThanOrEqual(250);
    fc.assert(
      fc.property(failures, random, (n, r) => {
        const { waitMs, kind } = failureFor(lost, n, () => r);
        expect(kind).toBe('unreachable');
        expect(waitMs).toBeGreaterThanOrEqual(125);
        expect(waitMs).toBeLessThanOrEqual(30_000);
      }),
    );
  });

  test('a refused login is retried rarely, so that the account is not locked', () => {
    const refused = Object.assign(new Error('no'), { authenticationFailed: true });
    const tries = Array.from({ length: 60 }, (_, i) => failureFor(refused, i + 1, () => 0).waitMs);
    let hour = 0;
    for (let waited = 0; waited < 3_600_000; hour++) waited += tries[hour] ?? 0;
    expect(hour).toBeLessThanOrEqual(15);
    expect(failureFor(refused, 1).says).toMatch(/IMAP_USER/);
  });

  test('a throttled mailbox waits for as long as the server asks', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), failures, (throttleReset, n) => {
        const throttled = Object.assign(new Error('x'), { code: 'ETHROTTLE', throttleReset });
        expect(failureFor(throttled, n).waitMs).toBeGreaterThanOrEqual(throttleReset);
      }),
    );
  });

  test('a refused token counts as a refused login, an unavailable one does not', () => {
    const error = (code: string) => Object.assign(new Error('x'), { code });
    expect(failureFor(error('token-refused'), 1).kind).toBe('login-refused');
    expect(failureFor(error('token-unavailable'), 1).kind).toBe('unreachable');
  });

  test("other systems' failures are not blamed on the mail server", () => {
    expect(failureFor(Object.assign(new Error('x'), { code: 14 }), 1).says).toMatch(/Temporal could not be reached/);
    const archive = Object.assign(new Error('x'), { name: 'ArchiveError', code: 'unreachable' });
    expect(failureFor(archive, 1).says).toMatch(/the archive could not be used \(unreachable\)/);
    expect(failureFor(new ArchiveError('full', 'x'), 1)).toMatchObject({
      kind: 'not-told',
      says: expect.stringContaining('the archive is full'),
    });
    expect(failureFor(new KeyMissing('k-0123456789ab', []), 1)).toMatchObject({
      kind: 'not-told',
      says: expect.stringContaining('the encryption key k-0123456789ab is missing'),
    });
  });

  test('a mailbox with too many connections counts as a refused login', () => {
    const locked = { response: 'NO User is authenticated but not connected.' };
    expect(failureFor(locked, 1).kind).toBe('login-refused');
  });

  test('no text from the server reaches the operator’s log, because it may name people', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), (words) => {
        const error = Object.assign(new Error(words), { responseText: words, response: words });
        expect(failureFor(error, 1).says).not.toContain(words);
      }),
    );
  });
});
