import { inNewYork, instantIn, newYorkInstant } from '../../calendar/day.js';
import type { Attention, Escalation } from '../contract/progress.js';
import type { StepKind, Wait } from '../contract/waits.js';
import type { OnboardingRecord } from './record.js';

/**
 * What happens at each step of a clock, in one table. Pure data: `onboarding/case-clock.ts` carries it out.
 */
export interface StepEffect {
  /** What will happen, for people: "the client is reminded". */
  description(number: number, wait: Wait): string;
  /** Who hears about it. */
  told: string;
  /** The step alerts people about CBP's silence, so the mailbox must be read up to its instant first. */
  readMailboxFirst?: true;
  /** The step is for the client, and a reply of the client that no one has handled stops it. */
  asksClient?: true;
  attention?: Attention;
  /** A reason for attention that is no longer so: what was near has happened. */
  ends?: Attention;
  /** The client can't do any more what the next reminders would ask for. */
  endsReminders?: true;
  turn?: 'broker';
  escalation?: Escalation;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
const nth = (number: number) => ORDINALS[number - 1] ?? `${number}th`;

const ASKED_FOR: Partial<Record<Wait, string>> = {
  'client-correction': 'to send what CBP asks for',
  'sign-in': 'to sign in to ACE',
  grant: 'to add our user in ACE',
};

export const STEP_EFFECTS: Record<StepKind, StepEffect> = {
  delayed: {
    description: () => 'the handler is told that this takes unusually long',
    told: 'handler',
    attention: 'delayed',
  },
  ask: {
    description: () => 'the handler is asked whether CBP has the application',
    told: 'handler, at once',
    readMailboxFirst: true,
    attention: 'send-unknown',
    turn: 'broker',
  },
  acknowledgement: {
    description: () => 'the missing acknowledgement is noted, and the wait for the decision begins',
    told: 'no one',
    readMailboxFirst: true,
  },
  late: {
    description: () => 'the handler is told that the decision is late',
    told: 'handler',
    readMailboxFirst: true,
    attention: 'late',
  },
  overdue: {
    description: () => "operations and the manager are asked to call CBP's desk or change the route",
    told: 'operations, manager',
    readMailboxFirst: true,
    attention: 'overdue',
    escalation: 'manager',
  },
  question: {
    description: (number) => `the client is asked whether CBP's account email came, for the ${nth(number)} time`,
    told: 'client',
    readMailboxFirst: true,
    asksClient: true,
  },
  reminder: {
    description: (number, wait) => `${nth(number)} reminder to the client ${ASKED_FOR[wait] ?? ''}`.trim(),
    told: 'client',
    readMailboxFirst: true,
    asksClient: true,
  },
  silent: {
    description: () => 'operations is told that the client has not responded',
    told: 'operations',
    readMailboxFirst: true,
    attention: 'client-silent',
    escalation: 'operations',
  },
  parked: {
    description: () => 'the manager is told that the client has not responded',
    told: 'manager',
    readMailboxFirst: true,
    attention: 'parked',
    turn: 'broker',
    escalation: 'manager',
  },
  operations: {
    description: () => 'operations is told that this has not been done',
    told: 'operations',
    escalation: 'operations',
  },
  manager: {
    description: () => 'the manager is told that this has not been done',
    told: 'manager',
    escalation: 'manager',
  },
  weekly: {
    description: () => 'the manager is told again, and again each week',
    told: 'manager',
    escalation: 'manager',
  },
  'link-dies': {
    description: () => 'the handler is told that the sign-in link expires soon',
    told: 'handler, at once',
    readMailboxFirst: true,
    attention: 'link-dies',
  },
  'link-expired': {
    description: () => 'the handler is told that the sign-in link has expired',
    told: 'handler',
    attention: 'link-expired',
    ends: 'link-dies',
    endsReminders: true,
    turn: 'broker',
  },
  'lock-soon': {
    description: () => "the handler is told that ACE will soon disable the account owner's user",
    told: 'handler, at once',
    attention: 'lock-soon',
  },
  locked: {
    description: () => "the handler is told that ACE has most likely disabled the account owner's user",
    told: 'handler',
    attention: 'user-locked',
    ends: 'lock-soon',
    endsReminders: true,
    turn: 'broker',
  },
  chase: { description: () => 'the handler follows up a call', told: 'handler', attention: 'chase' },
  refund: {
    description: () => 'the handler is told that the last day of the refund is near',
    told: 'handler, at once',
    attention: 'refund-deadline',
  },
  unread: {
    // Only as long as the email waits: `OnboardingRecord.besides`.
    description: () => 'operations, then the manager, is told of the unread email',
    told: 'operations, then manager',
  },
};

const LEVELS: readonly Escalation[] = ['handler', 'operations', 'manager'];

export function higher(one: Escalation, other: Escalation): Escalation {
  return LEVELS.indexOf(one) >= LEVELS.indexOf(other) ? one : other;
}

/** When a step happens: at its own time, or when a snooze ends. Epoch milliseconds. */
export function dueAtOf(at: string, record: Pick<OnboardingRecord, 'snoozed' | 'timeZone'>, kind: StepKind): number {
  const own = Date.parse(at);
  const { snoozed, timeZone } = record;
  if (!snoozed || RINGS_THROUGH_SNOOZE.includes(kind) || own >= Date.parse(snoozed.until)) return own;
  if (!STEP_EFFECTS[kind].asksClient || !timeZone) return Date.parse(snoozed.until);
  return instantIn(timeZone, inNewYork(new Date(snoozed.until)).day, CLIENTS_MORNING).getTime();
}
/** What is urgent is not snoozed. */
const RINGS_THROUGH_SNOOZE: readonly StepKind[] = [
  'link-dies',
  'lock-soon',
  'refund',
  'ask',
  'unread',
  'chase',
  'delayed',
];

const CLIENTS_MORNING = 9;
const OUR_MORNING = 8;

/** The morning on which a snooze ends, or a call is followed up. ISO instant. */
export function morningOf(day: string): string {
  return newYorkInstant(day, OUR_MORNING).toISOString();
}
