import { IllegalStateError, type UpdateDefinition } from '@temporalio/common';
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import { refundDeadlineOf } from '../../application/application.js';
import type { Deadline } from '../../calendar/policy.js';
import type { DeadlineBase } from '../contract/deadline-activities.js';
import { overLimit } from '../contract/limits.js';
import type { NoticeSent, NoticeTemplate } from '../contract/mail-activities.js';
import * as messages from '../contract/messages.js';
import type { Attention, Progress } from '../contract/progress.js';
import type { OnboardingStage, Outcome, WaitingOn } from '../contract/stages.js';
import type { EscalationStep } from '../record/escalation-step.js';
import { closingOnRecord } from '../record/policy.js';
import { type Entry, note, type OnboardingRecord, recordMail } from '../record/record.js';
import { DESCRIPTIONS } from '../view/descriptions.js';
import { renderDetails } from '../view/details.js';
import { progressOf } from '../view/progress-view.js';
import { calendar, mailbox, notices } from './activities.js';
import { type Attributes, attributesFrom, changedAttributes } from './search-attribute-updates.js';
import {
  checkAccess,
  checkCorrection,
  checkDeadline,
  checkDecide,
  checkDismissal,
  checkSettlement,
  checkWithdrawal,
  usableApproval,
  usableMail,
} from './validators.js';

/**
 * One onboarding while it runs: its record, the handlers that append to it, and the one shape every wait has. The only
 * file that speaks to Temporal about messages, timers, search attributes and current details.
 */
export class Onboarding {
  readonly record: OnboardingRecord;
  /** What the clock of the present wait started from, so that it can be computed anew. */
  private clock: DeadlineBase | undefined;
  private steps: EscalationStep<Onboarding>[] = [];
  private shown: Attributes;
  private readonly noticeCounts = new Map<NoticeTemplate, number>();
  private listed: { company: string; importerKey?: string };

  constructor(application: Application, round: number) {
    this.record = {
      application,
      round,
      attempt: 1,
      stage: 'preparing',
      waitingOn: 'nobody',
      since: now(),
      turn: { stage: 'preparing', who: 'nobody', since: now() },
      entries: [],
      attemptStartIndex: 0,
      consumed: [],
      submissions: [],
      raised: [],
      deadlines: {},
      sent: [],
      documents: [],
      notes: [],
      importerNumbersMissing: [],
      mailsKnown: new Map(),
      mailsDropped: 0,
      notesDropped: 0,
    };
    this.shown = attributesFrom(workflowInfo().typedSearchAttributes);
    this.listed = { company: this.shown.company ?? application?.reference };
    this.listen();
  }

  // What the business reads ------------------------------------------------------------------------------------------

  /** Enters a stage: the one place that changes whose turn it is. What was asked of people before is settled with it. */
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

  /** Asks people for something, on top of the stage. */
  raise(attention: Attention, waitingOn?: WaitingOn): void {
    if (!this.record.raised.includes(attention)) this.record.raised.push(attention);
    if (waitingOn) this.record.waitingOn = waitingOn;
  }

  /**
   * Notes what happened. `brief` is shown in the Temporal UI, which puts it into addresses: no persons, no numbers, no
   * text from outside. All of that belongs into `further`.
   */
  note(brief: string, further?: string): void {
    note(this.record, { at: now(), by: 'ace-onboarding', text: further ? `${brief} ${further}` : brief, brief });
  }

  /** What a person or another system said. */
  noteOf(by: string, text: string): void {
    note(this.record, { at: now(), by, text });
  }

  /** A cancellation says neither who nor why: it is noted, and withdraw is what ends an onboarding. */
  noteCancellation(): void {
    CancellationScope.current().cancelRequested.catch(() => {
      this.note('Ignored a cancellation request in Temporal. To end the onboarding, use withdraw.');
      this.show();
    });
  }

  /** What was taken up answers nothing any more. */
  take(answer: { entry: number }): void {
    this.record.attemptStartIndex = answer.entry + 1;
  }

  /** Does work of ours, unless a person ended the onboarding meanwhile. */
  async perform<T>(work: () => Promise<T>): Promise<T> {
    this.endIfClosed();
    this.show();
    return await work();
  }

  /** The same for what must not happen any more once a person ended the onboarding: it is stopped, as far as it still can be. */
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

  /** Starts the clock of a wait: pinned instants, and what they were computed from. */
  startClock(clock: DeadlineBase | undefined, deadlines: OnboardingRecord['deadlines']): void {
    this.clock = clock;
    this.record.deadlines = deadlines;
    this.clocksStarted += 1;
  }
  private clocksStarted = 0;

  /**
   * Waits until the record answers a question, and does at each due instant what the schedule says, while waiting on.
   * Whatever arrived before, early or at the very instant of a step, counts.
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
      // Nothing may be thrown in here: the predicate of a condition runs outside of this function, and fails the task.
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
      // A timer decides that a step is due, never the clock: what decides stands in the history.
      const due = !(await condition(news, Math.max(1, this.msUntil(step)), { summary: `Then: ${step.say}` }));
      // What was recorded at the very instant counts: an answer, and another deadline.
      if (!due || this.deadlineChange() || this.answerTo(question) !== undefined) continue;
      if (step.escalates) {
        await this.readMailbox(this.dueOf(step)?.at ?? now());
        if (this.deadlineChange() || this.answerTo(question) !== undefined) continue;
      }
      done.add(step);
      step.act(this);
    }
  }

  /** Mails a notice while the onboarding goes on: no case waits behind a mail server that is down. */
  notify(template: NoticeTemplate, facts: Facts = {}, whenSent: (sent: NoticeSent) => void = () => {}): void {
    const telling = this.notifyAndWait(template, facts).then((sent) => {
      whenSent(sent);
      this.show();
    });
    telling.catch((error: Error) => this.unsent(template, error.message));
  }

  /** The same, for what must be out before anything else; the count of a template makes each notice a message of its own. */
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

  /** A message of ours, for the list of last mails. */
  sent(what: string, result: { kind: string; at?: string }): void {
    this.record.sent.push({
      at: result.at ?? now(),
      direction: 'sent',
      what: result.kind === 'accepted' ? what : `${what} (${result.kind})`,
    });
  }

  /** What the mail server refuses comes back like a decision: there is something to mend. */
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

  /** The configuration says that what nobody can settle is sent once more. */
  settledByPolicy(): void {
    const settle = { actor: 'configuration', evidence: 'SEND_UNKNOWN=resend-once', outcome: 'not-sent' } as const;
    this.record.entries.push({ at: now(), kind: 'settle', settle });
  }

  /** CBP announced another answer time: the deadlines are counted anew from the same instant. */
  async extendClock(responseBusinessDays: number | undefined): Promise<void> {
    if (responseBusinessDays === undefined) return;
    this.record.announcedDays = responseBusinessDays;
    if (this.clock?.kind === 'decision') this.clock = { ...this.clock, responseBusinessDays };
    await this.recomputeDeadlines();
  }

  /** The ACE address of the first instructions, whatever the configuration says later. */
  pinnedAddress(): Record<string, string> {
    return this.record.brokerAceEmail ? { brokerAceEmail: this.record.brokerAceEmail } : {};
  }

  /** What the preparation found out about how the client may be listed. */
  list(listed: { company: string; importerKey: string }): void {
    this.listed = listed;
  }

  /** Ends with an outcome, once every message in flight has its answer. */
  async close(outcome: Outcome): Promise<Outcome> {
    this.record.outcome = outcome;
    this.enter('closed', 'nobody');
    this.show();
    await condition(allHandlersFinished);
    return outcome;
  }

  // How it is done ---------------------------------------------------------------------------------------------------

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
    const computed = await calendar.computeDeadlines.executeWithOptions({ summary: 'deadlines anew' }, [clock]);
    this.record.deadlines = named(computed);
  }

  private async readMailbox(after: string): Promise<void> {
    const sweep = await this.perform(() =>
      mailbox.awaitSweep.executeWithOptions({ summary: 'mailbox read before escalating' }, [{ after }]),
    );
    if (sweep.swept) return;
    this.raise('mailbox-unread');
    this.note(
      `Our mailbox could not be read${sweep.unreadSince ? ` since ${sweep.unreadSince}` : ''}: an answer may be there unseen.`,
    );
  }

  /**
   * For handlers: what follows from the record is asked, and shown, once for all messages of a task. Thousands may come
   * at once, and each would be looked at together with all before it.
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
        // The task was given up in the middle, and is done again: there is nothing here any more to show.
        if (!(error instanceof IllegalStateError)) throw error;
      });
  }
  /** False while messages of a task are still being recorded. */
  private settled = true;

  /** Brings search attributes and current details up to what is on record; at most one command, and none when nothing changed. */
  private show(): void {
    const seen = progressOf(this.record, this.steps, this.listed.company);
    this.noteTurn(seen);
    const progress = { ...seen, turnSince: this.record.turn.since };
    const wanted: Attributes = {
      onboardingStage: progress.stage,
      waitingOn: progress.waitingOn,
      needsAttention: progress.attention,
      dueAt: progress.due ? new Date(progress.due.at) : undefined,
      outcome: progress.outcome,
      company: this.listed.company,
      importerKey: this.listed.importerKey ?? this.shown.importerKey,
      clientReference: progress.reference,
      handler: this.record.application?.handler,
      refundDeadline: refundDeadlineOf(this.record.application),
    };
    const changes = changedAttributes(this.shown, wanted);
    if (changes.length > 0) upsertSearchAttributes(changes);
    this.shown = wanted;
    setCurrentDetails(renderDetails(progress, this.record));
  }

  /** A mail may make it the broker's turn in the middle of a stage. */
  private noteTurn({ stage, since, waitingOn: who }: Progress): void {
    const { turn } = this.record;
    if (turn.stage !== stage || turn.since < since) this.record.turn = { stage, who, since };
    else if (turn.who !== who) this.record.turn = { stage, who, since: now() };
  }

  private listen(): void {
    const { record } = this;
    setHandler(messages.progress, () => progressOf(record, this.steps, this.listed.company), {
      description: DESCRIPTIONS.progress,
    });

    setHandler(
      messages.mailReceived,
      (input) => {
        const mail = usableMail(input);
        if (!mail) return this.ignore('mailReceived');
        if (!recordMail(record, mail, now())) return;
        // Whoever forwards sign-in data once will do it again unless told.
        if (mail.credentials && mail.alias === 'client') this.notify('credentials-received');
        this.recorded();
      },
      { description: DESCRIPTIONS.mailReceived },
    );
    setHandler(
      messages.approvalArrived,
      (input) => {
        const approval = usableApproval(input);
        if (!approval) return this.ignore('approvalArrived');
        this.append({ kind: 'approval', approval, at: now() });
        this.noteOf(approval.actor, `${approval.source} says that CBP approved. Evidence: ${approval.evidence}`);
      },
      { description: DESCRIPTIONS.approvalArrived },
    );

    this.decides(
      messages.decide,
      checkDecide,
      (decide) => ({ kind: 'decide', decide }),
      (d) => `Decided: ${d.decision}. Evidence: ${d.evidence}`,
    );
    this.decides(
      messages.correctApplication,
      checkCorrection,
      (correct) => ({ kind: 'correct', correct }),
      (c) => `Corrected the application: ${c.reason}`,
    );
    this.decides(
      messages.settleSubmission,
      checkSettlement,
      (settle) => ({ kind: 'settle', settle }),
      (s) => `Settled the submission: ${s.outcome}. Evidence: ${s.evidence}`,
    );
    this.decides(
      messages.confirmAccessGranted,
      checkAccess,
      (grant) => ({ kind: 'grant', grant }),
      (g) => `Sees ${g.importerNumbers.length} importer number(s) in ACE, role ${g.role}. Evidence: ${g.evidence}`,
    );
    this.decides(messages.changeDeadline, checkDeadline, (change) => ({ kind: 'deadline', change }));
    this.decides(
      messages.dismissMail,
      checkDismissal,
      (dismiss) => ({ kind: 'dismiss', dismiss }),
      (d) => `Dealt with a mail: ${d.reason}`,
    );
    this.decides(
      messages.withdraw,
      checkWithdrawal,
      (withdraw) => ({ kind: 'withdraw', withdraw }),
      (w) => `Withdrew: ${w.reason}`,
    );
  }

  /** An update by a person: checked synchronously, appended, answered. */
  private decides<M extends { actor: string }>(
    definition: UpdateDefinition<messages.Answer, [M]>,
    check: (input: unknown, record: OnboardingRecord) => string | undefined,
    entry: (message: M) => DistributiveOmit<Entry, 'at'>,
    noted?: (message: M) => string,
  ): void {
    const { record } = this;
    const handler = (message: M): messages.Answer => {
      this.append({ ...entry(message), at: now() } as Entry);
      if (noted) this.noteOf(message.actor, noted(message));
      return { said: `Recorded ${definition.name} by ${message.actor}.`, stage: record.stage };
    };
    const validator = (input: unknown): void => {
      const ending = record.outcome !== undefined || closingOnRecord(record) !== undefined;
      const problem = ending ? 'The onboarding is closing.' : (overLimit(input) ?? check(input, record));
      if (problem) throw ApplicationFailure.nonRetryable(problem, 'refused');
    };
    setHandler(definition, handler, {
      validator,
      description: DESCRIPTIONS[definition.name as keyof typeof DESCRIPTIONS],
    });
  }

  private append(entry: Entry): void {
    this.record.entries.push(entry);
    this.recorded();
  }

  private ignore(signal: string): void {
    this.note(`A signal ${signal} without a usable payload was ignored. Its description shows what it must look like.`);
  }
}

type Facts = Record<string, string | string[]>;

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Thrown by `until` and `perform` when a person ended the onboarding; caught once, in `onboard-importer.ts`. */
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

/** Deadlines by the names that ladders and people use. */
export function named(computed: Awaited<ReturnType<typeof calendar.computeDeadlines>>): OnboardingRecord['deadlines'] {
  if (!('reminders' in computed)) return { ...computed };
  const reminders = computed.reminders.map((deadline, index) => [`reminder-${index + 1}`, deadline] as const);
  return { ...Object.fromEntries(reminders), silent: computed.silent, parked: computed.parked };
}

function now(): string {
  return new Date().toISOString();
}
