import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ACCESS_PROBLEMS } from '../../../../src/workflows/contract/messages.js';
import { STAGES } from '../../../../src/workflows/contract/stages.js';
import * as acts from '../../../../src/workflows/messages/small-act-validators.js';
import type { OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { sampleApplication } from '../../application/sample.js';
import { clock, mail, received, record, withEntries } from '../onboarding/records.js';

const TODAY = '2026-11-26';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(`${TODAY}T12:00:00Z`) });
});
afterEach(() => {
  vi.useRealTimers();
});

const NOT_DAYS = ['2026-02-30', 'Monday', 5, '2026-12-01T08:00:00-05:00'];

test('a case is handed over only to someone who does not have it', () => {
  const handOver = (handler: string) =>
    acts.checkHandOver(
      { actor: 'jo', handler, reason: 'on leave' },
      record({ application: { ...sampleApplication(), handler: 'kim' } }),
    );
  expect(handOver('lee')).toBeUndefined();
  expect(handOver('kim')).toContain('no effect');
});

describe('a snooze', () => {
  const snooze = (until: unknown, overrides: Partial<OnboardingRecord> = {}) =>
    acts.checkSnooze({ actor: 'jo', until, reason: 'x' }, record(overrides));

  test('lasts until a day that is ahead, at most ninety days', () => {
    expect(snooze('2026-11-27')).toBeUndefined();
    expect(snooze('2027-02-24')).toBeUndefined();
    expect(snooze('2027-02-25')).toContain('more than 90 days');
    for (const until of [TODAY, '2026-11-01']) expect(snooze(until)).toContain('no effect');
    for (const until of NOT_DAYS.filter((day) => day !== 5)) expect(snooze(until)).toContain('existing day');
  });

  test('is refused where it would have no effect', () => {
    for (const wait of ['work', 'send-unknown'] as const)
      expect(snooze('2026-12-01', { clock: clock(wait) })).toContain('nothing to snooze');
  });
});

test('a call is with CBP or the client, and is followed up on a day that is ahead', () => {
  const call = (more: object) =>
    acts.checkCall({ actor: 'jo', with: 'cbp', who: 'agent 12', said: 'in process', ...more });
  expect(call({})).toBeUndefined();
  expect(call({ with: 'bank' })).toContain('cbp, client');
  expect(call({ chaseOn: '2026-11-27' })).toBeUndefined();
  expect(call({ chaseOn: TODAY })).toContain('not in the future');
  expect(call({ chaseOn: '2027-02-25' })).toContain('more than 90 days');
  for (const chaseOn of NOT_DAYS) expect(call({ chaseOn })).toContain('existing day');
  expect(acts.checkCall({ actor: 'jo', with: 'cbp', who: 'agent 12' })).toContain('said is missing');
});

describe('what the client says', () => {
  const says = (what: string, more: object = {}, overrides: Partial<OnboardingRecord> = {}) =>
    acts.checkStatement({ actor: 'jo', says: what, evidence: 'by phone', ...more }, record(overrides));
  const granting = (access: object = {}): Partial<OnboardingRecord> => ({
    stage: 'awaiting-access-grant',
    access: { approved: { on: TODAY, by: 'cbp' }, ...access },
  });
  const signedIn = { signedIn: { on: TODAY, by: 'client' } };

  test('is refused where it would have no effect', () => {
    expect(says('mail-came')).toBeUndefined();
    expect(says('no-mail')).toBeUndefined();
    for (const what of ['signed-in', 'user-added']) {
      expect(says(what)).toContain('record mail-came first');
      expect(says(what, {}, granting())).toBeUndefined();
    }
    expect(says('signed-in', {}, granting(signedIn))).toContain('on record already');
    // The day of CBP's email sets the clock of the sign-in link.
    expect(says('mail-came', {}, granting())).toContain('on record already');
    expect(says('mail-came', { on: TODAY }, granting())).toBeUndefined();
    expect(says('mail-came', { on: TODAY }, granting(signedIn))).toContain('on record already');
  });

  test('is about an application that CBP has', () => {
    for (const stage of ['preparing', 'submitting'] as const)
      expect(says('mail-came', {}, { stage })).toContain('use note');
    expect(says('mail-came', {}, { stage: 'awaiting-correction', submissions: [] })).toContain('use note');
  });

  test('happened on a day that has come', () => {
    expect(says('mail-came', { on: TODAY })).toBeUndefined();
    expect(says('mail-came', { on: '2026-11-27' })).toContain('in the future');
    for (const on of NOT_DAYS) expect(says('mail-came', { on })).toContain('existing day');
    expect(says('granted')).toContain('mail-came, no-mail, signed-in, user-added');
  });
});

test('a problem with the access is reported only while it is to be granted', () => {
  const report = (problem: string, stage: (typeof STAGES)[number]) =>
    acts.checkProblem({ actor: 'jo', problem, evidence: 'by phone' }, record({ stage }));
  for (const problem of ACCESS_PROBLEMS) expect(report(problem, 'awaiting-access-grant')).toBeUndefined();
  expect(report('weather', 'awaiting-access-grant')).toContain('link-expired, user-locked');
  for (const stage of STAGES.filter((one) => one !== 'awaiting-access-grant'))
    expect(report('owner-left', stage)).toContain('Nothing is to be granted yet');
});

describe('a message', () => {
  const known = mail('client-reply');
  const READY: Partial<OnboardingRecord> = {
    applicationSha256: 'b'.repeat(64),
    documents: [{ what: 'form, attempt 1', sha256: 'c'.repeat(64) }],
  };
  const send = (more: object, overrides: Partial<OnboardingRecord> = {}) =>
    acts.checkMessage(
      { actor: 'jo', to: 'cbp', text: 'The fiscal year ends in June.', ...more },
      withEntries([received(known)], { ...READY, ...overrides }),
    );

  test('answers only an email of this onboarding', () => {
    expect(send({ mailId: known.mailId })).toBeUndefined();
    expect(send({ mailId: 'another' })).toContain('no email with that mailId');
    expect(send({ ticket: ' ' })).toContain('the number that CBP gave');
    expect(send({ to: 'bank' })).toContain('cbp, client');
  });

  test('to CBP needs a thread, and a form that we sent if it is to be attached', () => {
    expect(send({ attachForm: true })).toBeUndefined();
    expect(send({ attachForm: true }, { documents: [] })).toContain('no form to attach');
    expect(send({}, { submissions: [] })).toContain('no thread');
  });

  test('to the client never has the form, and waits until the application has been checked', () => {
    expect(send({ to: 'client' }, { submissions: [] })).toBeUndefined();
    expect(send({ to: 'client', attachForm: true })).toContain('for CBP only');
    const { applicationSha256: _, ...unchecked } = withEntries([], READY);
    const message = { actor: 'jo', to: 'client', text: 'x' };
    expect(acts.checkMessage(message, unchecked)).toContain('not been checked yet');
  });
});
