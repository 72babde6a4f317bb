import type { CalendarPolicy, Policy } from '../calendar/policy.js';
import { decisionDeadlines, grantDeadlines } from '../calendar/schedule.js';
import type { DecisionDeadlines, GrantDeadlines } from './send-mail.js';

/** Deadlines made anew: after an announcement of CBP, a closure, or a submission that no mail of ours started the clock of. */
export interface DeadlineActivities {
  computeDeadlines(from: DeadlineBase): Promise<DecisionDeadlines | GrantDeadlines>;
}

export type DeadlineBase =
  | { kind: 'decision' /** When CBP got the application, ISO instant. */; at: string; responseBusinessDays?: number }
  | { kind: 'grant' /** When the instructions went out, ISO instant. */; at: string };

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
