import type { DecisionDeadlines, GrantDeadlines } from '../../calendar/schedule.js';

/** Deadlines made anew: after an announcement of CBP, a closure, or a submission that no mail of ours started the clock of. */
export interface DeadlineActivities {
  computeDeadlines(from: DeadlineBase): Promise<DecisionDeadlines | GrantDeadlines>;
}

export type DeadlineBase =
  | { kind: 'decision' /** When CBP got the application, ISO instant. */; at: string; responseBusinessDays?: number }
  | { kind: 'grant' /** When the instructions went out, ISO instant. */; at: string };
