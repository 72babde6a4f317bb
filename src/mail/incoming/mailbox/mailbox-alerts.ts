import type { MailboxStatus, SendStop } from '../../../archive/records.js';
import { MAX_ALERT_TEXT, type MailboxAlert } from '../../../workflows/contract/mailbox-alerts.js';
import type { ImapFailureKind } from './imap-backoff.js';

export interface AlertPolicy {
  /** Connections, to read as to send, come and go; so long a time without one is worth a word, milliseconds. */
  unreadMs: number;
  /** A mailbox into which nothing came for so long is suspicious, hours. 0: never. */
  silentHours: number;
}

/** Every trouble a mailbox has, from where its watcher stands. Pure. */
export function alertsOf(
  status: MailboxStatus,
  policy: AlertPolicy,
  now: Date,
  failure?: { kind: ImapFailureKind; says: string },
  found: {
    stop?: Pick<SendStop, 'since' | 'reason'> | undefined;
    delay?: Pick<SendStop, 'since' | 'reason'> | undefined;
    /** Mails that wait for a person and belong to no onboarding. */
    inReview?: number;
    /** Mails of today to reply aliases that we never gave. */
    guesses?: number;
    /** The junk folder could not be opened. */
    junkUnread?: boolean;
    /** Why a test mail to a reply address did not arrive. */
    aliasFailure?: string | undefined;
  } = {},
): MailboxAlert[] {
  const { stop, delay, inReview = 0, guesses = 0, junkUnread = false, aliasFailure } = found;
  const alerts: MailboxAlert[] = [];
  const counts = (name: string) => status.counts[name] ?? 0;

  if (failure?.kind === 'login-refused') alerts.push({ kind: 'mailbox-login-refused', says: failure.says });
  if (failure?.kind === 'certificate') alerts.push({ kind: 'mailbox-certificate', says: failure.says });
  if (!status.connected && elapsed(status.connectionSince, now) >= policy.unreadMs)
    alerts.push({
      kind: 'mailbox-unread',
      says: `Nobody has read this mailbox since ${status.sweptUpTo ?? 'it was configured'}: decisions of CBP may lie there. ${failure?.says ?? ''}`.trim(),
    });
  if (counts('unmovable') > 0)
    alerts.push({
      kind: 'mailbox-unmovable',
      says: `${plural(counts('unmovable'), 'message is', 'messages are')} dealt with, but the mail server will not move them. Check the folders, their quota and our rights.`,
    });
  if (counts('unfetchable') > 0)
    alerts.push({
      kind: 'mailbox-unfetchable',
      says: `${plural(counts('unfetchable'), 'message', 'messages')} in the inbox cannot be fetched, although others can. Look at them with a mail program.`,
    });
  if (counts('flagged') > 0)
    alerts.push({
      kind: 'mailbox-unexpunged',
      says: `${plural(counts('flagged'), 'message was', 'messages were')} moved but ${counts('flagged') === 1 ? 'stays' : 'stay'} in the folder, flagged as deleted. The mail server can only remove all flagged messages at once, and somebody else flagged some too. Compact (expunge) the inbox with a mail program, or ask for a server with MOVE or UIDPLUS.`,
    });
  if (junkUnread)
    alerts.push({
      kind: 'mailbox-junk-unread',
      says: 'The junk folder cannot be opened: a decision of CBP that the mail host suspects stays there unseen. Check IMAP_JUNK and our rights.',
    });
  if (policy.silentHours > 0 && status.connected) {
    const since = status.lastMailAt ?? status.watchedSince;
    if (elapsed(since, now) >= policy.silentHours * 3_600_000)
      alerts.push({
        kind: 'mailbox-silent',
        says: `Not one mail has come since ${since}, not even a copy of our own. Check that mail for the reply aliases arrives here, and that no rule files it elsewhere.`,
      });
  }
  if (stop)
    alerts.push({
      kind: 'sending-stopped',
      says: `Nothing is sent from this mailbox since ${stop.since}: ${stop.reason}`,
    });
  if (delay && !stop && elapsed(delay.since, now) >= policy.unreadMs)
    alerts.push({
      kind: 'sending-delayed',
      says: `No mail could be handed to the outgoing server since ${delay.since}: ${delay.reason} Mails wait, and go out by themselves once it takes them.`,
    });
  if (inReview > 0)
    alerts.push({
      kind: 'mail-to-review',
      says: `${plural(inReview, 'mail belongs', 'mails belong')} to no onboarding as far as we can tell. See: ace-onboarding mail list.`,
    });
  if (guesses >= MANY_GUESSES)
    alerts.push({
      kind: 'aliases-guessed',
      says: `${guesses} mails today were written to reply addresses that we never gave: somebody may be guessing. None was believed.`,
    });
  if (aliasFailure)
    alerts.push({
      kind: 'aliases-undelivered',
      says: `A test email to a reply address did not arrive: ${aliasFailure} Answers of CBP and of clients may be lost the same way. Run "ace-onboarding mailbox test", which says what to do.`,
    });
  return alerts.map(({ kind, says }) => ({ kind, says: says.slice(0, MAX_ALERT_TEXT) }));
}

/** A typing error now and then is no attack. */
const MANY_GUESSES = 10;

function elapsed(since: string | undefined, now: Date): number {
  return since ? now.getTime() - Date.parse(since) : 0;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
