import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Archive } from '../../archive/archive.js';
import {
  messageIndex,
  type OutboxRecord,
  read,
  type SendResultRecord,
  sendResults,
  sends,
  sendVoids,
} from '../../archive/records.js';
import type { SendResult } from '../../workflows/contract/mail-activities.js';
import type { DailyAllowance } from './daily-allowance.js';
import { secondsUntilTomorrow } from './daily-allowance.js';
import {
  DAILY_CAP_REACHED,
  retryLater,
  SERVER_NOT_ALLOWED,
  SMTP_MISCONFIGURED,
  SMTP_UNAVAILABLE,
} from './send-failures.js';
import { outcomeOf, type SmtpOutcome } from './send-outcome.js';
import type { SendingStop } from './sending-stop.js';
import { ServerNotAllowed, type SmtpServer, type Timeouts, transmit } from './smtp-session.js';
import type { Login } from './token-provider.js';

/**
 * Sends each email at most once and keeps track of its outcome. The guard is in the archive, outside Temporal's
 * histories, because resets, retention, and frozen or duplicated workers all bypass history:
 *
 *   outbox        the bytes, composed once; every try sends the same ones
 *   sends         the claim, made when the server asks for the body and before it gets the first byte
 *   send-results  the server accepted it
 *   send-voids    a person recorded it as not sent; a worker that is still sending it stops
 *
 * No claim: certainly not sent. A claim and a definite refusal: the claim is released. A claim without a result: unknown,
 * and never resent automatically.
 */
export interface OnceOnly {
  archive: Archive;
  server: SmtpServer;
  login: Login | undefined;
  allowance: DailyAllowance;
  stop: SendingStop;
  now: () => Date;
  /** Reports a problem that must not stop a send but that someone must look at. */
  warn: (message: string, error: unknown) => void;
  timeouts?: Timeouts;
}

/** An archived email and the onboarding it belongs to. */
export type OutgoingMail = OutboxRecord & { reference: string };

/** Named points where tests stop and kill the process. */
export type SendPoint = 'before-connect' | 'before-claim' | 'claimed' | 'before-end' | 'answered' | 'recorded';

/**
 * Sends an archived email, unless its outcome is known or must be found out first.
 * @throws ApplicationFailure of `send-failures.ts`: certainly not sent, try again later
 */
export async function sendOnce(
  once: OnceOnly,
  mail: OutgoingMail,
  options: { signal?: AbortSignal; at?: (point: SendPoint) => Promise<void> } = {},
): Promise<SendResult> {
  const known = await knownResult(once.archive, mail.messageId);
  if (known) return known;
  const { messageId } = mail;
  const at = options.at ?? (async () => {});
  await indexMessage(once.archive, mail, messageId);
  const bytes = await once.archive.getDocument(mail.documentSha256);
  const place = await permitted(once);
  const claim: Claim = { by: `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`, state: 'none' };
  let unclaimed: unknown;
  await at('before-connect');
  const dialogue = await transmit(
    once.server,
    once.login,
    {
      envelope: mail.envelope,
      recipient: mail.recipient,
      bytes,
      async beforeBody() {
        await at('before-claim');
        await makeClaim(once, messageId, claim).catch((error: unknown) => {
          unclaimed = error;
          // Another error, because nodemailer changes the code of the one it gets.
          throw new Error('the claim could not be made');
        });
        await at('claimed');
        return claim.state === 'ours' ? 'go' : 'withhold';
      },
      async beforeEnd() {
        await at('before-end');
        return (await isVoid(once.archive, messageId)) ? 'withhold' : 'go';
      },
      ...(options.signal ? { signal: options.signal } : {}),
    },
    once.timeouts,
  ).catch((error: unknown) => {
    once.allowance.giveBack(place);
    throw error instanceof ServerNotAllowed ? retryLater(SERVER_NOT_ALLOWED, error.message) : error;
  });
  await at('answered');
  const outcome = outcomeOf(dialogue);
  const certainlyNotSent = outcome.kind !== 'accepted' && outcome.kind !== 'unknown';
  if (certainlyNotSent) {
    await releaseClaim(once.archive, messageId, claim);
    once.allowance.giveBack(place);
  }
  // The archive failed, not the mail server, and the body was withheld.
  if (unclaimed) throw unclaimed;
  const taken = dialogue.phase === 'recipient' || dialogue.phase === 'body';
  if (taken && outcome.kind !== 'misconfigured')
    await once.stop
      .end()
      .catch((error: unknown) => once.warn('The archive could not record that the mail server accepts us.', error));
  if (!taken && outcome.kind === 'retry') await once.stop.delayed(outcome.reason, once.now());
  if (claim.state === 'void')
    return {
      kind: 'refused',
      messageId,
      reason: 'A person recorded that this email was not sent, and another took its place.',
    };
  if (claim.state === 'anothers')
    return (await knownResult(once.archive, messageId)) ?? outcomeUnknown(messageId, once.now());
  return conclude(once, mail, outcome, dialogue.serverMessageId, at);
}

interface Claim {
  by: string;
  state: 'none' | 'ours' | 'anothers' | 'void';
}

async function conclude(
  once: OnceOnly,
  mail: OutgoingMail,
  outcome: SmtpOutcome,
  serverMessageId: string | undefined,
  at: (point: SendPoint) => Promise<void>,
): Promise<SendResult> {
  const { messageId } = mail;
  const now = once.now();
  switch (outcome.kind) {
    case 'accepted': {
      const result: SendResultRecord = {
        messageId,
        acceptedAt: now.toISOString(),
        source: 'server',
        response: outcome.response,
        ...(serverMessageId ? { serverMessageId } : {}),
      };
      // The server has the email: an archive failure must not make the outcome unknown. History has the result.
      await persist(() => once.archive.createRecord(sendResults.key(messageId), result)).catch((error: unknown) =>
        once.warn('The mail server accepted an email, but the archive could not record it.', error),
      );
      await at('recorded');
      if (serverMessageId)
        await persist(() => indexMessage(once.archive, mail, serverMessageId)).catch((error: unknown) =>
          once.warn("The archive could not index the mail server's own Message-ID for an email.", error),
        );
      return accepted(result);
    }
    case 'unknown':
      return { kind: 'unknown', messageId, since: now.toISOString(), reason: outcome.reason };
    case 'refused':
      return { kind: 'refused', messageId, reason: outcome.reason };
    case 'misconfigured': {
      throw stopped(await once.stop.begin(outcome.reason, now), now);
    }
    case 'retry':
      throw retryLater(SMTP_UNAVAILABLE, outcome.reason, outcome.afterSeconds);
  }
}

/**
 * What the archive knows about an email's outcome: accepted, unknown if it was claimed, undefined if it was certainly not
 * sent.
 */
export async function knownResult(archive: Archive, messageId: string): Promise<SendResult | undefined> {
  const result = await read(archive, sendResults, messageId);
  if (result) {
    const { serverMessageId } = result;
    const entry = serverMessageId ? await read(archive, messageIndex, messageId) : undefined;
    if (serverMessageId && entry) await indexMessage(archive, entry, serverMessageId);
    return accepted(result);
  }
  const claim = await read(archive, sends, messageId);
  return claim && outcomeUnknown(messageId, new Date(claim.claimedAt));
}

/**
 * Gives up a transmission that a person recorded as not sent, so that its replacement can go out.
 * @returns its result if it turns out to have been accepted after all
 */
export async function voidSend(
  archive: Archive,
  messageId: string,
  replacedBy: string,
  now: Date,
): Promise<SendResult | undefined> {
  await archive.createRecord(sendVoids.key(messageId), { messageId, replacedBy, at: now.toISOString() });
  const result = await read(archive, sendResults, messageId);
  return result && accepted(result);
}

/** Indexes a Message-ID, ours or the server's, so that replies find their onboarding. */
async function indexMessage(
  archive: Archive,
  mail: { workflowId: string; reference: string; purpose: string },
  messageId: string,
): Promise<void> {
  await archive.createRecord(messageIndex.key(messageId), {
    workflowId: mail.workflowId,
    reference: mail.reference,
    messageId,
    purpose: mail.purpose,
  });
}

async function permitted(once: OnceOnly) {
  const now = once.now();
  const stop = await once.stop.inForce(now);
  if (stop) throw stopped(stop, now);
  const place = await once.allowance.take(now);
  if (place) return place;
  throw retryLater(
    DAILY_CAP_REACHED,
    `The mailbox has reached MAIL_DAILY_CAP for today (Eastern time). This email waits until tomorrow. Raise the cap if your mail provider allows more.`,
    // Spread over a few minutes, because all waiting emails wake together.
    secondsUntilTomorrow(now) + 1 + Math.random() * 300,
  );
}

function stopped(stop: { since: string; reason: string; probeAt: string }, now: Date) {
  return retryLater(
    SMTP_MISCONFIGURED,
    `Sending stopped at ${stop.since}: ${stop.reason} Nothing was sent. Correct the SMTP settings or the mailbox; sending resumes automatically after ${stop.probeAt}.`,
    (Date.parse(stop.probeAt) - now.getTime()) / 1_000 + 1 + Math.random() * 30,
  );
}

/** Looks for a void after making the claim, while `voidSend` looks for results after voiding: one of the two sees the other. */
async function makeClaim(once: OnceOnly, messageId: string, claim: Claim): Promise<void> {
  const record = { messageId, claimedAt: once.now().toISOString(), by: claim.by };
  const { created } = await once.archive.createRecord(sends.key(messageId), record);
  if (!created) claim.state = 'anothers';
  else claim.state = (await isVoid(once.archive, messageId)) ? 'void' : 'ours';
}

/** Releases only its own claim: someone else's may belong to an email that is on its way. */
async function releaseClaim(archive: Archive, messageId: string, claim: Claim): Promise<void> {
  const record = await read(archive, sends, messageId);
  if (record?.by === claim.by) await archive.removeRecord(sends.key(messageId));
}

async function isVoid(archive: Archive, messageId: string): Promise<boolean> {
  return (await read(archive, sendVoids, messageId)) !== undefined;
}

function accepted(result: SendResultRecord): SendResult {
  return {
    kind: 'accepted',
    messageId: result.messageId,
    at: result.acceptedAt,
    ...(result.serverMessageId ? { serverMessageId: result.serverMessageId } : {}),
  };
}

function outcomeUnknown(messageId: string, since: Date): SendResult {
  return {
    kind: 'unknown',
    messageId,
    since: since.toISOString(),
    reason: 'An earlier try started to send the message, and its outcome was not recorded.',
  };
}

/** Tries three times within a second. */
async function persist(write: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await write();
      return;
    } catch (error) {
      if (tries === 3) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200 * tries));
    }
  }
}
