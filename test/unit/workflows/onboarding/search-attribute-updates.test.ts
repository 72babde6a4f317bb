import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refundDeadlineOf } from '../../../../src/application/application.js';
import { type Attributes, changedAttributes } from '../../../../src/workflows/onboarding/search-attribute-updates.js';
import { sampleApplication } from '../../application/sample.js';

const set = (desired: unknown, current: unknown = {}) =>
  changedAttributes(current as Attributes, desired as Attributes).map(({ key, value }) => [key.name, value]);

const TEXTS = ['handler', 'company', 'clientReference', 'importerKey', 'onboardingStage', 'waitingOn', 'outcome'];
const DATES = ['refundDeadline', 'dueAt'];

describe('search attributes', () => {
  test('are set only if they changed and Temporal can store them', () => {
    const due = new Date('2026-12-03T22:00:00Z');
    const desired = { handler: 'x'.repeat(200), company: 'Fonderie Québec 😀', dueAt: due, needsAttention: ['late'] };
    expect(set(desired)).toEqual([
      ['NeedsAttention', ['late']],
      ['DueAt', due],
      ['Company', 'Fonderie Québec 😀'],
      ['Handler', 'x'.repeat(200)],
    ]);
    expect(set({ ...desired, dueAt: new Date(due) }, desired)).toEqual([]);
    expect(set({}, { ...desired, needsAttention: [] })).toEqual([
      ['DueAt', null],
      ['Company', null],
      ['Handler', null],
    ]);
  });

  test.each(TEXTS)('%s is not set to a value that is not text, is too long or is not printable', (name) => {
    for (const value of ['x'.repeat(201), 5, {}, [], ['a'], null, true, { toString: 5 }, 'a\u0000', '\ud800'])
      expect(set({ [name]: value })).toEqual([]);
    expect(set({ [name]: 5 }, { [name]: 'before' })).toEqual([[expect.any(String), null]]);
  });

  test.each(DATES)('%s is not set to a value that is not a date, or to a date that no server stores', (name) => {
    const far = [
      new Date('9999-12-31T23:59:59-05:00'),
      new Date('2262-01-01'),
      new Date('1969-12-31'),
      new Date('0001-01-01'),
    ];
    for (const value of [...far, new Date('soon'), '2026-12-03', 5, {}, null])
      expect(set({ [name]: value })).toEqual([]);
  });

  test('whatever the application contains, nothing throws and only storable values are set', () => {
    const anything = fc.dictionary(fc.constantFrom(...TEXTS, ...DATES, 'needsAttention'), fc.anything());
    fc.assert(
      fc.property(anything, anything, (desired, current) => {
        for (const [, value] of set(desired, current)) {
          const values = Array.isArray(value) ? value : [value];
          expect(
            values.every(
              (one) => one === null || one instanceof Date || (typeof one === 'string' && one.length <= 200),
            ),
          ).toBe(true);
        }
      }),
    );
  });

  test('a refund deadline shows as its own day in every American time zone, and an invalid one is ignored', () => {
    const of = (refundDeadline: unknown) => refundDeadlineOf({ ...sampleApplication(), refundDeadline } as never);
    expect(of('2027-03-31')?.toISOString()).toBe('2027-03-31T12:00:00.000Z');
    for (const timeZone of ['UTC', 'America/New_York', 'America/Los_Angeles', 'Pacific/Honolulu'])
      expect(of('2027-03-31')?.toLocaleDateString('en-CA', { timeZone })).toBe('2027-03-31');
    for (const day of [5, {}, { toString: 5 }, ['2027-03-31'], null, undefined, '', 'soon', '2027-02-30'])
      expect(of(day)).toBeUndefined();
    expect(refundDeadlineOf(undefined)).toBeUndefined();
  });
});
