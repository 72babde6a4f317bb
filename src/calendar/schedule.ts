import { deadline } from './deadline.js';
import type { Deadline, Policy } from './policy.js';

/**
 * Deadlines for CBP's decision, counted from when CBP's mail server accepted the application. If CBP announces a longer
 * response time (`responseBusinessDays`), both late and overdue become that much later. They never become earlier.
 */
export function decisionDeadlines(acceptedAt: Date, policy: Policy, responseBusinessDays = 0): DecisionDeadlines {
  const late = Math.max(policy.lateDays, responseBusinessDays);
  const overdue = late + Math.max(0, policy.overdueDays - policy.lateDays);
  return {
    acknowledgement: due(acceptedAt, policy.acknowledgementDays, policy),
    late: due(acceptedAt, late, policy),
    overdue: due(acceptedAt, overdue, policy),
  };
}

/** Deadlines for the access grant, counted from when the client got the instructions. */
export function grantDeadlines(from: Date, policy: Policy): GrantDeadlines {
  const reminderDays = [...policy.grantReminderDays].sort((a, b) => a - b);
  return {
    reminders: reminderDays.map((days) => due(from, days, policy)),
    silent: due(from, policy.grantSilentDays, policy),
    parked: due(from, policy.grantParkedDays, policy),
  };
}

/** Only the fields that go into history. */
function due(from: Date, days: number, policy: Policy): Deadline {
  const { at, explanation, brief } = deadline(from, days, policy.calendar);
  return { at, explanation, brief };
}
export interface DecisionDeadlines {
  acknowledgement: Deadline;
  late: Deadline;
  overdue: Deadline;
}
export interface GrantDeadlines {
  reminders: Deadline[];
  silent: Deadline;
  parked: Deadline;
}
