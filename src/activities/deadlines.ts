import type { CalendarPolicy, Policy } from '../calendar/policy.js';
import { decisionDeadlines, grantDeadlines } from '../calendar/schedule.js';
import type { DeadlineActivities } from '../workflows/contract/deadline-activities.js';

export function createDeadlineActivities({
  policy,
}: {
  policy: Policy & { calendar: CalendarPolicy };
}): DeadlineActivities {
  return {
    async computeDeadlines(from) {
      return from.kind === 'decision'
        ? decisionDeadlines(new Date(from.at), policy, from.responseBusinessDays)
        : grantDeadlines(new Date(from.at), policy);
    },
  };
}
