import { condition } from '@temporalio/workflow';
import type { ChangeDeadline, LogCall, Snooze } from '../contract/messages.js';
import type { Escalation } from '../contract/progress.js';
import { type ClockStart, type DueStep, stepKindOf, stepNumberOf, type Wait } from '../contract/waits.js';
import { daysLater, instantOf, stepsAhead, takeOff } from '../record/clock.js';
import type { OnboardingRecord } from '../record/record.js';
import { messagesForReview } from '../record/review-policy.js';
import { higher, morningOf } from '../record/step-policy.js';
import { calendar } from './activities.js';

/**
 * Starts and changes the clock of one onboarding. Its steps are computed by an activity, and pinned. Whatever it waits for,
 * something is due: the last step of each wait comes again every week.
 */
export class CaseClock {
  /** How many clocks were started and alarms added: a wait must look again when that changes. */
  started = 0;

  /** @param ring does what a step of the product's own work says */
  constructor(
    private readonly record: OnboardingRecord,
    private readonly ring: (step: DueStep) => Promise<void>,
  ) {}

  /** Starts the clock of a wait with steps that an activity computed. */
  start(start: ClockStart, steps: DueStep[]): void {
    const { record } = this;
    // It was put off for what the case waited for then.
    if (record.clock?.start.wait !== start.wait) delete record.snoozed;
    record.clock = { start, steps: [...steps] };
    record.escalation = 'handler';
    record.stageAttention = record.stageAttention.filter((reason) => reason !== 'delayed');
    this.started += 1;
  }

  /**
   * For the product's own work. No activity computes it, so that it rings even if no worker can run one. It rings by itself,
   * with one timer for all of the work.
   */
  startWork(): void {
    const at = new Date();
    const delayed = new Date(at.getTime() + DAY_MS).toISOString();
    const brief = '1 day from when it began';
    this.start({ wait: 'work', at: at.toISOString() }, [{ name: 'delayed', at: delayed, explanation: brief, brief }]);
    void this.ringWork();
  }

  /** No wait has to set a timer. */
  ringsByItself(): boolean {
    return this.record.clock?.start.wait === 'work';
  }

  private async ringWork(): Promise<void> {
    const { clock } = this.record;
    while (this.record.clock === clock) {
      const [next] = stepsAhead(this.record);
      // An alarm beside the wait may come.
      const { started } = this;
      const isNews = () => this.started !== started;
      const ms = next && Math.max(1, instantOf(next, this.record) - Date.now());
      if (!next || ms === undefined) await condition(isNews);
      else if (!(await condition(isNews, ms, { summary: 'Next: it takes unusually long' }))) {
        takeOff(this.record, next, Date.now());
        await this.ring(next);
      }
    }
  }

  /** Computes and starts the clock of a wait that no email starts. */
  async begin(wait: Wait, more: Omit<ClockStart, 'wait' | 'at'> & { at?: string } = {}): Promise<void> {
    const start = { wait, at: now(), ...this.zone(), ...more };
    this.start(start, await this.stepsOf(start, `the deadlines of "${wait}"`));
  }

  /** For clocks whose reminders go to the client. */
  zone(): Pick<ClockStart, 'timeZone'> {
    return this.record.timeZone ? { timeZone: this.record.timeZone } : {};
  }

  /** CBP announced a longer response time: recalculates the steps from the same start. */
  async extend(responseBusinessDays: number): Promise<void> {
    const { clock } = this.record;
    this.record.announcedDays = responseBusinessDays;
    if (clock?.start.wait !== 'decision') return;
    const start = { ...clock.start, responseBusinessDays };
    const steps = await this.stepsOf(start, 'recalculate the deadlines');
    const asked = this.record.sent.filter(({ what }) => what.startsWith('ask-whether-approved')).length;
    this.start(
      start,
      // An acknowledgement is on record, and what was asked is not asked again.
      steps.filter(
        ({ name }) => name !== 'acknowledgement' && !(stepKindOf(name) === 'question' && stepNumberOf(name) <= asked),
      ),
    );
    const ahead = this.record.clock?.steps ?? [];
    this.record.stageAttention = this.record.stageAttention.filter(
      (reason) => !ahead.some(({ name, at }) => name === reason && Date.parse(at) > Date.now()),
    );
  }

  /** The client can't do what it would be reminded of. */
  dropReminders(): void {
    const { clock } = this.record;
    if (clock) clock.steps = clock.steps.filter(({ name }) => stepKindOf(name) !== 'reminder');
  }

  drop(name: DueStep['name']): void {
    const { clock } = this.record;
    if (clock) clock.steps = clock.steps.filter((step) => step.name !== name);
  }

  /** Puts a step back that could not be taken yet. */
  putOff(step: DueStep, at: string, clock: OnboardingRecord['clock']): void {
    if (this.record.clock !== clock || !clock) return;
    clock.steps.push({ ...step, at });
    this.started += 1;
  }

  /** After a step was taken: if it was the last one, the next comes in a week. */
  async rearm(taken: DueStep): Promise<void> {
    const { clock } = this.record;
    if (!clock || clock.steps.length > 0) return;
    const again = await this.stepsOf({ ...clock.start, weeklyAfter: weekFrom(taken) }, 'the next weekly alarm');
    if (this.record.clock === clock) clock.steps.push(...again);
  }

  // Beside the wait ----------------------------------------------------------------------------------------------------

  /** Whether an email has begun or stopped to wait for a person. A task's own clock covers it as well. */
  unreadChanged(): boolean {
    return this.mustWatchUnread() !== (this.record.besides.unread !== undefined);
  }

  async watchUnread(): Promise<void> {
    if (!this.unreadChanged()) return;
    if (this.mustWatchUnread()) await this.armBeside('unread');
    else this.disarm('unread');
  }

  private mustWatchUnread(): boolean {
    const { record } = this;
    return record.stage !== 'closed' && record.clock?.start.wait !== 'task' && messagesForReview(record).length > 0;
  }

  /** Operations, then the manager, then again each week: as for a task. */
  private async armBeside(name: Beside): Promise<void> {
    this.record.besides[name] = 'handler';
    await this.addBeside(name, { wait: 'task', at: now() });
  }

  private async addBeside(name: Beside, start: ClockStart): Promise<void> {
    const steps = await this.stepsOf(start, `alarms: ${name}`);
    if (this.record.besides[name] === undefined) return;
    this.record.alarms.push(...steps.map((step) => ({ ...step, name })));
    this.started += 1;
  }

  disarm(name: Beside): void {
    delete this.record.besides[name];
    this.record.alarms = this.record.alarms.filter((step) => step.name !== name);
  }

  /** An alarm beside the wait has rung: the first for operations, the others for the manager. */
  async ringBeside(step: DueStep): Promise<void> {
    const name = stepKindOf(step.name) as Beside;
    const level = this.record.besides[name];
    if (level === undefined) return await this.armBeside(name);
    this.record.besides[name] = higher(level, NEXT[level]);
    const more = this.record.alarms.some((alarm) => alarm.name === name);
    if (!more) await this.addBeside(name, { wait: 'task', at: step.at, weeklyAfter: weekFrom(step) });
  }

  // Changes by people --------------------------------------------------------------------------------------------------

  async change(change: ChangeDeadline): Promise<void> {
    const { clock } = this.record;
    if ('recompute' in change) {
      if (!clock) return;
      const ahead = new Set(clock.steps.map(({ name }) => name));
      const steps = await this.stepsOf(clock.start, 'recalculate the deadlines');
      // The weekly alarm goes on as it does.
      const weekly = clock.steps.filter(({ name }) => name === 'weekly');
      clock.steps = [...steps.filter(({ name }) => name !== 'weekly' && ahead.has(name)), ...weekly];
      this.started += 1;
      return;
    }
    const step = stepsAhead(this.record).find(({ name }) => name === change.deadline);
    if (!step) return;
    step.at = 'byDays' in change ? daysLater(step.at, change.byDays) : change.at;
    step.explanation = `set by ${change.actor}: ${change.reason}`;
    step.brief = 'set by a person';
    step.byPerson = true;
    this.started += 1;
  }

  snooze({ actor, until, reason }: Snooze): void {
    this.record.snoozed = { until: morningOf(until), by: actor, why: reason };
  }

  /** A call was logged: it follows up any earlier one, and may need to be followed up itself. */
  logCall({ chaseOn, who }: LogCall): void {
    const { record } = this;
    this.disarm('chase');
    record.stageAttention = record.stageAttention.filter((reason) => reason !== 'chase');
    if (!chaseOn) return;
    const brief = 'a call is to be followed up';
    record.alarms.push({ name: 'chase', at: morningOf(chaseOn), explanation: `follow up the call with ${who}`, brief });
    this.started += 1;
  }

  setRefundAlarm(alarm: DueStep | undefined): void {
    const others = this.record.alarms.filter(({ name }) => name !== 'refund');
    const told = this.record.stageAttention.includes('refund-deadline');
    this.record.alarms = alarm && !told ? [...others, alarm] : others;
  }

  private async stepsOf(start: ClockStart, summary: string): Promise<DueStep[]> {
    return await calendar.computeDeadlines.executeWithOptions({ summary }, [start]);
  }
}

type Beside = 'unread' | 'chase';
const NEXT: Record<Escalation, Escalation> = { handler: 'operations', operations: 'manager', manager: 'manager' };

/** Weeks that passed while nothing could run, or before the case began, are not made up for. */
function weekFrom({ at }: DueStep): string {
  return new Date(Math.max(Date.parse(at), Date.now())).toISOString();
}

const DAY_MS = 24 * 3_600_000;

function now(): string {
  return new Date().toISOString();
}
