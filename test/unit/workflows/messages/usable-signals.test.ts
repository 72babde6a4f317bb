import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { usableApproval, usableMail, usableReopening } from '../../../../src/workflows/messages/usable-signals.js';
import { BY, mail } from '../onboarding/records.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-26T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const FIELDS = ['actor', 'evidence', 'reason', 'decision', 'application', 'importerNumbers', 'at', 'deadline', 'role'];
/** Any JSON, and objects with our field names and arbitrary values. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constant(undefined),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue()),
);

describe('signals', () => {
  test('a signal with a text that is too long is ignored', () => {
    const long = 'x'.repeat(1_500_000);
    const good = mail('approved');
    const approval = { source: 'crm', importerNumber: '12-345678900', ...BY };
    expect(usableApproval(approval)).toEqual(approval);
    for (const field of Object.keys(good)) expect(usableMail({ ...good, [field]: long }), field).toBeUndefined();
    expect(usableMail({ ...good, further: long })).toBeUndefined();
    expect(usableMail({ ...good, authenticity: { verdict: 'authentic', reasons: [long] } })).toBeUndefined();
    for (const field of Object.keys(approval))
      expect(usableApproval({ ...approval, [field]: long }), field).toBeUndefined();
  });

  test.each([
    ['kind', { kind: 'toString' }],
    ['alias', { alias: 'Mara Quist' }],
    ['verdict', { authenticity: { verdict: 'Mara Quist', reasons: [] } }],
  ])('a signal with an unknown %s is ignored, because the Web UI would show it', (_, other) => {
    expect(usableMail({ ...mail('approved'), ...other })).toBeUndefined();
  });

  test('a signal with a missing or malformed field is ignored', () => {
    const good = mail('approved', { responseBusinessDays: 5, importerNumber: '12-345678900' });
    expect(usableMail(good)).toEqual(good);
    expect(usableMail({ ...good, receivedAt: '9999-12-30T00:00:00Z' })).toBeUndefined();
    const required = Object.keys(good).filter(
      (field) => !['aboutMessageId', 'responseBusinessDays', 'importerNumber'].includes(field),
    );
    fc.assert(
      fc.property(fc.constantFrom(...required), fc.constantFrom(undefined, null, {}, [7], true), (field, malformed) => {
        expect(usableMail({ ...good, [field]: malformed })).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(anything, (input) => {
        expect(usableMail(input)).toBeUndefined();
        expect(usableApproval(input)).toBeUndefined();
      }),
    );
  });

  test('an approval and a reopening need an actor', () => {
    const approval = { source: 'crm', importerNumber: '12-345678900', evidence: 'ticket' };
    expect(usableApproval(approval)).toBeUndefined();
    expect(usableReopening({ reason: 'why' })).toBe(false);
    expect(usableReopening({ reason: 'why', actor: 'jo' })).toBe(true);
    expect(usableReopening({ reason: 'why', actor: 'jo', at: 'grant' })).toBe(true);
    expect(usableReopening({ reason: 'why', actor: 'jo', at: 'start' })).toBe(false);
  });
});

test.each([
  ['a name', { reason: 'the client called' }],
  ['a reason', { actor: 'jo' }],
])('an email that a person assigned without %s is ignored', (_, assigned) => {
  const whole = { ...mail('unclear'), assigned: { actor: 'jo', reason: 'the client called' } };
  expect(usableMail(whole)).toEqual(whole);
  expect(usableMail({ ...whole, assigned })).toBeUndefined();
});

test('a plain answer is one of the known ones, in each language', () => {
  const reply = (answers: unknown) => usableMail({ ...mail('client-reply', { alias: 'client' }), answers });
  expect(reply({ en: 'yes', es: 'done' })).toBeDefined();
  expect(reply({})).toBeDefined();
  for (const answers of [{ en: 'maybe' }, { en: ['yes'] }, { en: 'toString' }, 'yes', ['yes'], null])
    expect(reply(answers)).toBeUndefined();
});
