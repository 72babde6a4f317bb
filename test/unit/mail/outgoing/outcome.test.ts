import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outcomeOf, type SmtpDialogue } from '../../../../src/mail/outgoing/send-outcome.js';

const dialogue = (changes: Partial<SmtpDialogue>): SmtpDialogue => ({
  phase: 'body',
  claimed: false,
  bodyFinished: false,
  recipientAccepted: true,
  ...changes,
});
const reply = (text: string) => ({ code: Number(text.slice(0, 3)), text });

const PHASES = ['connect', 'tls', 'authenticate', 'mail-from', 'recipient', 'body'] as const;

/** Any possible dialogue: the body is finished only if claimed, and claimed only if the server asked for it. */
const anyDialogue = fc
  .record({
    phase: fc.constantFrom(...PHASES),
    claimed: fc.boolean(),
    bodyFinished: fc.boolean(),
    recipientAccepted: fc.boolean(),
    code: fc.option(fc.integer({ min: 200, max: 599 })),
    text: fc.string(),
    failure: fc.constantFrom('ETIMEDOUT', 'ECONNRESET', 'EAUTH', 'EMESSAGE', 'CERT_HAS_EXPIRED', 'EWITHHELD'),
  })
  .map(({ code, text, failure, ...seen }): SmtpDialogue => {
    const claimed = seen.claimed && seen.phase === 'body';
    return {
      phase: seen.phase,
      claimed,
      bodyFinished: claimed && seen.bodyFinished,
      recipientAccepted: seen.recipientAccepted,
      ...(code === null ? { failure: { code: failure, message: text } } : { reply: { code, text: `${code} ${text}` } }),
    };
  });

test('an outcome is unknown only if the server may have the email, and accepted only if it has all of it for the recipient', () => {
  fc.assert(
    fc.property(anyDialogue, (seen) => {
      const { kind } = outcomeOf(seen);
      if (kind === 'unknown') expect(seen.claimed).toBe(true);
      if (kind === 'accepted') {
        expect(seen.claimed && seen.bodyFinished && seen.recipientAccepted).toBe(true);
        expect(seen.reply?.code.toString()).toMatch(/^2/);
      }
    }),
  );
});

test('once the server asked for the body, only a refusal with a code allows another try', () => {
  fc.assert(
    fc.property(anyDialogue, (seen) => {
      if (!seen.claimed) return;
      const { kind } = outcomeOf(seen);
      if (kind === 'retry' || kind === 'refused' || kind === 'misconfigured')
        expect(seen.reply?.code.toString()).toMatch(/^[45]/);
    }),
  );
});

describe('reply codes', () => {
  test.each<[string, Partial<SmtpDialogue>, string]>([
    ['454 4.7.0 Temporary authentication failure', { phase: 'authenticate' }, 'retry'],
    ['535 5.7.8 Bad credentials', { phase: 'authenticate' }, 'misconfigured'],
    [
      '550 5.7.30 Basic authentication is not supported for Client Submission',
      { phase: 'authenticate' },
      'misconfigured',
    ],
    ['530 5.7.0 Authentication required', { phase: 'mail-from' }, 'misconfigured'],
    ['553 5.7.1 Sender address rejected: not owned by user', { phase: 'mail-from' }, 'misconfigured'],
    ['552 5.3.4 Message size exceeds limit', { phase: 'mail-from' }, 'refused'],
    ['452 4.3.1 Insufficient system storage', { phase: 'mail-from' }, 'retry'],
    ['550 5.1.1 User unknown', { phase: 'recipient' }, 'refused'],
    ['550 5.7.1 Message rejected due to DMARC policy', { phase: 'body', claimed: true, bodyFinished: true }, 'refused'],
    [
      '554 5.2.252 SendAsDenied; ace@broker.example not allowed',
      { phase: 'body', claimed: true, bodyFinished: true },
      'misconfigured',
    ],
    ['421 4.7.0 Too many connections', { phase: 'connect' }, 'retry'],
    ['554 5.7.1 Client host blocked', { phase: 'connect' }, 'misconfigured'],
    ['454 4.7.0 TLS not available', { phase: 'tls' }, 'retry'],
    ['502 5.5.1 Not implemented', { phase: 'tls' }, 'misconfigured'],
    ['451 4.3.0 Try later', { phase: 'body', claimed: true, bodyFinished: true }, 'retry'],
  ])('%s', (text, changes, kind) => {
    expect(outcomeOf(dialogue({ ...changes, reply: reply(text) })).kind).toBe(kind);
  });

  test('greylisting waits as long as the server asks, otherwise five minutes', () => {
    const wait = (text: string) => {
      const outcome = outcomeOf(dialogue({ phase: 'recipient', reply: reply(text) }));
      return outcome.kind === 'retry' ? outcome.afterSeconds : undefined;
    };
    expect(wait('450 4.2.0 Greylisted, please try again in 120 seconds')).toBe(120);
    expect(wait('451 4.7.1 Greylisting in action, retry after 10 minutes')).toBe(600);
    expect(wait('450 4.7.1 Recipient address rejected: Greylisted')).toBe(300);
    expect(wait('451 4.3.0 Local error')).toBeUndefined();
    expect(wait('450 4.2.0 try again in 99999 minutes')).toBe(3_600);
  });
});

test('an untrusted certificate needs a person; a lost connection does not', () => {
  const failing = (code: string) => outcomeOf(dialogue({ phase: 'connect', failure: { code, message: code } })).kind;
  expect(failing('DEPTH_ZERO_SELF_SIGNED_CERT')).toBe('misconfigured');
  expect(failing('CERT_HAS_EXPIRED')).toBe('misconfigured');
  expect(failing('ERR_TLS_CERT_ALTNAME_INVALID')).toBe('misconfigured');
  expect(failing('ECONNREFUSED')).toBe('retry');
  expect(failing('EDNS')).toBe('retry');
});

test('a message accepted for someone other than its recipient has an unknown outcome, and the reason says so', () => {
  const taken = { claimed: true, bodyFinished: true, reply: reply('250 queued') };
  expect(outcomeOf(dialogue({ ...taken, recipientAccepted: false }))).toEqual({
    kind: 'unknown',
    reason: 'The mail server accepted the message, but not for its recipient: 250 queued',
  });
  expect(outcomeOf(dialogue(taken))).toEqual({ kind: 'accepted', response: '250 queued' });
});

test('a reply out of turn is retried until the body was asked for, and has an unknown outcome from then on', () => {
  for (const text of ['354 go ahead', '250 what?']) {
    expect(outcomeOf(dialogue({ phase: 'mail-from', reply: reply(text) }))).toEqual({
      kind: 'retry',
      reason: `The mail server replied out of turn: ${text}`,
    });
  }
  expect(outcomeOf(dialogue({ claimed: true, reply: reply('354 go ahead') })).kind).toBe('unknown');
});
