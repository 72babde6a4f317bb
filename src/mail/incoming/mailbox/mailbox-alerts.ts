import type { MailboxStatus, SendStop } from '../../../archive/records.js';
import { dateAndTimeInWords } from '../../../calendar/format.js';
import { MAX_ALERT_TEXT, type MailboxAlert } from '../../../workflows/contract/mailbox-alerts.js';
import type { ImapFailureKind } from './imap-backoff.js';

export interface AlertPolicy {
  /** How long to be without a connection, for reading or for sending, before an alert, milliseconds. */
  unreadMs: number;
  /** How long a mailbox may get no mail before an alert, hours. 0: never. */
  silentHours: number;
}

/** Every alert for a mailbox, judged by its watcher's status. Pure. */
export function alertsOf(
  status: MailboxStatus,
  policy: AlertPolicy,
  now: Date,
  failure?: { kind: ImapFailureKind; says: string },
  found: {
    stop?: Pick<SendStop, 'since' | 'reason'> | undefined;
    delay?: Pick<SendStop, 'since' | 'reason'> | undefined;
    /** Emails that wait for a person and belong to no onboarding. */
    inReview?: number;
    /** Today's emails to reply addresses that we never gave out. */
    guesses?: number;
    /** The junk folder could not be opened. */
    junkUnread?: boolean;
    /** Why a test email to a reply address did not arrive. */
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
      says: `This mailbox has not been read since ${status.sweptUpTo ? when(status.sweptUpTo) : 'it was configured'}: decisions from CBP may be waiting there. ${failure?.says ?? ''}`.trim(),
    });
  if (counts('unmovable') > 0)
    alerts.push({
      kind: 'mailbox-unmovable',
      says: `${plural(counts('unmovable'), 'message was', 'messages were')} processed, but the mail server will not move them. Check the folders, their quota and our permissions.`,
    });
  if (counts('unfetchable') > 0)
    alerts.push({
      kind: 'mailbox-unfetchable',
      says: `${plural(counts('unfetchable'), 'message', 'messages')} in the inbox cannot be fetched, although others can. Look at them with a mail program.`,
    });
  if (counts('blocked') > 0)
    alerts.push({
      kind: 'mailbox-blocked',
      says: `${plural(counts('blocked'), 'email stays', 'emails stay')} in the inbox until this is fixed: ${status.blockedBy?.join(' ') ?? ''}`,
    });
  if (counts('flagged') > 0)
    alerts.push({
      kind: 'mailbox-unexpunged',
      says: `${plural(counts('flagged'), 'message was', 'messages were')} moved but ${counts('flagged') === 1 ? 'stays' : 'stay'} in the folder, flagged as deleted. The mail server can only remove all flagged messages at once, and someone else flagged some too. Compact (expunge) the inbox with a mail program, or ask for a server with MOVE or UIDPLUS.`,
    });
  if (junkUnread)
    alerts.push({
      kind: 'mailbox-junk-unread',
      says: "The junk folder can't be opened: a decision from CBP that the mail host took for junk stays there unseen. Check IMAP_JUNK and our permissions.",
    });
  if (policy.silentHours > 0 && status.connected) {
    const since = status.lastMailAt ?? status.watchedSince;
    if (since && elapsed(since, now) >= policy.silentHours * 3_600_000)
      alerts.push({
        kind: 'mailbox-silent',
        says: `No mail has arrived since ${when(since)}, not even a copy of our own. Check that mail for the reply addresses arrives here, and that no rule files it elsewhere.`,
      });
  }
  if (stop)
    alerts.push({
      kind: 'sending-stopped',
      says: `Nothing has been sent from this mailbox since ${when(stop.since)}: ${stop.reason}`,
    });
  if (delay && !stop && elapsed(delay.since, now) >= policy.unreadMs)
    alerts.push({
      kind: 'sending-delayed',
      says: `The outgoing server has accepted no mail since ${when(delay.since)}: ${delay.reason} Emails wait, and go out automatically once the server accepts them.`,
    });
  if (inReview > 0)
    alerts.push({
      kind: 'mail-to-review',
      says: `${plural(inReview, 'email does not match', 'emails do not match')} any onboarding. See: ace-onboarding mail list.`,
    });
  if (guesses >= MANY_GUESSES)
    alerts.push({
      kind: 'aliases-guessed',
      says: `${guesses} emails today went to reply addresses that we never gave out: someone may be guessing. None of them counted.`,
    });
  if (aliasFailure)
    alerts.push({
      kind: 'aliases-undelivered',
      says: `A test email to a reply address did not arrive: ${aliasFailure} Replies from CBP and from clients may be lost the same way. Run "ace-onboarding mailbox test", which says what to do.`,
    });
  return alerts.map(({ kind, says }) => ({ kind, says: says.slice(0, MAX_ALERT_TEXT) }));
}

/** An occasional typo is not an attack. */
const MANY_GUESSES = 10;

/** An instant as an email shows it. @param at ISO instant */
function when(at: string): string {
  return dateAndTimeInWords(new Date(at));
}

function elapsed(since: string | undefined, now: Date): number {
  return since ? now.getTime() - Date.parse(since) : 0;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
