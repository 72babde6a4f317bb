import { createHash } from 'node:crypto';
import type { Archive } from '../archive/archive.js';
import { storeOne } from '../archive/owned-document.js';
import { aliasGuesses, type MailRecord, mails, read, reviews, sendResults, sends } from '../archive/records.js';
import { mailIdentity, type TransitPolicy } from '../mail/incoming/mail-identity.js';
import type { Disposition, MailReceiver, MessageReceived } from '../mail/incoming/mailbox/mail-receiver.js';
import type { Judgement, MailJudge } from '../mail/judging/judgement.js';
import { noteUnknownLetter } from '../mail/judging/letters/waiting-letters.js';
import { claimSignatures } from '../mail/judging/origin/claim-signatures.js';
import { noteCaseMail } from '../mail/judging/text/case-facts.js';
import { DOUBTS } from '../workflows/contract/doubts.js';
import type { ReceivedMail } from '../workflows/contract/received-mail.js';

export interface ReceiverDependencies {
  archive: Archive;
  judge: MailJudge;
  /** As the judge has it, for the identity of what it cannot digest. */
  trust?: TransitPolicy;
  /** Tells an onboarding of a mail; throws what passes. */
  signal: (workflowId: string, mail: ReceivedMail) => Promise<'delivered' | 'not-found'>;
  patience: ReceiverPatience;
  now?: () => number;
}

export interface ReceiverPatience {
  /** What matches nothing, or cannot be authenticated for want of DNS, is tried again for this long. */
  unmatchedMs: number;
  /** A copy of our own mail settles a send only when the sender itself has said nothing for this long. */
  ownCopyMs: number;
}

export const RECEIVER_PATIENCE: ReceiverPatience = { unmatchedMs: 600_000, ownCopyMs: 15_000 };

export function createMailReceiver(dependencies: ReceiverDependencies): MailReceiver {
  const { archive, judge, signal, patience } = dependencies;
  const now = dependencies.now ?? Date.now;

  async function receive(message: MessageReceived): Promise<Disposition> {
    const found = await judged(message);
    if (!found) return { to: 'stay', lookAgainAt: now() + message.attempt * 10_000 };
    const known = await read(archive, mails, found.mail.mailId);
    if (known && known.state !== 'waiting') {
      await listForReview(known);
      return { to: folderOf(known), outcome: 'known' };
    }
    const judgement = await withoutRepeats(found);
    if (judgement.unknownAliases) await countGuess(judgement.mail.mailId, judgement.unknownAliases);
    if (message.suspected && isNoConcern(judgement)) return { to: 'stay', lookAgainAt: Number.POSITIVE_INFINITY };

    const firstSeenAt = known?.firstSeenAt ?? new Date(now()).toISOString();
    if (!judgement.credentials) await storeOne(archive, { mailId: judgement.mail.mailId }, message.raw);
    const settle = (state: Settled, findings?: Findings) =>
      settled(recordOf(judgement, message, firstSeenAt, state, findings));

    if (judgement.mail.kind === 'own-copy') return await receiveOwnCopy(judgement, settle);
    if (isWorthWaiting(judgement)) {
      const lookAgainAt = nextLook(Date.parse(firstSeenAt), now(), patience.unmatchedMs);
      if (lookAgainAt !== undefined)
        return await wait(recordOf(judgement, message, firstSeenAt, 'waiting'), lookAgainAt);
    }
    if (judgement.action === 'ignore') return await settle('ignored');
    if (!judgement.workflowId) return await settle('review');
    return await tell(judgement, judgement.workflowId, settle);
  }

  async function countGuess(mailId: string, aliases: number): Promise<void> {
    await archive.createRecord(aliasGuesses.key(new Date(now()).toISOString().slice(0, 10), mailId), {
      mailId,
      aliases,
    });
  }

  /** Undefined when the judge failed and may do better later. */
  async function judged(message: MessageReceived): Promise<Judgement | undefined> {
    try {
      const judgement = await judge.judge(message.raw, message.receivedAt, message.mailbox);
      if (message.oversizeBytes === undefined) return judgement;
      const size = `${Math.round(message.oversizeBytes / 1_048_576)} MB`;
      return {
        ...judgement,
        action: 'review',
        unreadable: true,
        mail: { ...judgement.mail, doubts: [...new Set(['unreadable' as const, ...judgement.mail.doubts])] },
        reasons: [`It is too large (${size}) to be read: only its header was. Look at it in the mailbox.`],
      };
    } catch (error) {
      // A lookup that failed passes sooner or later; anything else is a message that we cannot digest.
      const attempts = isLookupFailure(error) ? LOOKUP_ATTEMPTS : ATTEMPTS;
      return message.attempt < attempts ? undefined : unjudgeable(message, error, dependencies.trust);
    }
  }

  /**
   * Tells the onboarding whose mail it is. What has doubts moves nothing by itself: it becomes a task on its case, and lies
   * in the review folder.
   */
  async function tell(judgement: Judgement, workflowId: string, settle: Settle): Promise<Disposition> {
    const forPerson = judgement.action === 'review';
    await listUnknown(judgement, workflowId);
    if ((await signal(workflowId, judgement.mail)) === 'delivered')
      return await settle('signalled', { workflowId, ...(forPerson ? { folder: 'review' } : {}) });
    return await settle('review', {
      reasons: [...judgement.reasons, `${judgement.reference ?? workflowId} is closed, or never was: nobody was told.`],
    });
  }

  /** Before the mail's own record: what is taught in between finds it here. */
  async function listUnknown(judgement: Judgement, workflowId: string): Promise<void> {
    const { letterGroup: group, reference, credentials, mail } = judgement;
    const { mailId, signedBy: domain } = mail;
    if (!group || !domain || !reference || credentials) return;
    await noteUnknownLetter(archive, {
      ...{ mailId, workflowId, reference, group, domain },
      since: new Date(now()).toISOString(),
    });
  }

  /** Who sends a decision again, under headers that its signature does not cover, gets it to a person. */
  async function withoutRepeats(judgement: Judgement): Promise<Judgement> {
    const { workflowId, action, reasons } = judgement;
    if (action !== 'signal' || !workflowId) return judgement;
    const mail = await claimSignatures(archive, judgement.mail, workflowId);
    if (mail === judgement.mail) return judgement;
    return { ...judgement, action: 'review', reasons: [DOUBTS['signature-used'], ...reasons], mail };
  }

  /**
   * Our blind copy proves that a message of ours left. Usually the server's own answer said so already; the onboarding is
   * told only when the copy is what settles it.
   */
  async function receiveOwnCopy(judgement: Judgement, settle: Settle): Promise<Disposition> {
    const { aboutMessageId: messageId, receivedAt } = judgement.mail;
    const claim = messageId ? await read(archive, sends, messageId) : undefined;
    if (!messageId || !claim)
      return await settle('ignored', { reasons: ['A copy of our own mail that no send of ours claims.'] });

    const result = await read(archive, sendResults, messageId);
    const settlesAt = Date.parse(claim.claimedAt) + patience.ownCopyMs;
    if (!result && now() < settlesAt) return { to: 'stay', lookAgainAt: settlesAt };

    const created = await archive.createRecord(sendResults.key(messageId), {
      messageId,
      acceptedAt: receivedAt,
      source: 'blind-copy',
    });
    const settledByUs = created.created || sendResults.schema.parse(created.existing).source === 'blind-copy';
    if (!settledByUs || !judgement.workflowId) return await settle('ignored');
    // Not found here is nothing to review: the onboarding closed, and its mail is known to be out.
    const told = await signal(judgement.workflowId, judgement.mail);
    return await settle(told === 'delivered' ? 'signalled' : 'ignored', { workflowId: judgement.workflowId });
  }

  async function wait(record: MailRecord, lookAgainAt: number): Promise<Disposition> {
    await archive.replaceRecord(mails.key(record.mailId), record);
    return { to: 'stay', lookAgainAt };
  }

  async function settled(record: SettledRecord): Promise<Disposition> {
    if (record.workflowId && !record.credentials && record.mail.kind !== 'own-copy')
      await noteCaseMail(archive, record.workflowId, record.mail);
    await archive.replaceRecord(mails.key(record.mailId), record);
    await listForReview(record);
    return { to: folderOf(record), outcome: record.state };
  }

  /** After the mail's own record, which is the truth, and before the move: whoever dies in between does it again. */
  async function listForReview({ state, mailId, settledAt }: MailRecord): Promise<void> {
    if (state === 'review') await archive.createRecord(reviews.key(mailId), { mailId, since: settledAt });
  }

  function recordOf<State extends Settled | 'waiting'>(
    judgement: Judgement,
    message: MessageReceived,
    firstSeenAt: string,
    state: State,
    findings: Findings = {},
  ): MailRecord & { state: State } {
    const { mail, candidates, reasons, reference, credentials, fraud, redactedText } = judgement;
    return {
      mailId: mail.mailId,
      mailbox: message.mailbox,
      receivedAt: message.receivedAt,
      firstSeenAt,
      state,
      ...(state === 'waiting' ? {} : { settledAt: new Date(now()).toISOString() }),
      ...(reference ? { reference } : {}),
      ...(credentials ? { credentials, ...(redactedText ? { redactedText } : {}) } : {}),
      ...(fraud ? { fraud } : {}),
      candidates: candidates.map((candidate) => ({ ...candidate })),
      reasons,
      mail,
      ...findings,
    };
  }

  return { receive };
}

type Settled = 'signalled' | 'ignored' | 'review';
type SettledRecord = MailRecord & { state: Settled };
type Findings = Pick<Partial<MailRecord>, 'reasons' | 'workflowId' | 'folder'>;
type Settle = (state: Settled, findings?: Findings) => Promise<Disposition>;

const ATTEMPTS = 3;
/** Ten seconds after the first, twenty after the second, and so on: nine minutes in all. */
const LOOKUP_ATTEMPTS = 10;

/** DNS and archive give their errors a code. */
function isLookupFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

/** What a person is shown of a message that our own code cannot digest. Nobody is told of it by itself. */
function unjudgeable({ raw, receivedAt, mailbox }: MessageReceived, error: unknown, trust?: TransitPolicy): Judgement {
  return {
    mail: {
      mailId: mailIdentity(raw, trust),
      receivedAt,
      mailbox,
      kind: 'unclear',
      confidence: 0,
      evidence: [],
      authenticity: { verdict: 'undetermined', reasons: ['The message could not be read.'] },
      alias: 'none',
      from: '',
      subject: '',
      excerpt: '',
      doubts: ['unreadable'],
      documentSha256: createHash('sha256').update(raw).digest('hex'),
    },
    action: 'review',
    candidates: [],
    // The error's name alone: its message may quote the mail.
    reasons: [
      `It could not be read (${error instanceof Error ? error.name : 'unknown error'}). Look at it in the mailbox.`,
    ],
    unreadable: true,
  };
}

/**
 * In the junk folder: nothing that an onboarding, or a person on its behalf, would want to know of. What is CBP's is, and
 * what may be while DNS does not answer.
 */
function isNoConcern({ action, candidates, mail, unreadable }: Judgement): boolean {
  if (action === 'ignore') return true;
  const isNobodys = mail.authenticity.verdict === 'unauthentic' || unreadable === true;
  return action === 'review' && candidates.length === 0 && isNobodys;
}

/** Review is for what waits for a person; what a person has dealt with counts as processed. */
function folderOf({ state, folder }: MailRecord): 'processed' | 'review' {
  return folder ?? (state === 'review' ? 'review' : 'processed');
}

/**
 * Whether looking again may tell more: what matches nothing may be about a mail whose server-given Message-ID is not yet
 * on file, and a decision of undetermined authenticity waits for DNS.
 */
function isWorthWaiting({ mail, action, workflowId, candidates, credentials, fraud, unreadable }: Judgement): boolean {
  if (fraud || unreadable || action === 'ignore') return false;
  if (workflowId) return mail.doubts.includes('sender-unchecked');
  return candidates.length === 0 && !credentials;
}

/**
 * When to look at a waiting message again: soon at first, then as long again as it has waited, two minutes at most.
 * Undefined when it has waited long enough. All in epoch milliseconds.
 */
export function nextLook(firstSeenAt: number, now: number, patienceMs: number): number | undefined {
  const waited = Math.max(0, now - firstSeenAt);
  if (waited >= patienceMs) return undefined;
  return Math.min(now + Math.min(Math.max(waited, 5_000), 120_000), firstSeenAt + patienceMs);
}
