import { IllegalStateError } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition, log, workflowInfo } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import { longDayAndTime } from '../../calendar/format.js';
import type { Deadline } from '../../calendar/policy.js';
import type { DeadlineBase } from '../contract/deadline-activities.js';
import type { NoticeSent, NoticeTemplate } from '../contract/mail-activities.js';
import type { DeadlineName } from '../contract/messages.js';
import type { Attention } from '../contract/progress.js';
import type { OnboardingStage, Outcome, WaitingOn } from '../contract/stages.js';
import type { EscalationStep } from '../record/escalation-step.js';
import { closingOnRecord } from '../record/people-policy.js';
import { type Entry, newRecord, note, type OnboardingRecord } from '../record/record.js';
import { calendar, mailbox, notices } from './activities.js';
import { Display } from './display.js';
import { handleMessages } from './message-handlers.js';

/**
 * A running onboarding: its record, its clock, and `until`, which every wait uses. The stages read and change an
 * onboarding only through this class.
 */
export class Onboarding {
  readonly record: OnboardingRecord;
  /** What the current deadlines were computed from, so that they can be recomputed. */
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
      note: (by, text) => this.noteFrom(by, text),
      ignored: (signal) =>
        this.note(
          `Ignored a signal ${signal} with an unusable payload. Its description in the Web UI shows the format.`,
        ),
      credentialsForwarded: () => this.notify('credentials-received'),
    });
  }

  // For the stages -----------------------------------------------------------------------------------------------------

  /** Enters a stage and clears the attention of the stage before it. */
  enter(stage: OnboardingStage, waitingOn: WaitingOn, wanted?: string, ...stageAttention: Attention[]): void {
    Object.assign(this.record, { stage, waitingOn, since: now(), stageAttention });
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

  /** Adds a reason why the current stage needs attention. */
  addAttention(attention: Attention, waitingOn?: WaitingOn): void {
    if (!this.record.stageAttention.includes(attention)) this.record.stageAttention.push(attention);
    if (waitingOn) this.record.waitingOn = waitingOn;
  }

  /**
   * Notes what happened.
   * @param brief shown in the Temporal UI, which puts it into URLs: no names, no numbers, no outside text
   * @param details everything else
   */
  note(brief: string, details?: string): void {
    note(this.record, { at: now(), by: 'ace-onboarding', text: details ? `${brief} ${details}` : brief, brief });
  }

  /** Notes what a person or another system reported. */
  noteFrom(by: string, text: string): void {
    note(this.record, { at: now(), by, text });
  }

  /** A cancellation has no name and no reason, so it is only noted. `withdraw` ends an onboarding. */
  noteCancellation(): void {
    CancellationScope.current().cancelRequested.catch(() => {
      this.note('Ignored a cancellation request in Temporal. To end the onboarding, use withdraw.');
      this.show();
    });
  }

  /** Marks an answer, and everything before it, as used. */
  consume(answer: { entry: number }): void {
    this.record.attemptStartIndex = answer.entry + 1;
  }

  /**
   * Runs an activity.
   * @throws Closed if a person has ended the onboarding
   */
  async perform<T>(work: () => Promise<T>): Promise<T> {
    this.endIfClosed();
    this.show();
    return await work();
  }

  /** Runs an activity that is canceled, if that is still possible, when a person ends the onboarding. */
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

  /** Sets the deadlines of a wait, and what they were computed from. */
  startClock(clock: DeadlineBase | undefined, deadlines: OnboardingRecord['deadlines']): void {
    this.clock = clock;
    this.record.deadlines = deadlines;
    this.record.stepsTaken = [];
    this.clocksStarted += 1;
  }
  private clocksStarted = 0;

  /**
   * Waits until the record answers a question. At each deadline it takes the step of the schedule and keeps waiting.
   * An answer counts whether it arrives before the wait, during it, or at the same instant as a step.
   * @throws Closed if a person ends the onboarding
   */
  async until<T>(
    question: (record: OnboardingRecord) => T | undefined,
    schedule: EscalationStep<Onboarding>[] = [],
  ): Promise<T> {
    for (;;) {
      await this.applyDeadlineChanges();
      const answer = this.answerTo(question);
      if (answer !== undefined) return answer;
      this.steps = schedule
        .filter((step) => !this.record.stepsTaken.includes(step.deadline) && this.dueOf(step))
        .sort((a, b) => this.dueAt(a) - this.dueAt(b));
      this.show();
      const step = this.steps[0];
      const { clocksStarted } = this;
      // Must not throw: Temporal calls it outside this function, and an error would fail the workflow task.
      const isNews = () =>
        this.settled &&
        (this.closing() !== undefined ||
          question(this.record) !== undefined ||
          this.deadlineChange() !== undefined ||
          this.clocksStarted !== clocksStarted);
      if (!step) {
        await condition(isNews);
        continue;
      }
      // A timer decides that a step is due, not the clock, so that a replay decides the same.
      const due = !(await condition(isNews, Math.max(1, this.msUntil(step)), { summary: `Next: ${step.description}` }));
      // An answer or a new deadline recorded at the same instant counts.
      if (!due || this.deadlineChange() || this.answerTo(question) !== undefined) continue;
      if (step.escalates) {
        await this.readMailbox(this.dueOf(step)?.at ?? now());
        if (this.deadlineChange() || this.answerTo(question) !== undefined) continue;
      }
      this.record.stepsTaken.push(step.deadline);
      step.act(this);
    }
  }

  /** Sends a notice without waiting for it: a mail server that is down must not hold up the onboarding. */
  notify(template: NoticeTemplate, facts: Facts = {}, whenSent: (sent: NoticeSent) => void = () => {}): void {
    const notifying = this.notifyAndWait(template, facts).then((sent) => {
      whenSent(sent);
      this.show();
    });
    notifying.catch((error: Error) => this.noticeFailed(template, error.message));
  }

  /** Sends a notice and waits until it is out. Notices with the same template are numbered, so each is a separate email. */
  async notifyAndWait(template: NoticeTemplate, facts: Facts = {}): Promise<NoticeSent> {
    const ordinal = (this.noticeCounts.get(template) ?? 0) + 1;
    this.noticeCounts.set(template, ordinal);
    const { application, applicationSha256 = '' } = this.record;
    const { workflowId } = workflowInfo();
    const notice = { workflowId, reference: application.reference, template, ordinal, applicationSha256, facts };
    const sent = await notices().sendNotice.executeWithOptions({ summary: `email: ${template}` }, [notice]);
    this.recordSent(template, sent.result);
    if (sent.result.kind === 'refused') this.noticeFailed(template, sent.result.reason);
    return sent;
  }

  private noticeFailed(template: NoticeTemplate, reason: string): void {
    this.note(`The email "${template}" was not sent.`, reason);
    this.addAttention('bounced', 'broker');
    this.show();
  }

  /** Records an email that we sent. */
  recordSent(what: string, result: { kind: string; at?: string }): void {
    this.record.sent.push({
      at: result.at ?? now(),
      direction: 'sent',
      what: result.kind === 'accepted' ? what : `${what} (${result.kind})`,
    });
  }

  /** Records that the mail server refused the application. Like a CBP decision, that needs a correction. */
  recordRefusal(what: string): void {
    const decide = {
      actor: 'mail server',
      evidence: what,
      decision: 'correction-needed',
      waitingOn: 'broker',
      what,
    } as const;
    this.record.entries.push({ at: now(), kind: 'decide', decide });
  }

  /** Records that the configuration says to send the application once more when the outcome is unknown. */
  recordResend(): void {
    const settle = { actor: 'configuration', evidence: 'SEND_UNKNOWN=resend-once', outcome: 'not-sent' } as const;
    this.record.entries.push({ at: now(), kind: 'settle', settle });
  }

  /** CBP announced a longer response time: recalculates the deadlines from the same start. */
  async extendClock(responseBusinessDays: number | undefined): Promise<void> {
    if (responseBusinessDays === undefined) return;
    this.record.announcedDays = responseBusinessDays;
    if (this.clock?.kind === 'decision') this.clock = { ...this.clock, responseBusinessDays };
    await this.recomputeDeadlines();
    // The later deadlines count again, even if the earlier ones had passed.
    this.record.stepsTaken = ['acknowledgement'];
  }

  /** The broker's ACE email address from the first instructions, even if the configuration has changed. */
  pinnedAddress(): Record<string, string> {
    return this.record.brokerAceEmail ? { brokerAceEmail: this.record.brokerAceEmail } : {};
  }

  /** Since when something is due, for people. */
  dueFact(deadline: DeadlineName): Record<string, string> {
    const due = this.record.deadlines[deadline];
    return due ? { due: longDayAndTime(new Date(due.at)) } : {};
  }

  /** Sets how the client may be listed in the Temporal UI. */
  setListing(listed: { company: string; importerKey: string }): void {
    this.display.listed = listed;
  }

  /** Ends the onboarding once every update in progress has been answered. */
  async close(outcome: Outcome): Promise<Outcome> {
    this.record.outcome = outcome;
    this.enter('closed', 'nobody');
    this.show();
    await condition(allHandlersFinished);
    return outcome;
  }

  // Internals -----------------------------------------------------------------------------------------------------------

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
      this.noteFrom(change.actor, `Deadline changed: ${change.reason}`);
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
    this.record.deadlines = deadlinesByName(computed);
  }

  private async readMailbox(after: string): Promise<void> {
    // It can take five minutes: do not keep someone waiting who ends the case.
    const sweep = await this.performUntilClosed(
      () => mailbox.awaitSweep.executeWithOptions({ summary: 'read the mailbox before escalating' }, [{ after }]),
      () => {},
    );
    if (sweep.swept) return;
    this.addAttention('mailbox-unread');
    const since = sweep.unreadSince ? ` since ${longDayAndTime(new Date(sweep.unreadSince))}` : '';
    this.note(`We have not been able to read our mailbox${since}. CBP's answer may be waiting there.`);
  }

  /**
   * One workflow task can bring thousands of messages. The record is evaluated and shown once for all of them, not once
   * for each.
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
        // The task was abandoned and will run again, so there is nothing to show.
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

/** The deadlines under the names that escalation steps and people use. */
export function deadlinesByName(
  computed: Awaited<ReturnType<typeof calendar.computeDeadlines>>,
): OnboardingRecord['deadlines'] {
  if (!('reminders' in computed)) return { ...computed };
  const reminders = computed.reminders.map((deadline, index) => [`reminder-${index + 1}`, deadline] as const);
  return { ...Object.fromEntries(reminders), silent: computed.silent, parked: computed.parked };
}

function now(): string {
  return new Date().toISOString();
}
