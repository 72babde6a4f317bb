import { describe, expect, it } from 'vitest';
import { newYorkInstant } from '../../../src/calendar/day.js';
import { decisionDeadlines, grantDeadlines } from '../../../src/calendar/schedule.js';
import { POLICY } from '../../support/usual-policy.js';

const accepted = newYorkInstant('2026-11-25', 10);
const day = (deadline: { at: string } | undefined) => deadline?.at.slice(0, 10);

describe('after submission', () => {
  it('acknowledgement, late and overdue are counted from when CBP’s server accepted the application', () => {
    const deadlines = decisionDeadlines(accepted, POLICY);
    expect(day(deadlines.acknowledgement)).toBe('2026-11-27');
    expect(day(deadlines.late)).toBe('2026-12-03');
    expect(day(deadlines.overdue)).toBe('2026-12-10');
    expect(Object.keys(deadlines.late)).toEqual(['at', 'explanation', 'brief']);
  });

  it('a longer response time makes late and overdue later', () => {
    const deadlines = decisionDeadlines(accepted, POLICY, 7);
    expect(day(deadlines.late)).toBe('2026-12-07');
    expect(day(deadlines.overdue)).toBe('2026-12-14');
  });

  it('a shorter response time changes nothing', () => {
    expect(decisionDeadlines(accepted, POLICY, 3)).toEqual(decisionDeadlines(accepted, POLICY));
  });
});

describe('after the instructions', () => {
  it('reminders come in order, then the silence deadline, then parking', () => {
    const deadlines = grantDeadlines(accepted, { ...POLICY, grantReminderDays: [8, 2, 5] });
    expect(deadlines.reminders.map(day)).toEqual(['2026-11-30', '2026-12-03', '2026-12-08']);
    expect(day(deadlines.silent)).toBe('2026-12-10');
    expect(day(deadlines.parked)).toBe('2026-12-24');
  });
});
