import type { Application } from '../../../application/application.js';
import { timeZoneOf } from '../../../application/time-zone.js';
import type { Archive } from '../../../archive/archive.js';
import { bundledReminders, type OpenRequest, outbox, read } from '../../../archive/records.js';
import type { Policy } from '../../../calendar/policy.js';
import type { Notice, NoticeSent, SendResult } from '../../../workflows/contract/mail-activities.js';
import { messageIdOf } from '../message-id.js';
import { REMINDER_PENDING, retryLater } from '../send-failures.js';
import { knownResult } from '../send-once.js';
import { noteRequest, requestsOfOthers, type StandingOf, stillAsks } from './open-requests.js';
import { giveUpTurn, takeTurn } from './reminder-turn.js';

export interface Reminding {
  archive: Archive;
  policy: Policy;
  /** Bare address that our email comes from. */
  from: string;
  now: () => Date;
  standingOf?: StandingOf | undefined;
}

/** What the case asks for, and of whom. */
export interface Asked {
  /** `personKey` of the account owner. */
  person: string;
  request: OpenRequest;
}

/** The other cases of the person that a reminder also asks about. */
export interface AlsoAsked {
  lines: string[];
  workflowIds: string[];
}

/** How soon to look again whether the email of another case has left. */
const PENDING_SECONDS = 60;

/**
 * Sends a reminder unless its person has had enough email: then it goes out in today's email of another case, or later. Once
 * an answer other than "later" was given, asking again gives the same one. A reminder that waited until its case asks for
 * nothing any more, or has another account owner, is dropped: each try looks again.
 * @param deliver composes the email once and sends it at most once
 * @throws ApplicationFailure of `send-failures.ts`: certainly not sent, try again later
 */
export async function remind(
  { archive, policy, from, now, standingOf }: Reminding,
  notice: Notice,
  application: Application,
  { person, request }: Asked,
  deliver: (others: AlsoAsked) => Promise<SendResult>,
): Promise<NoticeSent> {
  const { workflowId, template, ordinal } = notice;
  const messageId = noticeId(notice, from);
  const bundled = await read(archive, bundledReminders, workflowId, template, ordinal);
  if (bundled)
    return {
      result:
        (await knownResult(archive, bundled.messageId)) ?? notSent(messageId, 'Its email is no longer on record.'),
      bundledWith: bundled.bundledWith,
    };
  // It may be out already, and composed once: the others in it do not change.
  if (await knownResult(archive, messageId)) return { result: await deliver({ lines: [], workflowIds: [] }) };

  const standing = standingOf && (await standingOf(workflowId));
  if (standingOf && !(standing && stillAsks(request, standing)))
    return dropped(messageId, 'the case does not ask the client for this any more');
  const composed = await read(archive, outbox, messageId);
  if (composed && !isSameAddress(composed.recipient, application.accountOwner.email))
    return dropped(messageId, 'it was written to an earlier account owner');
  // Before the turn, so that today's email of another case can ask for it, too.
  await noteRequest(archive, person, request);
  const turn = await takeTurn(archive, person, notice, now(), timeZoneOf(application), policy);
  if (turn.kind === 'later') return later(messageId, turn.until);
  if (turn.kind === 'ours') {
    const others = await requestsOfOthers(archive, person, workflowId, standingOf);
    const result = await deliver({
      lines: others.map(({ company, reference }) => `${company} (${reference})`),
      workflowIds: others.map((other) => other.workflowId),
    });
    if (result.kind === 'refused') await giveUpTurn(archive, person, turn.place, notice);
    return { result };
  }

  const carrier = noticeId(turn.by, from);
  const email = await read(archive, outbox, carrier);
  // Composed without this request, or for this very case: it needs an email of its own, on another day.
  if (email && !email.alsoAsks?.includes(workflowId)) return later(messageId, turn.until);
  const result = email && (await knownResult(archive, carrier));
  if (!result)
    throw retryLater(
      REMINDER_PENDING,
      `Another case reminds the same person today, and its email has not left yet: ${turn.by.reference}. This reminder waits to see whether that email includes it.`,
      PENDING_SECONDS,
    );
  const bundledWith = turn.by.reference;
  await archive.createRecord(bundledReminders.key(workflowId, template, ordinal), {
    workflowId,
    messageId: carrier,
    bundledWith,
  });
  return { result, bundledWith };
}

function noticeId(
  { workflowId, template, ordinal }: Pick<Notice, 'workflowId' | 'ordinal'> & { template: string },
  from: string,
): string {
  return messageIdOf(workflowId, { kind: 'notice', template, ordinal }, from);
}

function isSameAddress(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

function dropped(messageId: string, why: string): NoticeSent {
  return { result: notSent(messageId, `Not sent, and not needed: ${why}.`), dropped: true };
}

function later(messageId: string, until: Date): NoticeSent {
  const deferredUntil = until.toISOString();
  return { result: notSent(messageId, `Not sent: put off until ${deferredUntil}.`), deferredUntil };
}

function notSent(messageId: string, reason: string): SendResult {
  return { kind: 'refused', messageId, reason };
}
