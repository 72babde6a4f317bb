import { describe, expect, test } from 'vitest';
import { STEP_KINDS, type StepName, type Wait } from '../../../../src/workflows/contract/waits.js';
import { daysLater, describeStep, stepsAhead, stepToTake, takeOff } from '../../../../src/workflows/record/clock.js';
import type { OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { STEP_EFFECTS } from '../../../../src/workflows/record/step-policy.js';
import { clock, record, step } from '../onboarding/records.js';

/** Dec 3, 8:00 AM in New York, plus some hours. */
const at = (hours: number) => new Date(Date.parse('2026-12-03T13:00:00Z') + hours * 3_600_000).toISOString();
const running = (wait: Wait, steps: [StepName, number][], overrides: Partial<OnboardingRecord> = {}) =>
  record({ clock: { ...clock(wait), steps: steps.map(([name, hours]) => step(name, at(hours))) }, ...overrides });
const names = (one: OnboardingRecord) => stepsAhead(one).map(({ name }) => name);
/** What is taken until nothing more is due. */
const taken = (one: OnboardingRecord, hours: number) => {
  const all: StepName[] = [];
  const now = Date.parse(at(hours));
  for (let next = stepToTake(one, now); next; next = stepToTake(one, now)) {
    all.push(next.name);
    takeOff(one, next, now);
  }
  return all;
};

describe('what is due', () => {
  test('is taken once, in order, with the alarms beside the wait', () => {
    const one = running(
      'decision',
      [
        ['late', 1],
        ['overdue', 5],
      ],
      { alarms: [step('refund', at(3))] },
    );
    expect(names(one)).toEqual(['late', 'refund', 'overdue']);
    expect(taken(one, 4)).toEqual(['late', 'refund']);
    expect(names(one)).toEqual(['overdue']);
  });

  test('of several reminders at once only the last goes out', () => {
    const steps: [StepName, number][] = [
      ['reminder-1', 1],
      ['reminder-2', 2],
      ['silent', 3],
      ['reminder-3', 9],
    ];
    const one = running('grant', steps);
    expect(taken(one, 4)).toEqual(['reminder-2', 'silent']);
    expect(names(one)).toEqual(['reminder-3']);
  });

  test.each(STEP_KINDS)('%s says in words what happens and who is told', (kind) => {
    const name = kind === 'reminder' || kind === 'question' ? (`${kind}-2` as const) : (kind as StepName);
    const said = describeStep({ name }, running('grant', []));
    expect(said.length).toBeGreaterThan(10);
    if (name !== kind) expect(said).toContain('second');
    expect(STEP_EFFECTS[kind].told).not.toBe('');
  });
});

describe('a snooze', () => {
  const until = at(48);
  const snoozed = { until, by: 'jo', why: 'the owner is away' };

  test('stops reminders and escalation until it ends, and then none is sent twice', () => {
    const one = running(
      'grant',
      [
        ['reminder-1', 1],
        ['silent', 2],
        ['reminder-2', 3],
      ],
      { snoozed },
    );
    expect(taken(one, 47)).toEqual([]);
    expect(taken(one, 48).sort()).toEqual(['reminder-2', 'silent']);
  });

  test('lets a reminder wait for the client’s own morning', () => {
    const one = running('grant', [['reminder-1', 1]], { snoozed, timeZone: 'America/Los_Angeles' });
    // 9:00 AM in Los Angeles is noon in New York.
    expect(taken(one, 48 + 3)).toEqual([]);
    expect(taken(one, 48 + 4)).toEqual(['reminder-1']);
  });

  test('does not stop what is urgent, or what is due later anyway', () => {
    const urgent: StepName[] = ['link-dies', 'lock-soon', 'ask'];
    const one = running(
      'sign-in',
      urgent.map((name) => [name, 1]),
      {
        snoozed,
        alarms: [step('refund', at(1)), step('unread', at(1)), step('chase', at(1))],
      },
    );
    expect(taken(one, 2).sort()).toEqual(['ask', 'chase', 'link-dies', 'lock-soon', 'refund', 'unread']);
    const later = running('grant', [['silent', 72]], { snoozed });
    expect(taken(later, 71)).toEqual([]);
    expect(taken(later, 72)).toEqual(['silent']);
  });
});

test('a step that is moved by days keeps its time of day in New York, over a change of the clocks', () => {
  expect(daysLater('2026-10-31T12:00:00.000Z', 1)).toBe('2026-11-01T13:00:00.000Z');
  expect(daysLater('2026-12-03T22:00:00.000Z', -2)).toBe('2026-12-01T22:00:00.000Z');
});
