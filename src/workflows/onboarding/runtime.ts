import { IllegalStateError } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition, log, workflowInfo } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import type { Deadline } from '../../calendar/policy.js';
import type { DeadlineBase } from '../contract/deadline-activities.js';
import type { NoticeSent, NoticeTemplate } from '../contract/mail-activities.js';
import type { Attention } from '../contract/progress.js';
import type { OnboardingStage, Outcome, WaitingOn } from '../contract/stages.js';
import type { EscalationStep } from '../record/escalation-step.js';
import { closingOnRecord } from '../record/policy.js';
import { type Entry, newRecord, note, type OnboardingRecord } from '../record/record.js';
import { calendar, mailbox, notices } from './activities.js';
import { Display } from './display.js';
import { handleMessages } from './message-handlers.js';

/**
 * One onboarding while it runs: its record, its clock, and the one shape that every wait has. The stages of the journey
 * read and change an onboarding through this class only.
 */
export class Onboarding {
  readonly record: OnboardingRecord;
  /** What the clock of the current wait was computed from, so that it can be recomputed. */
  private clock: DeadlineBase | undefined;
  private steps: EscalationStep<Onboarding>[] = [];
  private readonly display: Display;
  private readonly noticeCounts = new Map<NoticeTemplate, number>();

  constructor(application: Application, round: number) {
    this.record = newRecord(application, round, now());
    this.display = new Display(application?.reference);
    handleMessages({
      record: this.record,
      progress: () => this.display.progress(this.record, this.steps),
      append: (entry) => this.append(entry),
      recorded: () => this.recorded(),
      note: (by, text) => this.noteOf(by, text),
      ignored: (signal) =>
        this.note(
          `Ignored a signal ${signal} with an unusable payload. The description of the signal shows its format.`,
        ),
      credentialsForwarded: () => this.notify('credentials-received'),
    });
  }

  // For the stages -----------------------------------------------------------------------------------------------------

  /** Enters a stage. This alone changes whose turn it is, and clears what people were asked for before. */
  enter(stage: OnboardingStage, waitingOn: WaitingOn, wanted?: string, ...raised: Attention[]): void {
    Object.assign(this.record, { stage, waitingOn, since: now(), raised });
    if (wanted === undefined) delete this.record.wanted;
    else this.record.wanted = wanted;
    this.steps = [];
    log.info('stage entered', {
      reference: this.record.application.reference,
      stage,
      waitingOn,
      attempt: this.record.attempt,
    });
  }

  /** Asks people for something in addition to what the stage asks. */
  raise(attention: Attention, waitingOn?: WaitingOn): void {
    if (!this.record.raised.includes(attention)) this.record.raised.push(attention);
    if (waitingOn) this.record.waitingOn = waitingOn;
  }

  /**
   * Notes what happened.
   * @param brief shown in the Temporal UI, which puts it into URLs: no names, no numbers, no outside text
   * @param further everything else
   */
  note(brief: string, further?: string): void {
    note(this.record, { at: now(), by: 'ace-onboarding', text: further ? `${brief} ${further}` : brief, brief });
  }

  /** Notes what a person or another system said. */
  noteOf(by: string, text: string): void {
    note(this.record, { at: now(), by, text });
  }

  /** A cancellation gives neither a name nor a reason, so it is only noted. To end an onboarding there is `withdraw`. */
  noteCancellation(): void {
    CancellationScope.current().cancelRequested.catch(() => {
      this.note('Ignored a cancellation request in Temporal. To end the onboarding, use withdraw.');
      this.show();
    });
  }

  /** Marks an answer, and everything before it, as used. */
  take(answer: { entry: number }): void {
    this.record.attemptStartIndex = answer.entry + 1;
  }

  /** Runs an activity, unless a person has ended the onboarding. */
  async perform<T>(work: () => Promise<T>): Promise<T> {
    this.endIfClosed();
    this.show();
    return await work();
  }

  /** Runs an activity that must not happen once a person has ended the onboarding: it is canceled if it still can be. */
  async performUntilClosed<T>(work: () => Promise<T>, whenStopped: () => void): Promise<T> {
    return await this.perform(async () => {
      const scope = new CancellationScope();
      let over = false;
      const working = scope.run(work).finally(() => {
        over = true;
      });
      void condition(() => over || (this.settled && this.closing() !== undefined)).then(() => over || scope.cancel());
      return await working.catch((error: unknown) => {
        if (this.closing()) whenStopped();
        this.endIfClosed();
        throw error;
      });
    });
  }

  /** Starts the clock of a wait: the due instants, and what they were computed from. */
  startClock(clock: DeadlineBase | undefined, deadlines: OnboardingRecord['deadlines']): void {
    this.clock = clock;
    this.record.deadlines = deadlines;
    this.clocksStarted += 1;
  }
  private clocksStarted = 0;

  /**
   * Waits until the record answers a question. At each due instant it takes the step of the schedule and keeps waiting.
   * An answer counts whether it came before the wait, during it, or at the very instant of a step.
   * @throws Closed when a person ends the onboarding.
   */
  async until<T>(
    question: (record: OnboardingRecord) => T | undefined,
    schedule: EscalationStep<Onboarding>[] = [],
  ): Promise<T> {
    const done = new Set<EscalationStep<Onboarding>>();
    for (;;) {
      await this.applyDeadlineChanges();
      const answer = this.answerTo(question);
      if (answer !== undefined) return answer;
      this.steps = schedule
        .filter((step) => !done.has(step) && this.dueOf(step))
        .sort((a, b) => this.dueAt(a) - this.dueAt(b));
      this.show();
      const step = this.steps[0];
      const { clocksStarted } = this;
      // This must not throw: Temporal calls it outside of this function, and an error would fail the workflow task.
      const news = () =>
        this.settled &&
        (this.closing() !== undefined ||
          question(this.record) !== undefined ||
          this.deadlineChange() !== undefined ||
          this.clocksStarted !== clocksStarted);
      if (!step) {
        await condition(news);
        continue;
      }
      // A timer decides that a step is due, never the clock, so that a replay decides the same.
      const due = !(await condition(news, Math.max(1, this.msUntil(step)), { summary: `Then: ${step.say}` }));
      // What was recorded at that very instant counts, whether it is an answer or another deadline.
      if (!due || this.deadlineChange() || this.answerTo(question) !== undefined) continue;
      if (step.escalates) {
        await this.readMailbox(this.dueOf(step)?.at ?? now());
        if (this.deadlineChange() || this.answerTo(question) !== undefined) continue;
      }
      done.add(step);
      step.act(this);
    }
  }

  /** Sends a notice without waiting for it: a mail server that is down must not hold up the onboarding. */
  notify(template: NoticeTemplate, facts: Facts = {}, whenSent: (sent: NoticeSent) => void = () => {}): void {
    const telling = this.notifyAndWait(template, facts).then((sent) => {
      whenSent(sent);
      this.show();
    });
    telling.catch((error: Error) => this.unsent(template, error.message));
  }

  /** Sends a notice and waits until it is out. Notices of one template are numbered, so each is a message of its own. */
  async notifyAndWait(template: NoticeTemplate, facts: Facts = {}): Promise<NoticeSent> {
    const ordinal = (this.noticeCounts.get(template) ?? 0) + 1;
    this.noticeCounts.set(template, ordinal);
    const { application, applicationSha256 = '' } = this.record;
    const { workflowId } = workflowInfo();
    const notice = { workflowId, reference: application.reference, template, ordinal, applicationSha256, facts };
    const sent = await notices().sendNotice.executeWithOptions({ summary: template }, [notice]);
    this.sent(template, sent.result);
    if (sent.result.kind === 'refused') this.unsent(template, sent.result.reason);
    return sent;
  }

  private unsent(template: NoticeTemplate, reason: string): void {
    this.note(`The email "${template}" was not sent.`, reason);
    this.raise('bounced', 'broker');
    this.show();
  }

  /** Lists an email that we sent. */
  sent(what: string, result: { kind: string; at?: string }): void {
    this.record.sent.push({
      at: result.at ?? now(),
      direction: 'sent',
      what: result.kind === 'accepted' ? what : `${what} (${result.kind})`,
    });
  }

  /** The mail server refused the application. Like a decision of CBP, this needs a correction. */
  refused(what: string): void {
    const decide = {
      actor: 'mail server',
      evidence: what,
      decision: 'correction-needed',
      waitingOn: 'broker',
      what,
    } as const;
    this.record.entries.push({ at: now(), kind: 'decide', decide });
  }

  /** Records that the configuration wants an application of unknown fate sent once more. */
  settledByPolicy(): void {
    const settle = { actor: 'configuration', evidence: 'SEND_UNKNOWN=resend-once', outcome: 'not-sent' } as const;
    this.record.entries.push({ at: now(), kind: 'settle', settle });
  }

  /** CBP announced another answer time: recalculates the deadlines from the same instant. */
  async extendClock(responseBusinessDays: number | undefined): Promise<void> {
    if (responseBusinessDays === undefined) return;
    this.record.announcedDays = responseBusinessDays;
    if (this.clock?.kind === 'decision') this.clock = { ...this.clock, responseBusinessDays };
    await this.recomputeDeadlines();
  }

  /** The broker's ACE email address from the first instructions, even if the configuration has changed since. */
  pinnedAddress(): Record<string, string> {
    return this.record.brokerAceEmail ? { brokerAceEmail: this.record.brokerAceEmail } : {};
  }

  /** Sets how the client may be listed in the Temporal UI. */
  list(listed: { company: string; importerKey: string }): void {
    this.display.listed = listed;
  }

  /** Ends the onboarding once every update in flight has its answer. */
  async close(outcome: Outcome): Promise<Outcome> {
    this.record.outcome = outcome;
    this.enter('closed', 'nobody');
    this.show();
    await condition(allHandlersFinished);
    return outcome;
  }

  // Inside -----------------------------------------------------------------------------------------------------------

  private answerTo<T>(question: (record: OnboardingRecord) => T | undefined): T | undefined {
    this.endIfClosed();
    return question(this.record);
  }

  private closing() {
    return this.record.outcome ? undefined : closingOnRecord(this.record);
  }

  private endIfClosed(): void {
    const closing = this.closing();
    if (closing) throw new Closed(closing.outcome, closing.by, closing.why);
  }

  private dueOf(step: EscalationStep<Onboarding>): Deadline | undefined {
    return this.record.deadlines[step.deadline];
  }

  private msUntil(step: EscalationStep<Onboarding>): number {
    return this.dueAt(step) - Date.now();
  }

  private dueAt(step: EscalationStep<Onboarding>): number {
    return Date.parse(this.dueOf(step)?.at ?? '');
  }

  private deadlineChange(): Extract<Entry, { kind: 'deadline' }> | undefined {
    return this.record.entries.find((entry) => entry.kind === 'deadline' && !this.changesApplied.has(entry)) as
      | Extract<Entry, { kind: 'deadline' }>
      | undefined;
  }
  private readonly changesApplied = new Set<Entry>();

  private async applyDeadlineChanges(): Promise<void> {
    for (let entry = this.deadlineChange(); entry; entry = this.deadlineChange()) {
      this.changesApplied.add(entry);
      const { change } = entry;
      this.noteOf(change.actor, `Deadline changed: ${change.reason}`);
      if ('recompute' in change) await this.recomputeDeadlines();
      else
        this.record.deadlines[change.deadline] = {
          at: change.at,
          explanation: `set by ${change.actor}: ${change.reason}`,
          brief: 'set by a person',
        };
    }
  }

  private async recomputeDeadlines(): Promise<void> {
    const { clock } = this;
    if (!clock) return;
    const computed = await calendar.computeDeadlines.executeWithOptions({ summary: 'recalculate the deadlines' }, [
      clock,
    ]);
    this.record.deadlines = named(computed);
  }

  private async readMailbox(after: string): Promise<void> {
    const sweep = await this.perform(() =>
      mailbox.awaitSweep.executeWithOptions({ summary: 'read the mailbox before escalating' }, [{ after }]),
    );
    if (sweep.swept) return;
    this.raise('mailbox-unread');
    this.note(
      `Our mailbox could not be read${sweep.unreadSince ? ` since ${sweep.unreadSince}` : ''}: CBP's answer may be waiting there.`,
    );
  }

  /**
   * Thousands of messages may come in one workflow task. What follows from the record is worked out and shown once for
   * all of them, instead of once for each message together with all before it.
   */
  private recorded(): void {
    if (!this.settled) return;
    this.settled = false;
    Promise.resolve()
      .then(() => {
        this.settled = true;
        this.show();
      })
      .catch((error: unknown) => {
        // The task was abandoned halfway and will run again: nothing is left to show here.
        if (!(error instanceof IllegalStateError)) throw error;
      });
  }
  /** False while messages of the current task are still being recorded. */
  private settled = true;

  private show(): void {
    this.display.show(this.record, this.steps);
  }

  private append(entry: Entry): void {
    this.record.entries.push(entry);
    this.recorded();
  }
}

type Facts = Record<string, string | string[]>;

/** Thrown by `until` and `perform` when a person has ended the onboarding; caught once, in `onboard-importer.ts`. */
export class Closed extends Error {
  constructor(
    readonly outcome: Outcome,
    readonly by: string,
    readonly why: string,
  ) {
    super(`${outcome}: ${why}`);
    this.name = 'Closed';
  }
}

/** Deadlines by the names that escalation steps and people use. */
export function named(computed: Awaited<ReturnType<typeof calendar.computeDeadlines>>): OnboardingRecord['deadlines'] {
  if (!('reminders' in computed)) return { ...computed };
  const reminders = computed.reminders.map((deadline, index) => [`reminder-${index + 1}`, deadline] as const);
  return { ...Object.fromEntries(reminders), silent: computed.silent, parked: computed.parked };
}

function now(): string {
  return new Date().toISOString();
}
