import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OnboardingStage, STAGES } from '../../../../src/workflows/contract/stages.js';
import * as checks from '../../../../src/workflows/onboarding/update-validators.js';
import { DESCRIPTIONS } from '../../../../src/workflows/view/descriptions.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, BY, decided, mail, received, record, withEntries } from './records.js';

const CHECKS = {
  decide: checks.checkDecide,
  correctApplication: checks.checkCorrection,
  settleSubmission: checks.checkSettlement,
  confirmAccessGranted: checks.checkAccess,
  changeDeadline: checks.checkDeadline,
  dismissMail: checks.checkDismissal,
  withdraw: checks.checkWithdrawal,
} as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-26T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const OPEN_STAGES = STAGES.filter((stage) => stage !== 'closed');

const FIELDS = ['actor', 'evidence', 'reason', 'decision', 'application', 'importerNumbers', 'at', 'deadline', 'role'];
/** Any JSON, and objects with our field names and arbitrary values. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constant(undefined),
  fc.dictionary(fc.constantFrom(...FIELDS), fc.jsonValue()),
);

describe('whatever is sent', () => {
  test.each(Object.entries(CHECKS))('%s returns a problem or nothing, and never throws', (_, check) => {
    fc.assert(
      fc.property(anything, fc.constantFrom(...OPEN_STAGES), (input, stage) => {
        const problem = check(input, record({ stage }));
        expect(problem === undefined || problem.length > 10).toBe(true);
      }),
    );
  });

  /** Temporal does not encrypt a refusal, so that people can read it in the Web UI. */
  test.each(Object.entries(CHECKS))('a refusal by %s repeats nothing that was sent', (_, check) => {
    const mark = fc.constantFrom('Mara-Quist', '12-345678900', 'see ticket: Quist');
    const message = fc.dictionary(
      fc.constantFrom(
        ...FIELDS,
        'outcome',
        'next',
        'waitingOn',
        'verification',
        'what',
        'mailId',
        'recompute',
        'Mara-Quist',
      ),
      fc.oneof(mark, fc.array(mark), fc.record({ reference: mark, importerNumber: mark, company: fc.constant({}) })),
    );
    fc.assert(
      fc.property(message, fc.constantFrom(...OPEN_STAGES), (input, stage) => {
        const deadlines = { late: { at: AT, explanation: 'Mara-Quist' } };
        const problem = check(input, record({ stage, deadlines, wanted: 'Mara-Quist' })) ?? '';
        expect(problem).not.toMatch(/Quist|12-345678900/);
      }),
    );
  });

  test('a missing payload is refused with an example to paste', () => {
    for (const check of Object.values(CHECKS)) {
      for (const nothing of [undefined, null, [], 'text', 7]) expect(check(nothing, record())).toContain('Paste {');
    }
  });

  test('every message needs an actor', () => {
    for (const check of Object.values(CHECKS)) {
      const { actor: _, ...without } = { ...BY, reason: 'why' };
      // The example after it contains the word, too.
      expect(check(without, record())).toMatch(/^actor\b[^.]* (is|are) missing\./);
      expect(check({ ...without, actor: ' ' }, record())).toMatch(/^actor\b[^.]* (is|are) missing\./);
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
    'the example in the description of %s is accepted',
    (name) => {
      const due = { at: '2026-12-03T22:00:00.000Z', explanation: 'x' };
      const known = mail('unclear', { mailId: 'from the details' });
      const onRecord = withEntries([received(known)], {
        stage: FITTING[name],
        wanted: 'an answer',
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

describe('messages at the wrong time', () => {
  test.each([
    ['a decision before anything was submitted', 'preparing', 'Nothing has been submitted'],
    ['an approval while waiting for the grant', 'awaiting-access-grant', 'already approved'],
  ] as const)('%s is refused with the remedy', (_, stage, remedy) => {
    const approved = { ...BY, decision: 'approved', verification: 'seen-in-ace' };
    expect(checks.checkDecide(approved, record({ stage }))).toContain(remedy);
  });

  test('a correction for another client is refused', () => {
    const application = { ...sampleApplication(), reference: 'somebody-else' };
    const problem = checks.checkCorrection(
      { actor: 'jo', reason: 'x', application },
      record({ stage: 'awaiting-correction' }),
    );
    expect(problem).toContain('is not maple-imports');
    expect(problem).not.toContain('somebody-else');
  });

  test.each([[['maple-imports']], [{ toString: 5 }], [null], [5]])(
    'a correction whose reference is not a string is refused: %j',
    (reference) => {
      const application = { ...sampleApplication(), reference };
      const correction = { actor: 'jo', reason: 'x', application };
      expect(checks.checkCorrection(correction, record({ stage: 'awaiting-correction' }))).toContain(
        'is not maple-imports',
      );
    },
  );

  test('another client’s numbers are refused without repeating them', () => {
    const seen = { ...BY, role: 'full-access', importerNumbers: ['98-765432100'] };
    const problem = checks.checkAccess(seen, record({ stage: 'awaiting-access-grant' })) ?? '';
    expect(problem).toContain('not belong to this onboarding');
    expect(problem).not.toContain('98-765432100');
  });

  test('a settlement must say when CBP got it, with a time zone', () => {
    const settle = { ...BY, outcome: 'sent' };
    const asked = record({ stage: 'submitting', wanted: 'what became of it' });
    for (const at of [
      undefined,
      'yesterday',
      '2026-11-25',
      '0099-01-01T00:00:00Z',
      5,
      '2026-11-25T15:00',
      '2026-11-25T15:00:00',
    ]) {
      expect(checks.checkSettlement({ ...settle, at }, asked)).toMatch(
        /^at (must be a date and time|is in the future|is more than a year ago)/,
      );
    }
    expect(checks.checkSettlement({ ...settle, at: '2026-11-25T15:00-05:00' }, asked)).toBeUndefined();
  });

  test('a settlement in the future is refused, because no decision clock can start there', () => {
    const settle = { ...BY, outcome: 'sent', at: '2206-11-25T15:00:00-05:00' };
    const asked = record({ stage: 'submitting', wanted: 'what became of it' });
    expect(checks.checkSettlement(settle, asked)).toContain('in the future');
  });

  test('when two people settle at the same time, the second is told', () => {
    const settle = { ...BY, outcome: 'not-sent' } as const;
    const settled = withEntries([{ at: AT, kind: 'settle', settle }], { stage: 'submitting', wanted: 'an answer' });
    expect(checks.checkSettlement(settle, settled)).toContain('Look again');
    expect(checks.checkSettlement(settle, { ...settled, attemptStartIndex: 1 })).toBeUndefined();
  });

  test.each(['sent', 'not-sent'])('an email that is being sent cannot be settled as %s', (outcome) => {
    const settle = { ...BY, outcome, at: '2026-11-25T15:00:00-05:00' };
    expect(checks.checkSettlement(settle, record({ stage: 'submitting' }))).toContain('being sent');
  });

  test('while waiting for the grant, a decision cannot ask for a correction, because nothing would come of it', () => {
    const asked = { ...BY, decision: 'correction-needed', waitingOn: 'client', what: 'the name' };
    expect(checks.checkDecide(asked, record({ stage: 'awaiting-access-grant' }))).toContain('correctApplication');
  });

  test.each(['awaiting-correction', 'awaiting-access-grant'] as const)(
    'when two people act at the same time in %s and one corrects, the other is told to look again',
    (stage) => {
      const correct = { actor: 'jo', reason: 'the name', application: sampleApplication() };
      const corrected = withEntries([{ at: AT, kind: 'correct', correct }], { stage });
      expect(checks.checkCorrection({ ...correct, actor: 'kim' }, corrected)).toContain('Look again');
      const seen = { ...BY, role: 'full-access', importerNumbers: [correct.application.importerNumber] };
      const refusal = checks.checkAccess(seen, corrected);
      expect(refusal).toContain(stage === 'awaiting-access-grant' ? 'Look again' : 'not waiting');
      expect(checks.checkCorrection(correct, { ...corrected, attemptStartIndex: 1 })).toBeUndefined();
    },
  );

  test('a deadline is set to a time with a zone within a year, and not recomputed in the same message', () => {
    const change = { actor: 'jo', reason: 'x', deadline: 'late' };
    const running = record({ deadlines: { late: { at: '2026-12-03T22:00:00.000Z', explanation: 'x' } } });
    const refusal = (at: unknown, more = {}) => checks.checkDeadline({ ...change, at, ...more }, running);
    expect(refusal('2026-12-30T17:00:00')).toContain('time zone');
    expect(refusal('2206-12-30T17:00:00-05:00')).toContain('more than a year ahead');
    expect(refusal('2026-12-30T17:00:00-05:00', { recompute: true })).toContain('not both');
    expect(refusal(undefined, { recompute: true })).toContain('not both');
    expect(refusal('2026-12-30T17:00:00-05:00', { recompute: true, deadline: undefined })).toContain('not both');
    expect(refusal(undefined, { recompute: true, deadline: undefined })).toBeUndefined();
    expect(refusal('2026-12-30T17:00:00-05:00')).toBeUndefined();
  });

  test('a deadline whose step has been taken cannot be moved, because that would have no effect', () => {
    const due = { at: '2026-12-03T22:00:00.000Z', explanation: 'x' };
    const change = { actor: 'jo', reason: 'x', deadline: 'late', at: '2026-12-30T17:00:00-05:00' };
    const deadlines = { late: due, overdue: due };
    expect(checks.checkDeadline(change, record({ deadlines }))).toBeUndefined();
    expect(checks.checkDeadline(change, record({ deadlines, stepsTaken: ['late'] }))).toContain('already happened');
    const overdue = { ...change, deadline: 'overdue' };
    expect(checks.checkDeadline(overdue, record({ deadlines, stepsTaken: ['late'] }))).toBeUndefined();
  });

  test('of two people who decide at the same time, the second is told so', () => {
    const first = decided({ ...BY, decision: 'approved', verification: 'seen-in-ace' });
    const second = { ...BY, decision: 'rejected', verification: 'desk-phoned' };
    expect(checks.checkDecide(second, withEntries([first]))).toContain('just recorded a decision');
    expect(checks.checkDecide(second, withEntries([first], { attemptStartIndex: 1 }))).toBeUndefined();
    expect(checks.checkDecide(second, withEntries([received(mail('approved'))]))).toBeUndefined();
    // Nothing was sent, so a decision does not move the case, and must not block the next one.
    expect(checks.checkDecide(second, withEntries([first], { submissions: [] }))).toBeUndefined();
  });

  test('a deadline that is not running cannot be set', () => {
    const change = { actor: 'jo', reason: 'x', deadline: 'parked', at: '2026-12-30T17:00:00-05:00' };
    const due = { at: '2026-12-03T22:00:00.000Z', explanation: 'x' };
    expect(checks.checkDeadline(change, record())).toContain('Nothing is due');
    expect(checks.checkDeadline(change, record({ deadlines: { late: due } }))).toContain('one of: late');
  });
});

test('a refusal names one missing field, or all of them', () => {
  const { reason: _, ...without } = { actor: 'jo', reason: 'x' };
  expect(checks.checkWithdrawal(without)).toMatch(/^reason is missing\. Paste /);
  expect(checks.checkWithdrawal({})).toMatch(/^actor, reason are missing\. Paste /);
});

test('only an email of this onboarding can be dismissed', () => {
  const known = mail('unclear');
  const dismiss = (mailId: string) =>
    checks.checkDismissal({ actor: 'jo', mailId, reason: 'x' }, withEntries([received(known)]));
  expect(dismiss(known.mailId)).toBeUndefined();
  expect(dismiss('another')).toContain('no email with that mailId');
});

test('an unknown decision is refused with all that exist', () => {
  expect(checks.checkDecide({ ...BY, decision: 'perhaps' }, record())).toBe(
    'decision must be one of: approved, already-registered, correction-needed, rejected, abandoned.',
  );
});
