import { createHash } from 'node:crypto';
import { type Archive, isArchiveError } from '../archive/archive.js';
import { storeFirstCopy } from '../archive/owned-document.js';
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
  /** The judge's settings, for the identity of a message that it cannot read. */
  trust?: TransitPolicy;
  /** Tells an onboarding about an email. Throws errors that are worth retrying. */
  signal: (workflowId: string, mail: ReceivedMail) => Promise<'delivered' | 'not-found'>;
  patience: ReceiverPatience;
  now?: () => number;
}

export interface ReceiverPatience {
  /** How long to retry an email that matches nothing, or cannot be authenticated because DNS does not answer. */
  unmatchedMs: number;
  /** A copy of our own email settles a send only after the sender has been silent for this long. */
  ownCopyMs: number;
}

export const RECEIVER_PATIENCE: ReceiverPatience = { unmatchedMs: 600_000, ownCopyMs: 15_000 };

export function createMailReceiver(dependencies: ReceiverDependencies): MailReceiver {
  const { archive, judge, signal, patience } = dependencies;
  const now = dependencies.now ?? Date.now;

  async function receive(message: MessageReceived): Promise<Disposition> {
    const found = await judged(message);
    if (!found) return { to: 'stay', lookAgainAt: now() + message.attempt * 10_000, unjudged: true };
    const known = await read(archive, mails, found.mail.mailId);
    if (known && known.state !== 'waiting') {
      await listForReview(known);
      return { to: folderOf(known), outcome: 'known' };
    }
    const fresh = await withoutRepeats(found);
    if (fresh.unknownAliases) await countGuess(fresh.mail.mailId, fresh.unknownAliases);
    if (message.suspected && isNoConcern(fresh)) return { to: 'stay', lookAgainAt: Number.POSITIVE_INFINITY };

    const firstSeenAt = known?.firstSeenAt ?? new Date(now()).toISOString();
    const judgement = await kept(fresh, message.raw);
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

  /** Stores the email. From here on it has the sha256 of its first copy, whichever copy this is. */
  async function kept(judgement: Judgement, raw: Uint8Array): Promise<Judgement> {
    const { mail, credentials } = judgement;
    const documentSha256 = await storeFirstCopy(archive, mail.mailId, raw, { keep: !credentials });
    return { ...judgement, mail: { ...mail, documentSha256 } };
  }

  async function countGuess(mailId: string, aliases: number): Promise<void> {
    await archive.createRecord(aliasGuesses.key(new Date(now()).toISOString().slice(0, 10), mailId), {
      mailId,
      aliases,
    });
  }

  /**
   * Undefined if the judge failed and may succeed later.
   * @throws errors of the archive and missing keys, which say nothing about the message
   */
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
        reasons: [`It is too large (${size}), so only its header was read. Look at it in the mailbox.`],
      };
    } catch (error) {
      if (isArchiveError(error)) throw error;
      // A failed lookup works sooner or later. Any other error means a message that we cannot read.
      const attempts = isLookupFailure(error) ? LOOKUP_ATTEMPTS : ATTEMPTS;
      return message.attempt < attempts ? undefined : unjudgeable(message, error, dependencies.trust);
    }
  }

  /**
   * Tells the onboarding about its email. An email with doubts does not act: it becomes a task of its case and goes to the
   * review folder.
   */
  async function tell(judgement: Judgement, workflowId: string, settle: Settle): Promise<Disposition> {
    const forPerson = judgement.action === 'review';
    await listUnknown(judgement, workflowId);
    if ((await signal(workflowId, judgement.mail)) === 'delivered')
      return await settle('signalled', { workflowId, ...(forPerson ? { folder: 'review' } : {}) });
    return await settle('review', {
      reasons: [
        ...judgement.reasons,
        `${judgement.reference ?? workflowId} is closed or does not exist, so no one was told.`,
      ],
    });
  }

  /** Before the email's own record, so that a letter taught in between finds it here. */
  async function listUnknown(judgement: Judgement, workflowId: string): Promise<void> {
    const { letterGroup: group, reference, credentials, mail } = judgement;
    const { mailId, signedBy: domain } = mail;
    if (!group || !domain || !reference || credentials) return;
    await noteUnknownLetter(archive, {
      ...{ mailId, workflowId, reference, group, domain },
      since: new Date(now()).toISOString(),
    });
  }

  /** A decision sent again with headers that its signature does not cover goes to a person. */
  async function withoutRepeats(judgement: Judgement): Promise<Judgement> {
    const { workflowId, action, reasons } = judgement;
    if (action !== 'signal' || !workflowId) return judgement;
    const mail = await claimSignatures(archive, judgement.mail, workflowId);
    if (mail === judgement.mail) return judgement;
    return { ...judgement, action: 'review', reasons: [DOUBTS['signature-used'], ...reasons], mail };
  }

  /**
   * Our blind copy proves that our message left. Usually the server's answer already said so. The onboarding is told only if
   * the copy settles the question.
   */
  async function receiveOwnCopy(judgement: Judgement, settle: Settle): Promise<Disposition> {
    const { aboutMessageId: messageId, receivedAt } = judgement.mail;
    const claim = messageId ? await read(archive, sends, messageId) : undefined;
    if (!messageId || !claim)
      return await settle('ignored', { reasons: ['A copy of our own email that matches none of our sends.'] });

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
    // If not found, there is nothing to review: the onboarding closed, and we know that its email left.
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

  /** After the email's own record, which decides, and before the move. After a crash in between, it is done again. */
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
/** Retries after 10 seconds, 20 seconds, and so on: nine minutes in total. */
const LOOKUP_ATTEMPTS = 10;

/** Errors of DNS have a code. */
function isLookupFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

/** What a person sees of a message that our code cannot read. No onboarding is told about it. */
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
    // Only the error's name: its message may quote the email.
    reasons: [
      `It could not be read (${error instanceof Error ? error.name : 'unknown error'}). Look at it in the mailbox.`,
    ],
    unreadable: true,
  };
}

/**
 * Whether an email in the junk folder can stay there because it concerns no onboarding. An email that is from CBP, or may
 * be while DNS does not answer, cannot.
 */
function isNoConcern({ action, candidates, mail, unreadable }: Judgement): boolean {
  if (action === 'ignore') return true;
  const isNobodys = mail.authenticity.verdict === 'unauthentic' || unreadable === true;
  return action === 'review' && candidates.length === 0 && isNobodys;
}

/** The review folder is for emails that wait for a person. Once a person has handled one, it counts as processed. */
function folderOf({ state, folder }: MailRecord): 'processed' | 'review' {
  return folder ?? (state === 'review' ? 'review' : 'processed');
}

/**
 * Whether it helps to look again later: an email that matches nothing may answer one whose server-given Message-ID is not
 * recorded yet, and a decision whose sender is unchecked waits for DNS.
 */
function isWorthWaiting({ mail, action, workflowId, candidates, credentials, fraud, unreadable }: Judgement): boolean {
  if (fraud || unreadable || action === 'ignore') return false;
  if (workflowId) return mail.doubts.includes('sender-unchecked');
  return candidates.length === 0 && !credentials;
}

/**
 * When to look at a waiting message again: soon at first, then after as long as it has waited so far, at most two minutes.
 * Undefined if it has waited long enough. All in epoch milliseconds.
 */
export function nextLook(firstSeenAt: number, now: number, patienceMs: number): number | undefined {
  const waited = Math.max(0, now - firstSeenAt);
  if (waited >= patienceMs) return undefined;
  return Math.min(now + Math.min(Math.max(waited, 5_000), 120_000), firstSeenAt + patienceMs);
}
