import type { DecisionDeadlines, GrantDeadlines } from '../../calendar/schedule.js';

/** Computes deadlines: after CBP announced a response time or a closure, or for an application that we did not email. */
export interface DeadlineActivities {
  computeDeadlines(from: DeadlineBase): Promise<DecisionDeadlines | GrantDeadlines>;
}

export type DeadlineBase =
  | { kind: 'decision' /** When CBP got the application, ISO instant. */; at: string; responseBusinessDays?: number }
  | { kind: 'grant' /** When the instructions went out, ISO instant. */; at: string };
