import { IllegalStateError } from '@temporalio/common';
import { allHandlersFinished, CancellationScope, condition, log } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import { longDayAndTime } from '../../calendar/format.js';
import type { Preparation } from '../contract/application-activities.js';
import type { NoticeTemplate } from '../contract/mail-activities.js';
import type { SendMessage } from '../contract/messages.js';
import type { Attention } from '../contract/progress.js';
import type { OnboardingStage, Outcome, WaitingOn } from '../contract/stages.js';
import { type DueStep, type StepKind, stepKindOf } from '../contract/waits.js';
import { handleMessages } from '../messages/message-handlers.js';
import { describeStep, instantOf, stepsAhead, stepToTake, takeOff } from '../record/clock.js';
import { isChange } from '../record/correction-policy.js';
import { closingOnRecord } from '../record/people-policy.js';
import { type Entry, newRecord, note, type OnboardingRecord } from '../record/record.js';
import { REMINDER_OF, reminderFacts } from '../record/reminder-policy.js';
import { hasUnhandledReply } from '../record/review-policy.js';
import { higher, STEP_EFFECTS } from '../record/step-policy.js';
import { attentionOf, reasonFor } from '../record/task-policy.js';
import { mailbox } from './activities.js';
import { CaseClock } from './case-clock.js';
import { changeInPlace } from './change-in-place.js';
import { Display } from './display.js';
import { Emails, type Facts, type Sending } from './emails.js';

/**
 * A running onboarding: its record, its clock, and `until`, which every wait uses. The stages read and change an
 * onboarding only through this class.
 */
export class Onboarding {
  readonly record: OnboardingRecord;
  readonly clock: CaseClock;
  readonly emails: Emails;
  private readonly display: Display;
  /** Whether the step `ask` sends the application once more instead of asking a person. */
  resendsAtAsk = false;

  constructor(application: Application, round: number) {
    this.record = newRecord(application, round, now());
    this.clock = new CaseClock(this.record, async (step) => {
      await this.take(step);
      this.show();
    });
    this.display = new Display(application?.reference);
    this.emails = new Emails({
      record: this.record,
      note: (brief, details) => this.note(brief, details),
      startClock: (start, steps) => this.clock.start(start, steps),
      show: () => this.show(),
    });
    handleMessages({
      record: this.record,
      progress: () => this.display.progress(this.record),
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

  /** Enters a stage and clears the attention of the stage before it. What runs beside the waits stays. */
  enter(stage: OnboardingStage, waitingOn: WaitingOn, wanted?: string, ...stageAttention: Attention[]): void {
    this.emails.stopRequests();
    const beside = this.record.stageAttention.filter((reason) => BESIDE_STAGES.includes(reason));
    Object.assign(this.record, { stage, waitingOn, since: now(), stageAttention: [...stageAttention, ...beside] });
    if (wanted === undefined) delete this.record.wanted;
    else this.record.wanted = wanted;
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
    const { record } = this;
    // A correction that someone sent meanwhile still counts.
    for (const [index, entry] of record.entries.slice(0, answer.entry).entries()) {
      const waits = index >= record.attemptStartIndex && !record.consumed.includes(index);
      if (!waits || entry.kind !== 'correct' || entry.correct.because === 'form-5106') continue;
      record.consumed.push(index);
      record.entries.push({ ...entry });
    }
    record.attemptStartIndex = answer.entry + 1;
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

  /**
   * Waits until the record answers a question. At each step of the clock it does what the step says and keeps waiting. An
   * answer counts whether it arrives before the wait, during it, or at the same instant as a step.
   * @throws Closed if a person ends the onboarding
   */
  async until<T>(question: (record: OnboardingRecord) => T | undefined): Promise<T> {
    for (;;) {
      await this.applyChanges();
      const answer = this.answerTo(question);
      if (answer !== undefined) return answer;
      this.show();
      const [next] = stepsAhead(this.record);
      const { started } = this.clock;
      // Must not throw: Temporal calls it outside this function, and an error would fail the workflow task.
      const isNews = () =>
        this.settled &&
        (this.closing() !== undefined ||
          question(this.record) !== undefined ||
          this.unappliedChange() !== undefined ||
          this.clock.unreadChanged() ||
          this.clock.started !== started);
      if (!next || this.clock.ringsByItself()) {
        await condition(isNews);
        continue;
      }
      // A timer decides that a step is due, not the clock, so that a replay decides the same.
      const ms = Math.max(1, instantOf(next, this.record) - Date.now());
      const due = !(await condition(isNews, ms, { summary: `Next: ${describeStep(next, this.record)}` }));
      // An answer or a new deadline recorded at the same instant counts.
      if (!due || this.unappliedChange() || this.answerTo(question) !== undefined) continue;
      const step = stepToTake(this.record, Date.now()) ?? next;
      if (STEP_EFFECTS[stepKindOf(step.name)].readMailboxFirst) {
        await this.readMailbox(step.at);
        if (this.unappliedChange() || this.answerTo(question) !== undefined) continue;
      }
      takeOff(this.record, step, Date.now());
      await this.take(step);
    }
  }

  private async take(step: DueStep): Promise<void> {
    const kind = stepKindOf(step.name);
    const { attention, ends, endsReminders, turn, escalation, asksClient } = STEP_EFFECTS[kind];
    if (kind === 'ask' && this.resendsAtAsk) return this.recordResend();
    if (ends) this.record.stageAttention = this.record.stageAttention.filter((reason) => reason !== ends);
    if (attention) this.addAttention(attention, turn);
    if (endsReminders) this.clock.dropReminders();
    if (escalation && attentionOf(this.record).length === 0) this.addAttention(reasonFor(this.record));
    if (escalation) this.record.escalation = higher(this.record.escalation, escalation);
    if (kind === 'acknowledgement') this.noteSilence();
    if (asksClient && !hasUnhandledReply(this.record)) this.askClient(step, kind);
    if (kind === 'unread' || kind === 'chase') await this.clock.ringBeside(step);
    await this.clock.rearm(step);
  }

  private noteSilence(): void {
    this.record.silenceNoted = this.record.attempt;
    this.note(
      'No acknowledgement yet. CBP often sends only one automatic reply to each sender, so this alone means nothing.',
    );
  }

  /** Asks or reminds the client. If the client has had enough email, later. */
  private askClient(step: DueStep, kind: StepKind): void {
    const { clock } = this.record;
    const template = kind === 'question' ? 'ask-whether-approved' : clock && REMINDER_OF[clock.start.wait];
    if (!template) return;
    this.notify(template, reminderFacts(template, this.record), {
      whenSent: ({ deferredUntil }) => {
        if (deferredUntil) this.clock.putOff(step, deferredUntil, clock);
      },
    });
  }

  /** Sends a notice without waiting for it. */
  notify(template: NoticeTemplate, facts: Facts = {}, sending: Sending = {}): void {
    this.emails.send(template, facts, sending);
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

  /** Keeps what the preparation of an application found. */
  usePreparation(prepared: Extract<Preparation, { kind: 'ready' }>): void {
    const { record } = this;
    record.applicationSha256 = prepared.applicationSha256;
    record.timeZone = prepared.timeZone;
    record.acceptsNarrowerRole = prepared.acceptsNarrowerRole ?? false;
    this.display.listed = prepared.listed;
    this.clock.setRefundAlarm(prepared.refundAlarm);
    for (const warning of prepared.warnings) this.note('The application has a warning.', warning);
  }

  /** Ends the onboarding once every update in progress has been answered. */
  async close(outcome: Outcome): Promise<Outcome> {
    this.record.outcome = outcome;
    this.enter('closed', 'nobody');
    this.show();
    await condition(allHandlersFinished);
    return outcome;
  }

  /** @throws Closed if a person has ended the onboarding */
  endIfClosed(): void {
    const closing = this.closing();
    if (closing) throw new Closed(closing.outcome, closing.by, closing.why);
  }

  // Internals -----------------------------------------------------------------------------------------------------------

  private answerTo<T>(question: (record: OnboardingRecord) => T | undefined): T | undefined {
    this.endIfClosed();
    return question(this.record);
  }

  private closing() {
    return this.record.outcome ? undefined : closingOnRecord(this.record);
  }

  /** A change by a person that the clock or the application has not followed yet. */
  private unappliedChange(): Entry | undefined {
    return this.record.entries.find((entry) => isChange(entry, this.record) && !this.changesApplied.has(entry));
  }
  private readonly changesApplied = new Set<Entry>();

  private async applyChanges(): Promise<void> {
    for (let entry = this.unappliedChange(); entry; entry = this.unappliedChange()) {
      this.changesApplied.add(entry);
      switch (entry.kind) {
        case 'deadline':
          this.noteFrom(entry.change.actor, `Deadline changed: ${entry.change.reason}`);
          await this.clock.change(entry.change);
          break;
        case 'snooze':
          this.clock.snooze(entry.snooze);
          break;
        case 'call':
          this.clock.logCall(entry.call);
          break;
        case 'hand-over':
          this.record.application = { ...this.record.application, handler: entry.handOver.handler };
          break;
        case 'message':
          this.sendMessage(entry.message, this.record.entries.indexOf(entry));
          break;
        case 'correct':
          this.record.consumed.push(this.record.entries.indexOf(entry));
          await changeInPlace(this, entry.correct);
          break;
      }
    }
    await this.clock.watchUnread();
  }

  private sendMessage({ to, text, mailId, ticket, attachForm }: SendMessage, index: number): void {
    const form = this.record.documents.findLast(({ what }) => what.startsWith('form'));
    const facts = {
      text,
      ...(mailId ? { answersMailId: mailId } : {}),
      ...(ticket ? { ticket } : {}),
      ...(attachForm && form ? { attachForm: 'yes', formSha256: form.sha256 } : {}),
    };
    this.notify(to === 'cbp' ? 'cbp-message' : 'message', facts, {
      whenSent: ({ result }) => {
        if (result.kind !== 'refused') this.record.delivered.push(index);
      },
    });
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
    const { attention } = this.display.show(this.record);
    this.emails.sendUrgentTasks(attention);
  }

  private append(entry: Entry): void {
    this.record.entries.push(entry);
    this.recorded();
  }
}

const BESIDE_STAGES: readonly Attention[] = ['chase', 'refund-deadline'];

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

function now(): string {
  return new Date().toISOString();
}
