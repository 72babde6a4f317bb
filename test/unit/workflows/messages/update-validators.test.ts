import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OnboardingStage, STAGES } from '../../../../src/workflows/contract/stages.js';
import { DESCRIPTIONS } from '../../../../src/workflows/messages/descriptions.js';
import * as acts from '../../../../src/workflows/messages/small-act-validators.js';
import * as checks from '../../../../src/workflows/messages/update-validators.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, BY, clock, decided, mail, received, record, withEntries } from '../onboarding/records.js';

const CHECKS = {
  decide: checks.checkDecide,
  correctApplication: checks.checkCorrection,
  settleSubmission: checks.checkSettlement,
  confirmAccessGranted: checks.checkAccess,
  changeDeadline: checks.checkDeadline,
  dismissMail: checks.checkDismissal,
  withdraw: checks.checkWithdrawal,
  handOver: acts.checkHandOver,
  addNote: acts.checkNote,
  snooze: acts.checkSnooze,
  logCall: acts.checkCall,
  recordStatement: acts.checkStatement,
  reportProblem: acts.checkProblem,
  sendMessage: acts.checkMessage,
} as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-26T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

const OPEN_STAGES = STAGES.filter((stage) => stage !== 'closed');

const FIELDS = [
  ...['actor', 'evidence', 'reason', 'decision', 'application', 'importerNumbers', 'at', 'deadline', 'role'],
  ...['handler', 'text', 'until', 'with', 'who', 'said', 'chaseOn', 'says', 'on', 'problem', 'to', 'ticket', 'because'],
];
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
        const { start, steps } = clock('decision', 'late');
        const running = { start, steps: steps.map((step) => ({ ...step, explanation: 'Mara-Quist' })) };
        const problem = check(input, record({ stage, clock: running, wanted: 'Mara-Quist' })) ?? '';
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
    handOver: 'awaiting-decision',
    addNote: 'awaiting-decision',
    snooze: 'awaiting-decision',
    logCall: 'awaiting-decision',
    recordStatement: 'awaiting-decision',
    reportProblem: 'awaiting-access-grant',
    sendMessage: 'awaiting-decision',
  };

  test.each(Object.keys(CHECKS) as (keyof typeof CHECKS)[])(
    'the example in the description of %s is accepted',
    (name) => {
      // After the days in the examples that must be past, before the others.
      vi.setSystemTime(new Date('2026-12-04T17:00:00Z'));
      const known = mail('unclear', { mailId: 'from the details' });
      const onRecord = withEntries([received(known)], {
        stage: FITTING[name],
        wanted: 'an answer',
        applicationSha256: 'b'.repeat(64),
        documents: [{ what: 'form, attempt 1', sha256: 'c'.repeat(64) }],
      });
      const examples = [...DESCRIPTIONS[name].matchAll(/`(\{.*?\})`/g)].map(([, json = '']) => json);
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        const filledIn = example
          .replaceAll('THE-NUMBER', onRecord.application.importerNumber)
          .replace('{"reference":"…"}', JSON.stringify({ ...sampleApplication(), handler: 'kim' }));
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
      const application = sampleApplication();
      application.accountOwner.email = 'new@maple.example';
      const correct = { actor: 'jo', reason: 'a new owner', application };
      const corrected = withEntries([{ at: AT, kind: 'correct', correct }], { stage });
      expect(checks.checkCorrection({ ...correct, actor: 'kim' }, corrected)).toContain('Look again');
      const seen = { ...BY, role: 'full-access', importerNumbers: [correct.application.importerNumber] };
      const refusal = checks.checkAccess(seen, corrected);
      expect(refusal).toContain(stage === 'awaiting-access-grant' ? 'Look again' : 'not waiting');
      expect(checks.checkCorrection(correct, { ...corrected, attemptStartIndex: 1 })).toBeUndefined();
    },
  );

  test('a deadline is set to a time with a zone within a year, or moved by days, and not recomputed in the same message', () => {
    const change = { actor: 'jo', reason: 'x', deadline: 'late' };
    const refusal = (at: unknown, more = {}) => checks.checkDeadline({ ...change, at, ...more }, record());
    expect(refusal('2026-12-30T17:00:00')).toContain('time zone');
    expect(refusal('2206-12-30T17:00:00-05:00')).toContain('more than a year ahead');
    for (const more of [{ recompute: true }, { byDays: 1 }, { recompute: true, deadline: undefined }])
      expect(refusal('2026-12-30T17:00:00-05:00', more)).toContain('exactly one of');
    expect(refusal(undefined)).toContain('exactly one of');
    expect(refusal(undefined, { recompute: true })).toContain('without deadline');
    expect(refusal(undefined, { recompute: 'yes', deadline: undefined })).toContain('send it as true');
    for (const byDays of [0, 1.5, '1']) expect(refusal(undefined, { byDays })).toContain('whole number');
    expect(refusal(undefined, { byDays: 400 })).toContain('more than a year ahead');
    expect(refusal(undefined, { byDays: -2 })).toBeUndefined();
    expect(refusal(undefined, { recompute: true, deadline: undefined })).toBeUndefined();
    expect(refusal('2026-12-30T17:00:00-05:00')).toBeUndefined();
  });

  test('a deadline that is over or not running cannot be moved, because that would have no effect', () => {
    const change = { actor: 'jo', reason: 'x', deadline: 'late', at: '2026-12-30T17:00:00-05:00' };
    expect(checks.checkDeadline(change, record())).toBeUndefined();
    const ahead = record({ clock: clock('decision', 'overdue', 'weekly') });
    expect(checks.checkDeadline(change, ahead)).toContain('one that is still ahead: overdue, weekly;');
    expect(checks.checkDeadline({ ...change, deadline: 'overdue' }, ahead)).toBeUndefined();
    expect(checks.checkDeadline({ ...change, deadline: 'parked' }, ahead)).toContain('still ahead');
    const alarm = { ...change, deadline: 'chase' };
    expect(checks.checkDeadline(alarm, record({ alarms: clock('work', 'chase').steps }))).toBeUndefined();
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
});

describe('a decision', () => {
  const decide = (more: object, stage: OnboardingStage = 'awaiting-decision') =>
    checks.checkDecide({ ...BY, verification: 'seen-in-ace', ...more }, record({ stage }));

  test('can name the day of CBP’s email to the account owner, which has passed and exists', () => {
    const approved = { decision: 'approved' };
    expect(decide({ ...approved, mailedOn: '2026-11-26' })).toBeUndefined();
    expect(decide({ ...approved, mailedOn: '2026-11-27' })).toContain('in the future');
    for (const mailedOn of ['2026-02-30', 'yesterday', 5, '2026-11-26T10:00:00Z'])
      expect(decide({ ...approved, mailedOn })).toContain('must be an existing day');
    expect(decide({ ...approved, mailedOn: '2020-01-01' })).toContain('before the application went to CBP');
  });

  test('for a correction says who must act and what to correct, and names work only for the broker', () => {
    const correction = { decision: 'correction-needed', waitingOn: 'client', what: 'the name' };
    expect(decide(correction)).toBeUndefined();
    expect(decide({ ...correction, waitingOn: 'cbp' })).toContain('must be one of: client, broker');
    expect(decide({ ...correction, what: ' ' })).toContain('what is missing');
    expect(decide({ ...correction, work: 'form-5106' })).toContain('"waitingOn":"broker"');
    expect(decide({ ...correction, waitingOn: 'broker', work: 'phone' })).toContain('form-5106, abi');
    for (const work of ['form-5106', 'abi'])
      expect(decide({ ...correction, waitingOn: 'broker', work })).toBeUndefined();
  });
});

describe('a look into ACE', () => {
  const seen = (more: object, overrides = {}) =>
    checks.checkAccess(
      { ...BY, role: 'full-access', importerNumbers: [sampleApplication().importerNumber], ...more },
      record({ stage: 'awaiting-access-grant', ...overrides }),
    );

  test('can show nothing, another role for a number, or the wrong top account', () => {
    expect(seen({ importerNumbers: [] })).toBeUndefined();
    expect(seen({ roles: { '12345678900': 'read-only' }, topAccount: 'wrong', acceptRole: true })).toBeUndefined();
  });

  test('has only known roles, of numbers that it shows', () => {
    for (const roles of [{ '12-345678900': 'boss' }, ['read-only'], 'read-only'])
      expect(seen({ roles })).toContain('roles must name the role');
    expect(seen({ roles: { '98-765432100': 'other' } })).toContain('not in importerNumbers');
    expect(seen({ topAccount: 'left' })).toContain('right, wrong');
    expect(seen({ acceptRole: 'yes' })).toContain('true or false');
    expect(seen({ importerNumbers: undefined })).toContain('the list of numbers');
  });

  test('once our authority has ended, ends the onboarding only if it shows nothing', () => {
    const revoked = { stageAttention: ['remove-our-user'] };
    expect(seen({}, revoked)).toContain('Give up our access');
    expect(seen({ importerNumbers: [] }, revoked)).toBeUndefined();
  });
});

describe('a correction', () => {
  const correct = (change: object, how: object = {}, overrides: Parameters<typeof record>[0] = {}) =>
    checks.checkCorrection(
      { actor: 'jo', reason: 'x', application: { ...sampleApplication(), ...change }, ...how },
      record(overrides),
    );
  const NAME = { company: { ...sampleApplication().company, legalName: 'Maple Imports Inc.' } };
  const HANDLER = { handler: 'kim' };

  test.each(['awaiting-acknowledgement', 'awaiting-decision'] as const)(
    'while CBP decides (%s) replaces what CBP has only if a person says so',
    (stage) => {
      expect(correct(NAME, {}, { stage })).toContain('an application with the old company. To send');
      expect(correct(NAME, { because: 'our-typo' }, { stage })).toContain('"replace":true');
      expect(correct(NAME, { replace: true }, { stage })).toBeUndefined();
      expect(correct(HANDLER, {}, { stage })).toBeUndefined();
      expect(correct(HANDLER, { replace: true }, { stage })).toContain('nothing to replace');
    },
  );

  test('is refused if nothing would change, unless the same is to go out once more, such as after a bounce', () => {
    for (const stage of ['awaiting-decision', 'awaiting-correction', 'awaiting-access-grant'] as const)
      expect(correct({}, {}, { stage })).toContain('Nothing would change');
    expect(correct({}, {}, { stage: 'awaiting-correction' })).toContain('"replace":true');
    expect(correct({}, { replace: true }, { stage: 'awaiting-correction' })).toBeUndefined();
    for (const stage of ['awaiting-decision', 'awaiting-access-grant'] as const)
      expect(correct({}, { replace: true }, { stage })).toContain('Nothing would change');
  });

  test('of the Form 5106 is work before a correction, only while something that CBP has is to change', () => {
    const because = { because: 'form-5106' };
    expect(correct(NAME, because)).toBeUndefined();
    expect(correct(HANDLER, because)).toContain('has nothing to do with it');
    for (const stage of ['submitting', 'awaiting-access-grant'] as const)
      expect(correct(NAME, because, { stage })).toContain('once the Form 5106 is updated');
    expect(correct(NAME, because, { stage: 'awaiting-correction', submissions: [] })).toContain('in a note');
  });

  test('waits until it is known whether CBP has the application', () => {
    const unknown = { stage: 'submitting', stageAttention: ['send-unknown'] } as const;
    expect(correct(NAME, {}, { ...unknown, stageAttention: [...unknown.stageAttention] })).toContain(
      'settleSubmission',
    );
    expect(correct(HANDLER, {}, { stage: 'submitting' })).toBeUndefined();
    const byHand = { stage: 'submitting', stageAttention: ['web-form'] } as const;
    expect(correct(NAME, {}, { ...byHand, stageAttention: [...byHand.stageAttention] })).toBeUndefined();
  });

  test('has a known cause, and none while the application is being checked', () => {
    expect(correct(HANDLER, { because: 'whim' })).toContain('our-typo, form-5106, changed');
    expect(correct(NAME, {}, { stage: 'preparing', submissions: [] })).toContain('Try again in a minute');
  });
});

test('a withdrawal has a known cause, and a power of attorney is revoked only once', () => {
  const withdraw = (more: object, overrides = {}) =>
    checks.checkWithdrawal({ actor: 'jo', reason: 'x', ...more }, record(overrides));
  const revoked = { because: 'power-of-attorney-revoked' };
  expect(withdraw(revoked)).toBeUndefined();
  expect(withdraw({ because: 'whim' })).toContain('client-withdraws, power-of-attorney-revoked');
  expect(withdraw({ notifyCbp: 'no' })).toContain('true or false');
  const known = { stage: 'awaiting-access-grant', stageAttention: ['remove-our-user'] };
  expect(withdraw(revoked, known)).toContain('on record already');
  expect(withdraw({}, known)).toBeUndefined();
});

test('a refusal names one missing field, or all of them', () => {
  const { reason: _, ...without } = { actor: 'jo', reason: 'x' };
  expect(checks.checkWithdrawal(without, record())).toMatch(/^reason is missing\. Paste /);
  expect(checks.checkWithdrawal({}, record())).toMatch(/^actor, reason are missing\. Paste /);
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
