import type { WorkflowClient } from '@temporalio/client';
import { problemWithActor } from '../application/actor-validation.js';
import type { Archive } from '../archive/archive.js';
import {
  type MailRecord,
  mails,
  onboardings,
  type ReviewDecision,
  read,
  reviewDecisions,
  reviews,
} from '../archive/records.js';
import { noteCaseMail } from '../mail/judging/text/case-facts.js';
import { signalOnce } from '../temporal/signal-once.js';
import { overLimit } from '../workflows/contract/limits.js';
import type { ReceivedMail } from '../workflows/contract/received-mail.js';

/** Emails that wait for a person, who can see them, assign them to an onboarding, or dismiss them. Repeating a step changes nothing. */
export interface MailReview {
  /** The waiting emails, oldest first. */
  waiting(): Promise<MailRecord[]>;
  /**
   * One email by its ID, or by at least the first eight characters.
   * @throws MailReviewError `not-found`
   */
  find(mailId: string): Promise<MailRecord>;
  /**
   * Says which onboarding it belongs to, not that it is genuine: the onboarding is told as if it had matched, and a decision
   * that is not authentic still needs `decide`.
   * @throws MailReviewError `not-found` | `onboarding-not-found` | `onboarding-closed` | `decided-otherwise` | `not-in-review` |
   * `actor-refused`
   */
  assign(mailId: string, reference: string, by: { actor: string; reason: string }): Promise<MailRecord>;
  /** @throws MailReviewError `not-found` | `decided-otherwise` | `not-in-review` | `actor-refused` */
  dismiss(mailId: string, by: { actor: string; reason: string }): Promise<MailRecord>;
}

export type MailReviewErrorCode =
  | 'not-found'
  | 'onboarding-not-found'
  | 'onboarding-closed'
  /** Someone else was first. */
  | 'decided-otherwise'
  /** The watcher delivered or ignored it, or it still waits for a match. */
  | 'not-in-review'
  /** The actor looks verified without being so, or the actor or the reason is too long. */
  | 'actor-refused';

export class MailReviewError extends Error {
  constructor(
    readonly code: MailReviewErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'MailReviewError';
  }
}

export interface MailReviewDependencies {
  archive: Archive;
  /** Needed to assign an email, since the onboarding is told. */
  client?: WorkflowClient;
  now?: () => Date;
}

export function createMailReview({ archive, client, now = () => new Date() }: MailReviewDependencies): MailReview {
  async function* reviewed(): AsyncGenerator<MailRecord> {
    for await (const key of archive.listRecords('review/')) {
      const record = await read(archive, mails, key.slice('review/'.length));
      if (record?.state === 'review') yield record;
      // A process died between the two records, or another one was faster. The email's own record decides.
      else await archive.removeRecord(key);
    }
  }

  async function waiting(): Promise<MailRecord[]> {
    const found: MailRecord[] = [];
    for await (const record of reviewed()) found.push(record);
    return found.sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
  }

  async function find(mailId: string): Promise<MailRecord> {
    const exact = MAIL_ID.test(mailId) ? await read(archive, mails, mailId) : undefined;
    if (exact) return exact;
    const alike: string[] = [];
    if (BEGINNING.test(mailId)) for await (const key of archive.listRecords(mails.key(mailId))) alike.push(key);
    const only = alike.length === 1 ? await read(archive, mails, (alike[0] ?? '').slice('mails/'.length)) : undefined;
    if (only) return only;
    throw new MailReviewError(
      'not-found',
      alike.length > 1
        ? `${alike.length} emails start with ${mailId}. Enter more of the ID.`
        : `There is no email ${mailId}. See: ace-onboarding mail list, or ace-onboarding show for the emails of a case.`,
    );
  }

  /** The first decision: this one, or that of someone who was faster. */
  async function decide(record: MailRecord, decision: ReviewDecision): Promise<ReviewDecision> {
    const { mailId } = record;
    const problem = overLimit(decision) ?? problemWithActor(decision.actor);
    if (problem) throw new MailReviewError('actor-refused', problem);
    if (record.state === 'signalled' || record.state === 'ignored' || record.state === 'waiting')
      throw new MailReviewError('not-in-review', `The email ${short(mailId)} is not in review: it is ${record.state}.`);
    const claim = await archive.createRecord(reviewDecisions.key(mailId), decision);
    if (claim.created) return decision;
    const first = reviewDecisions.schema.parse(claim.existing);
    if (first.what !== decision.what || first.workflowId !== decision.workflowId)
      throw new MailReviewError(
        'decided-otherwise',
        `The email ${short(mailId)} was ${first.what}${first.reference ? ` to ${first.reference}` : ''} by ${first.actor} at ${first.at}.`,
      );
    return first;
  }

  async function carryOut(record: MailRecord, decision: ReviewDecision): Promise<MailRecord> {
    const { mailId, at, actor, what, reason, workflowId, reference } = decision;
    if (record.state === what) {
      await archive.removeRecord(reviews.key(mailId));
      return record;
    }
    const handled = [...(record.handled ?? []), { at, actor, what, reason }];
    const done: MailRecord = {
      ...record,
      state: what,
      handled,
      ...(workflowId ? { workflowId } : {}),
      ...(reference ? { reference } : {}),
    };
    if (workflowId && !record.credentials) await noteCaseMail(archive, workflowId, record.mail);
    await archive.replaceRecord(mails.key(mailId), done);
    await archive.removeRecord(reviews.key(mailId));
    return done;
  }

  return {
    waiting,
    find,

    async assign(mailId, reference, by) {
      if (!client) throw new Error('Assigning an email requires a connection to Temporal.');
      const record = await find(mailId);
      const onboarding = await read(archive, onboardings, reference);
      if (!onboarding)
        throw new MailReviewError(
          'onboarding-not-found',
          `There is no onboarding ${reference}. See: ace-onboarding list.`,
        );
      const { workflowId } = onboarding;
      const decision = await decide(record, {
        ...by,
        mailId: record.mailId,
        at: now().toISOString(),
        what: 'assigned',
        workflowId,
        reference: onboarding.reference,
      });
      const { actor, reason } = decision;
      const mail: ReceivedMail = { ...record.mail, assigned: { actor, reason } };
      const told = await signalOnce(client, workflowId, 'mailReceived', mail, `${record.mailId}/assigned`);
      if (told === 'not-found') {
        await archive.removeRecord(reviewDecisions.key(record.mailId));
        throw new MailReviewError(
          'onboarding-closed',
          `The onboarding ${reference} is closed, so the email cannot be delivered to it. Reopen it first, or dismiss the email.`,
        );
      }
      return await carryOut(record, decision);
    },

    async dismiss(mailId, by) {
      const record = await find(mailId);
      const decision = await decide(record, {
        ...by,
        mailId: record.mailId,
        at: now().toISOString(),
        what: 'dismissed',
      });
      return await carryOut(record, decision);
    },
  };
}

const MAIL_ID = /^[0-9a-f]{64}$/;
const BEGINNING = /^[0-9a-f]{8,64}$/;

/** The part of an email's ID that people see. */
export function short(mailId: string): string {
  return mailId.slice(0, 12);
}
