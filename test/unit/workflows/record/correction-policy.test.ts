import { describe, expect, test } from 'vitest';
import type { Application } from '../../../../src/application/application.js';
import type { CorrectApplication } from '../../../../src/workflows/contract/messages.js';
import type { OnboardingStage } from '../../../../src/workflows/contract/stages.js';
import {
  changesForCbp,
  changesGrant,
  isChange,
  isChangeInPlace,
} from '../../../../src/workflows/record/correction-policy.js';
import { decisionOnRecord } from '../../../../src/workflows/record/decision-policy.js';
import { correctionOnRecord } from '../../../../src/workflows/record/people-policy.js';
import type { Entry, OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, withEntries } from '../onboarding/records.js';

const NAME = { company: { ...sampleApplication().company, legalName: 'Maple Imports Inc.' } };
const HANDLER = { handler: 'kim', refundDeadline: '2027-03-31' };
const OWNER = { accountOwner: { ...sampleApplication().accountOwner, email: 'new@maple.example' } };

const correction = (
  change: Partial<Application>,
  how: Partial<CorrectApplication> = {},
): Entry & { kind: 'correct' } => ({
  at: AT,
  kind: 'correct',
  correct: { actor: 'jo', reason: 'x', application: { ...sampleApplication(), ...change }, ...how },
});
const at = (stage: OnboardingStage, entry: Entry, overrides: Partial<OnboardingRecord> = {}) =>
  withEntries([entry], { stage, ...overrides });
const inPlace = (
  stage: OnboardingStage,
  change: Partial<Application>,
  overrides: Partial<OnboardingRecord> = {},
  how: Partial<CorrectApplication> = {},
) => {
  const entry = correction(change, how);
  const one = at(stage, entry, overrides);
  // It is one or the other.
  expect(correctionOnRecord(one) === undefined).toBe(isChangeInPlace(entry, one));
  return isChangeInPlace(entry, one);
};

test('a correction that was used for an attempt is not made again as a change in place', () => {
  const application = { ...sampleApplication(), handler: 'kim' };
  const correct = { at: AT, kind: 'correct', correct: { actor: 'jo', reason: 'handler', application } } as const;
  const stage = { stage: 'awaiting-access-grant' } as const;
  expect(isChange(correct, withEntries([correct], stage))).toBe(true);
  expect(isChange(correct, withEntries([correct], { ...stage, attemptStartIndex: 1 }))).toBe(false);
  expect(isChange(correct, withEntries([correct], { ...stage, consumed: [0] }))).toBe(false);
});

describe('a change that CBP and the client need not know', () => {
  test('stays on record at every stage once CBP has the application, and nothing is sent', () => {
    for (const stage of [
      'awaiting-acknowledgement',
      'awaiting-decision',
      'awaiting-correction',
      'awaiting-access-grant',
    ] as const)
      expect(inPlace(stage, HANDLER), stage).toBe(true);
  });

  test('is not one of something that CBP has, or of who grants access and for which numbers', () => {
    for (const stage of ['awaiting-acknowledgement', 'awaiting-decision', 'awaiting-correction'] as const)
      expect(inPlace(stage, NAME), stage).toBe(false);
    // CBP has approved: a name is only ours to keep now, but the owner gets new instructions.
    expect(inPlace('awaiting-access-grant', NAME)).toBe(true);
    for (const change of [OWNER, { importerNumber: '98-765432100' }, { furtherImporterNumbers: ['98-765432100'] }])
      expect(inPlace('awaiting-access-grant', change)).toBe(false);
  });

  test('does not exist before anything was sent: the corrected application is the one to send', () => {
    for (const change of [HANDLER, NAME, {}])
      expect(inPlace('awaiting-correction', change, { submissions: [] })).toBe(false);
  });
});

test('the same application goes out once more only if a person says so, such as after a bounce', () => {
  const again = { replace: true };
  for (const change of [{}, HANDLER]) {
    expect(inPlace('awaiting-correction', change)).toBe(true);
    expect(inPlace('awaiting-correction', change, {}, again)).toBe(false);
  }
});

test('the changed fields for CBP are named, without their values', () => {
  const { correct } = correction({ ...NAME, ...HANDLER, ...OWNER });
  const one = withEntries([]);
  expect(changesForCbp(one, correct)).toEqual(['accountOwner.email', 'company.legalName']);
  expect(changesGrant(one, correct)).toBe(true);
});

test('a wrong Form 5106 makes updating it the broker’s task, and changes and sends nothing', () => {
  const entry = correction(NAME, { because: 'form-5106' });
  const one = at('awaiting-decision', entry);
  expect(isChangeInPlace(entry, one)).toBe(false);
  expect(correctionOnRecord(one)).toBeUndefined();
  expect(decisionOnRecord(one)).toMatchObject({
    ...{ kind: 'correction', waitingOn: 'broker', attention: 'form-5106' },
    what: expect.stringContaining('(company.legalName)'),
  });
});
