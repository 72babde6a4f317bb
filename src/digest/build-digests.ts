import type { Day } from '../calendar/day.js';
import { dutyOf, managerOf, operationsAt, type People, type Person, personNamed } from '../config/people.js';
import type { Attention, Task } from '../workflows/contract/progress.js';
import { TASKS, type Work } from '../workflows/contract/tasks.js';
import type { DigestCase } from './digest-case.js';

/** A task in someone's digest. */
export interface DigestTask extends Omit<Task, 'reason' | 'since'> {
  /** `no-answer`: the case could not be read, so someone must look at it. */
  reason: Task['reason'] | 'no-answer';
  /** Absent with `no-answer`. */
  since?: string;
  workflowId: string;
  reference: string;
  company: string;
  work: Work;
  refundDeadline?: string | undefined;
  /** Whose case it is, if not the reader's: absent, unknown, or too late with it. */
  handler?: string | undefined;
  /** With `no-answer`: why the list of cases says that the case needs a person. */
  listedFor?: string[];
}

export interface Digest {
  to: Person;
  /** What dies first comes first. */
  tasks: DigestTask[];
}

export interface Office {
  people: People;
  operationsAddress: string;
  managerAddress: string;
  /** Today, in the broker's time zone. */
  day: Day;
  now: Date;
}

/** Mail that arrived is worth knowing at once, even in a case that someone snoozed. */
const MAIL: readonly Attention[] = [
  'mail-to-review',
  'decision-to-confirm',
  'contradiction',
  'approval-mismatch',
  'bounced',
];

/**
 * One digest for each address that has something to do. A task is in the digest of the person on duty for the case's
 * handler, or else of operations. Escalated, it is in that of operations, too.
 */
export function buildDigests(cases: readonly DigestCase[], office: Office): Digest[] {
  const digests = new Digests();
  const operations = operationsAt(office.operationsAddress);
  for (const one of cases) {
    const duty = dutyOf(office.people, one.handler, office.day, office.operationsAddress);
    for (const task of openTasks(one, office.now)) {
      digests.add(duty, task);
      if (one.escalation !== 'handler') digests.add(operations, task);
    }
  }
  return digests.sorted(office.people);
}

/** For managers: the tasks that were escalated to them. Every manager is there, even without any. */
export function buildWeeklies(cases: readonly DigestCase[], office: Office): Digest[] {
  const { people, day, now, managerAddress } = office;
  const digests = new Digests();
  for (const handler of [undefined, ...Object.keys(people)])
    digests.for(managerOf(people, handler, day, managerAddress));
  for (const one of cases)
    if (one.escalation === 'manager')
      for (const task of openTasks(one, now)) digests.add(managerOf(people, one.handler, day, managerAddress), task);
  return digests.sorted(people);
}

/** A digest with the tasks of others, whose own digests did not arrive. */
export function withTasksOf(digest: Digest, others: readonly Digest[]): Digest {
  const digests = new Digests();
  for (const task of digest.tasks) digests.add(digest.to, task);
  for (const { to, tasks } of others)
    for (const task of tasks) digests.add(digest.to, { ...task, handler: task.handler ?? to.id });
  return { to: digest.to, tasks: [...digests.for(digest.to).values()].sort(byUrgency) };
}

/** The tasks of a case that belong into a digest now. */
export function openTasks(one: DigestCase, now: Date): DigestTask[] {
  const asleep = one.snoozed !== undefined && Date.parse(one.snoozed.until) > now.getTime();
  const { workflowId, reference, company, handler, refundDeadline } = one;
  const about = { workflowId, reference, company, handler, refundDeadline };
  if (one.unanswered) return [{ ...about, reason: 'no-answer', work: 'read', listedFor: one.unanswered }];
  return one.tasks
    .filter(({ reason }) => !asleep || TASKS[reason].urgent || MAIL.includes(reason))
    .map((task) => ({
      ...task,
      ...about,
      work: TASKS[task.reason].work,
    }));
}

/** Two names may have one address, which then gets one email with each task once. */
class Digests {
  readonly #byAddress = new Map<string, { to: Person; tasks: Map<string, DigestTask> }>();

  for(to: Person): Map<string, DigestTask> {
    const address = to.email.toLowerCase();
    const digest = this.#byAddress.get(address) ?? { to, tasks: new Map() };
    this.#byAddress.set(address, digest);
    return digest.tasks;
  }

  add(to: Person, task: DigestTask): void {
    this.for(to).set(`${task.workflowId} ${task.reason}`, task);
  }

  sorted(people: People): Digest[] {
    return [...this.#byAddress.values()].map(({ to, tasks }) => ({
      to,
      tasks: [...tasks.values()].sort(byUrgency).map((task) => withoutOwnName(task, to, people)),
    }));
  }
}

function withoutOwnName(task: DigestTask, reader: Person, people: People): DigestTask {
  const handler = personNamed(people, task.handler);
  if (handler?.email.toLowerCase() !== reader.email.toLowerCase()) return task;
  const { handler: _, ...rest } = task;
  return rest;
}

/** What dies first, then the nearest refund deadline, then what has waited longest. A case without an answer may be any. */
function byUrgency(a: DigestTask, b: DigestTask): number {
  return (
    Number(b.reason === 'no-answer') - Number(a.reason === 'no-answer') ||
    compare(a.dies && Date.parse(a.dies), b.dies && Date.parse(b.dies)) ||
    compare(a.refundDeadline, b.refundDeadline) ||
    compare(a.since && Date.parse(a.since), b.since && Date.parse(b.since)) ||
    compare(a.reference, b.reference)
  );
}

/** A missing value comes last. */
function compare<T extends string | number>(a: T | '' | undefined, b: T | '' | undefined): number {
  if (a === b) return 0;
  if (a === undefined || a === '') return 1;
  if (b === undefined || b === '') return -1;
  return a < b ? -1 : 1;
}
