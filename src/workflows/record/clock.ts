import { addDays, inNewYork, newYorkInstant } from '../../calendar/day.js';
import { type DueStep, type StepName, stepKindOf, stepNumberOf } from '../contract/waits.js';
import type { OnboardingRecord } from './record.js';
import { dueAtOf, STEP_EFFECTS } from './step-policy.js';

/**
 * The clock of a case: the steps of its wait, and the alarms beside it. Steps are pinned data from activities. A step that
 * was taken is gone, except `weekly`, which the caller asks for again. Pure.
 */

/** What is due, earliest first: the steps of the wait, and the alarms. */
export function stepsAhead(record: OnboardingRecord): DueStep[] {
  const steps = [...(record.clock?.steps ?? []), ...record.alarms];
  return steps.sort((a, b) => instantOf(a, record) - instantOf(b, record));
}

/** When a step happens, epoch milliseconds. */
export function instantOf(step: DueStep, record: OnboardingRecord): number {
  return step.byPerson ? Date.parse(step.at) : dueAtOf(step.at, record, stepKindOf(step.name));
}

/** Takes a step off the clock. If several reminders fell due together, only the last goes out: the others go with it. */
export function takeOff(record: OnboardingRecord, taken: DueStep, now: number): void {
  const kind = stepKindOf(taken.name);
  const together = (step: DueStep) =>
    step === taken ||
    (STEP_EFFECTS[kind].asksClient === true && stepKindOf(step.name) === kind && instantOf(step, record) <= now);
  if (record.clock) record.clock.steps = record.clock.steps.filter((step) => !together(step));
  record.alarms = record.alarms.filter((step) => !together(step));
}

/** The step to take now of those that are due: the last of several reminders, otherwise the first. */
export function stepToTake(record: OnboardingRecord, now: number): DueStep | undefined {
  const due = stepsAhead(record).filter((step) => instantOf(step, record) <= now);
  const [first] = due;
  if (!first || !STEP_EFFECTS[stepKindOf(first.name)].asksClient) return first;
  return due.findLast((step) => stepKindOf(step.name) === stepKindOf(first.name));
}

/** In words, for people and timers. */
export function describeStep({ name }: { name: StepName }, record: OnboardingRecord): string {
  const wait = record.clock?.start.wait ?? 'work';
  return STEP_EFFECTS[stepKindOf(name)].description(stepNumberOf(name), wait);
}

/** The same time of day in New York, some calendar days later. ISO instant. */
export function daysLater(at: string, days: number): string {
  const { day, hour, minute, second } = inNewYork(new Date(at));
  return newYorkInstant(addDays(day, days), hour, minute, second).toISOString();
}
