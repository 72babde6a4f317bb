import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as checks from '../../../src/workflows/checks.js';
import { DESCRIPTIONS } from '../../../src/workflows/descriptions.js';
import type { OnboardingStage } from '../../../src/workflows/messages.js';
import { sampleApplication } from '../application/sample.js';
import { BY, mail, received, record, withEntries } from './records.js';

const CHECKS = {
  decide: checks.checkDecide,
  correctApplication: checks.checkCorrection,
  settleSubmission: checks.checkSettlement,
  confirmAccessGranted: checks.checkAccess,
  changeDeadline: checks.checkDeadline,
  dismissMail: checks.checkDismissal,
  withdraw: checks.checkWithdrawal,
} as const;

const STAGES: OnboardingStage[] = [
  'preparing',
  'submitting',
  'awaiting-acknowledgement',
  'awaiting-decision',
  'awaiting-correction',
  'awaiting-access-grant',
];

const FIELDS = ['actor', 'evidence', 'reason', 'decision', 'application', 'importerNumbers', 'at', 'deadline', 'role'];
/** Any JSON, and objects with our own field names and anything in them. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constant(undefined),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue()),
);

describe('whatever is sent', () => {
  test.each(Object.entries(CHECKS))('%s answers with a problem or nothing, and never throws', (_, check) => {
    fc.assert(
      fc.property(anything, fc.constantFrom(...STAGES), (input, stage) => {
        const problem = check(input, record({ stage }));
        expect(problem === undefined || problem.length > 10).toBe(true);
      }),
    );
  });

  test('no payload at all is refused with what to paste', () => {
    for (const check of Object.values(CHECKS)) {
      for (const nothing of [undefined, null, [], 'text', 7]) expect(check(nothing, record())).toContain('Paste {');
    }
  });

  test('a signal that lacks or twists a field is no mail and no approval', () => {
    const good = mail('approved', { responseBusinessDays: 5, importerNumber: '12-345678900' });
    expect(checks.usableMail(good)).toEqual(good);
    const compulsory = Object.keys(good).filter(
      (field) => !['aboutMessageId', 'responseBusinessDays', 'importerNumber'].includes(field),
    );
    fc.assert(
      fc.property(fc.constantFrom(...compulsory), fc.constantFrom(undefined, null, {}, [7], true), (field, twisted) => {
        expect(checks.usableMail({ ...good, [field]: twisted })).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(anything, (input) => {
        expect(checks.usableMail(input)).toBeUndefined();
        expect(checks.usableApproval(input)).toBeUndefined();
      }),
    );
  });

  test('every message needs an actor', () => {
    for (const check of Object.values(CHECKS)) {
      const { actor: _, ...without } = { ...BY, reason: 'why' };
      expect(check(without, record())).toContain('actor');
    }
  });
});

describe('the examples that people paste', () => {
  const FITTING: Record<keyof typeof CHECKS, OnboardingStage> = {
    decide: 'awaiting-decision',
    correctApplication: 'awaiting-correction',
    settleSubmission: 'submitting',
    confirmAccessGranted: 'awaiting-access-grant',
    changeDeadline: 'awaiting-decision',
    dismissMail: 'awaiting-decision',
    withdraw: 'awaiting-decision',
  };

  test.each(Object.keys(CHECKS) as (keyof typeof CHECKS)[])(
    'the description of %s has one that is accepted',
    (name) => {
      const due = { at: '2026-12-03T22:00:00.000Z', explanation: 'x' };
      const known = mail('unclear', { mailId: 'from the details' });
      const onRecord = withEntries([received(known)], {
        stage: FITTING[name],
        deadlines: { late: due, overdue: due },
      });
      const examples = [...DESCRIPTIONS[name].matchAll(/`(\{.*?\})`/g)].map(([, json = '']) => json);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        const filledIn = example
          .replaceAll('THE-NUMBER', onRecord.application.importerNumber)
          .replace('{"reference":"…"}', JSON.stringify(sampleApplication()));
        expect(CHECKS[name](JSON.parse(filledIn), onRecord)).toBeUndefined();
      }
    },
  );
});

describe('what does not fit the moment', () => {
  test.each([
    ['a decision before anything was submitted', 'preparing', 'Nothing has been submitted'],
    ['an approval while the grant is awaited', 'awaiting-access-grant', 'approved already'],
  ] as const)('%s is refused with the remedy', (_, stage, said) => {
    const approved = { ...BY, decision: 'approved', verification: 'seen-in-ace' };
    expect(checks.checkDecide(approved, record({ stage }))).toContain(said);
  });

  test('a correction of another client is refused', () => {
    const application = { ...sampleApplication(), reference: 'somebody-else' };
    const problem = checks.checkCorrection(
      { actor: 'jo', reason: 'x', application },
      record({ stage: 'awaiting-correction' }),
    );
    expect(problem).toContain('somebody-else');
  });

  test('numbers of another client are refused without being repeated', () => {
    const seen = { ...BY, role: 'full-access', importerNumbers: ['98-765432100'] };
    const problem = checks.checkAccess(seen, record({ stage: 'awaiting-access-grant' })) ?? '';
    expect(problem).toContain('not belong to this onboarding');
    expect(problem).not.toContain('98-765432100');
  });

  test('a settlement says when CBP got it, as an instant', () => {
    const settle = { ...BY, outcome: 'sent' };
    for (const at of [undefined, 'yesterday', '2026-11-25', 5]) {
      expect(checks.checkSettlement({ ...settle, at }, record({ stage: 'submitting' }))).toContain('at is');
    }
  });

  test('a deadline that is not running cannot be set', () => {
    const change = { actor: 'jo', reason: 'x', deadline: 'parked', at: '2026-12-30T17:00:00-05:00' };
    const due = { at: '2026-12-03T22:00:00.000Z', explanation: 'x' };
    expect(checks.checkDeadline(change, record())).toContain('Nothing is due');
    expect(checks.checkDeadline(change, record({ deadlines: { late: due } }))).toContain('one of late');
  });
});
