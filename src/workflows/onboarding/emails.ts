import { CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import { type Notice, type NoticeSent, type NoticeTemplate, REMINDERS } from '../contract/mail-activities.js';
import { ACCESS_PROBLEMS } from '../contract/messages.js';
import type { Attention } from '../contract/progress.js';
import type { ClockStart, DueStep } from '../contract/waits.js';
import type { OnboardingRecord } from '../record/record.js';
import { taskFacts, urgentTasks } from '../record/task-policy.js';
import { notices } from './activities.js';

export type Facts = Notice['facts'];

export interface Sending {
  /** The wait that begins when the email is out. */
  starts?: Omit<ClockStart, 'at'>;
  whenSent?: (sent: NoticeSent) => void;
}

/** What the emails of an onboarding tell it. */
interface Sender {
  record: OnboardingRecord;
  note(brief: string, details?: string): void;
  startClock(start: ClockStart, steps: DueStep[]): void;
  show(): void;
}

/** The notices of one onboarding: numbered, sent without holding it up, and kept on record. */
export class Emails {
  private readonly counts = new Map<NoticeTemplate, number>();

  constructor(private readonly sender: Sender) {}

  /** Sends a notice without waiting for it: a mail server that is down must not hold up the onboarding. */
  send(template: NoticeTemplate, facts: Facts = {}, { starts, whenSent }: Sending = {}): void {
    const { sender } = this;
    const sending = this.sendAndWait(template, facts, starts).then((sent) => {
      whenSent?.(sent);
      sender.show();
    });
    sending.catch((error: Error) => {
      if (!isCancellation(error)) this.failed(template, error.message);
    });
  }

  /**
   * Sends the last notice of an onboarding, and waits a while for the mail server.
   * @returns whether it is out, as far as we know
   */
  async sendLast(template: NoticeTemplate, facts: Facts): Promise<boolean> {
    let result: NoticeSent['result'] | undefined;
    this.send(template, facts, {
      whenSent: (sent) => {
        result = sent.result;
      },
    });
    if (!(await condition(() => result !== undefined, '10 minutes')))
      this.sender.note(`The email "${template}" was not sent within 10 minutes.`);
    return result !== undefined && result.kind !== 'refused';
  }

  /** Tells the handler at once about what is urgent, each time it comes up. */
  sendUrgentTasks(attention: readonly Attention[]): void {
    const { record } = this.sender;
    const urgent = urgentTasks(record, attention);
    const fresh = urgent.filter(({ key }) => !record.urgentTold.includes(key));
    record.urgentTold = urgent.map(({ key }) => key);
    for (const reason of new Set(fresh.map((task) => task.reason))) this.send('task', taskFacts(reason, record));
  }

  /** What the client is asked for has changed: requests that have not left stay where they are. */
  stopRequests(): void {
    for (const scope of this.requests) scope.cancel();
    this.requests.clear();
  }
  private readonly requests = new Set<CancellationScope>();

  private async inScope(template: NoticeTemplate, send: () => Promise<NoticeSent>): Promise<NoticeSent> {
    if (!REQUESTS.includes(template)) return await send();
    const scope = new CancellationScope();
    this.requests.add(scope);
    return await scope.run(send).finally(() => this.requests.delete(scope));
  }

  /** Notices with the same template are numbered, so each is a separate email. */
  private async sendAndWait(
    template: NoticeTemplate,
    facts: Facts,
    starts?: Omit<ClockStart, 'at'>,
  ): Promise<NoticeSent> {
    const { record } = this.sender;
    const ordinal = (this.counts.get(template) ?? 0) + 1;
    this.counts.set(template, ordinal);
    const { application, applicationSha256 = '' } = record;
    const { workflowId } = workflowInfo();
    const handler = record.entries.some(({ kind }) => kind === 'hand-over') ? application.handler : undefined;
    const notice: Notice = {
      ...{ workflowId, reference: application.reference, template, ordinal, applicationSha256 },
      facts: handler ? { ...facts, handler } : facts,
      ...(starts ? { starts } : {}),
    };
    const { clock } = record;
    const sent = await this.inScope(template, () =>
      notices().sendNotice.executeWithOptions({ summary: `email: ${template}` }, [notice]),
    );
    if (sent.deferredUntil || sent.dropped) return sent;
    this.recordSent(sent.bundledWith ? `${template} (with that of ${sent.bundledWith})` : template, sent.result);
    if (sent.result.kind === 'refused') this.failed(template, sent.result.reason);
    else this.keep(template, sent);
    // Something else may be going on by now.
    if (starts && sent.deadlines && record.clock === clock) {
      const at = sent.result.kind === 'accepted' ? sent.result.at : now();
      this.sender.startClock({ ...starts, at }, sent.deadlines);
    }
    return sent;
  }

  /** What later emails and the client's replies refer to. */
  private keep(template: NoticeTemplate, { result, brokerAceEmail }: NoticeSent): void {
    const { record } = this.sender;
    const at = result.kind === 'accepted' ? result.at : now();
    if (brokerAceEmail) {
      record.brokerAceEmail ??= brokerAceEmail;
      record.instructedOn = at;
    }
    if (ASKS.includes(template)) record.askedOn = at;
    if (QUESTIONS.includes(template)) keepLatest(record.answerable.question, result.messageId);
    else if (ASKS_FOR_DONE.includes(template)) keepLatest(record.answerable.instructions, result.messageId);
  }

  private failed(template: NoticeTemplate, reason: string): void {
    this.sender.note(`The email "${template}" was not sent.`, reason);
    this.sender.record.undeliveredAt = this.sender.record.entries.length;
    this.sender.show();
  }

  /** Records an email that we sent. */
  recordSent(what: string, result: { kind: string; at?: string }): void {
    this.sender.record.sent.push({
      at: result.at ?? now(),
      direction: 'sent',
      what: result.kind === 'accepted' ? what : `${what} (${result.kind})`,
    });
  }
}

/** A client answers these with yes or no. */
const QUESTIONS: readonly NoticeTemplate[] = ['application-submitted', 'ask-whether-approved'];
/** A client who has added our user answers these with "done". */
const ASKS_FOR_DONE: readonly NoticeTemplate[] = [
  'grant-instructions',
  'grant-reminder',
  'grant-partial',
  'wrong-address',
  'wrong-top-account',
];
/** They ask the client for something, and are out of place once the case waits for something else. */
const REQUESTS: readonly NoticeTemplate[] = [
  ...REMINDERS,
  'correction-needed',
  'grant-instructions',
  'grant-partial',
  ...ACCESS_PROBLEMS,
];
const ASKS: readonly NoticeTemplate[] = ['ask-whether-approved', 'correction-needed', 'correction-reminder'];

const KEPT = 20;

function keepLatest(ids: string[], id: string): void {
  ids.push(id);
  if (ids.length > KEPT) ids.shift();
}

function now(): string {
  return new Date().toISOString();
}
