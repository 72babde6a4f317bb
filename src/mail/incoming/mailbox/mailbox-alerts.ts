import type { MailboxStatus, SendStop } from '../../../archive/records.js';
import type { ImapTrouble } from './imap-backoff.js';

/** What operations must know of a mailbox, as the search attribute `NeedsAttention` of its workflow lists it. */
export const MAILBOX_TROUBLES = [
  'mailbox-unread',
  'mailbox-login-refused',
  'mailbox-certificate',
  'mailbox-unmovable',
  'mailbox-unfetchable',
  'mailbox-silent',
  'sending-stopped',
  'mail-to-review',
  'aliases-guessed',
  'sending-delayed',
  'mailbox-junk-unread',
  'mailbox-unexpunged',
  'aliases-undelivered',
] as const;

export interface MailboxTrouble {
  kind: (typeof MAILBOX_TROUBLES)[number];
  /** What is the matter and what to do, free of names and mail text. */
  says: string;
}

/** What each is about and what to do, in words of the product alone: for where nothing from outside may be shown. */
export const TROUBLE_HELP: Record<MailboxTrouble['kind'], string> = {
  'mailbox-unread': 'the mailbox has not been read for a while: decisions of CBP may be there unseen.',
  'mailbox-login-refused': 'the mail server refuses the login. Check the user and the password or token.',
  'mailbox-certificate': "the mail server's certificate is not accepted.",
  'mailbox-unmovable':
    'messages were dealt with, but the mail server will not move them. Check folders, quota and rights.',
  'mailbox-unfetchable': 'some messages in the inbox cannot be fetched. Look at them with a mail program.',
  'mailbox-silent':
    'no email has come for a long time. Check that replies arrive here, and that no rule files them away.',
  'sending-stopped': 'nothing is sent from this mailbox until the mail server accepts us again.',
  'mail-to-review': 'emails belong to no onboarding that we can tell. See: `ace-onboarding mail list`.',
  'aliases-guessed': 'emails were written to reply addresses that we never gave: someone may be guessing.',
  'sending-delayed': 'the outgoing server takes no email. They wait, and go out once it does.',
  'mailbox-junk-unread': 'the junk folder cannot be opened. Check IMAP_JUNK and our rights.',
  'mailbox-unexpunged':
    'messages were moved but stay in the folder, flagged as deleted next to messages that others flagged. Compact the folder with a mail program.',
  'aliases-undelivered':
    'a test email to a reply address did not arrive here: answers of CBP may be lost. Run `ace-onboarding mailbox test`.',
};

/**
 * The troubles in what a signal or a start brings, the first of each kind, in their order. Anybody can send one, and a
 * search attribute holds only so much: what is no trouble is left out, and a text that is too long is cut.
 */
export function troublesIn(input: unknown): MailboxTrouble[] {
  if (!Array.isArray(input)) return [];
  const found = new Map<MailboxTrouble['kind'], MailboxTrouble>();
  for (const { kind, says } of input.filter(isTrouble))
    if (!found.has(kind)) found.set(kind, { kind, says: says.slice(0, MOST_SAID) });
  return [...found.values()];
}

/** The kinds of trouble in a list of anything, each once, in their order. */
export function troubleKindsIn(input: unknown): MailboxTrouble['kind'][] {
  return Array.isArray(input) ? [...new Set(input.filter(isKind))] : [];
}

function isTrouble(input: unknown): input is MailboxTrouble {
  const { kind, says } = (input ?? {}) as Partial<Record<keyof MailboxTrouble, unknown>>;
  return isKind(kind) && typeof says === 'string';
}

function isKind(input: unknown): input is MailboxTrouble['kind'] {
  return (MAILBOX_TROUBLES as readonly unknown[]).includes(input);
}

export interface TroublePolicy {
  /** Connections, to read as to send, come and go; so long a time without one is worth a word, milliseconds. */
  unreadMs: number;
  /** A mailbox into which nothing came for so long is suspicious, hours. 0: never. */
  silentHours: number;
}

/** Every trouble a mailbox has, from where its watcher stands. Pure. */
export function troublesOf(
  status: MailboxStatus,
  policy: TroublePolicy,
  now: Date,
  setback?: { trouble: ImapTrouble; says: string },
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
): MailboxTrouble[] {
  const { stop, delay, inReview = 0, guesses = 0, junkUnread = false, aliasFailure } = found;
  const troubles: MailboxTrouble[] = [];
  const counts = (name: string) => status.counts[name] ?? 0;

  if (setback?.trouble === 'login-refused') troubles.push({ kind: 'mailbox-login-refused', says: setback.says });
  if (setback?.trouble === 'certificate') troubles.push({ kind: 'mailbox-certificate', says: setback.says });
  if (!status.connected && elapsed(status.connectionSince, now) >= policy.unreadMs)
    troubles.push({
      kind: 'mailbox-unread',
      says: `Nobody has read this mailbox since ${status.sweptUpTo ?? 'it was configured'}: decisions of CBP may lie there. ${setback?.says ?? ''}`.trim(),
    });
  if (counts('unmovable') > 0)
    troubles.push({
      kind: 'mailbox-unmovable',
      says: `${plural(counts('unmovable'), 'message is', 'messages are')} dealt with, but the mail server will not move them. Check the folders, their quota and our rights.`,
    });
  if (counts('unfetchable') > 0)
    troubles.push({
      kind: 'mailbox-unfetchable',
      says: `${plural(counts('unfetchable'), 'message', 'messages')} in the inbox cannot be fetched, although others can. Look at them with a mail program.`,
    });
  if (counts('flagged') > 0)
    troubles.push({
      kind: 'mailbox-unexpunged',
      says: `${plural(counts('flagged'), 'message was', 'messages were')} moved but ${counts('flagged') === 1 ? 'stays' : 'stay'} in the folder, flagged as deleted. The mail server can only remove all flagged messages at once, and somebody else flagged some too. Compact (expunge) the inbox with a mail program, or ask for a server with MOVE or UIDPLUS.`,
    });
  if (junkUnread)
    troubles.push({
      kind: 'mailbox-junk-unread',
      says: 'The junk folder cannot be opened: a decision of CBP that the mail host suspects stays there unseen. Check IMAP_JUNK and our rights.',
    });
  if (policy.silentHours > 0 && status.connected) {
    const since = status.lastMailAt ?? status.watchedSince;
    if (elapsed(since, now) >= policy.silentHours * 3_600_000)
      troubles.push({
        kind: 'mailbox-silent',
        says: `Not one mail has come since ${since}, not even a copy of our own. Check that mail for the reply aliases arrives here, and that no rule files it elsewhere.`,
      });
  }
  if (stop)
    troubles.push({
      kind: 'sending-stopped',
      says: `Nothing is sent from this mailbox since ${stop.since}: ${stop.reason}`,
    });
  if (delay && !stop && elapsed(delay.since, now) >= policy.unreadMs)
    troubles.push({
      kind: 'sending-delayed',
      says: `No mail could be handed to the outgoing server since ${delay.since}: ${delay.reason} Mails wait, and go out by themselves once it takes them.`,
    });
  if (inReview > 0)
    troubles.push({
      kind: 'mail-to-review',
      says: `${plural(inReview, 'mail belongs', 'mails belong')} to no onboarding as far as we can tell. See: ace-onboarding mail list.`,
    });
  if (guesses >= MANY_GUESSES)
    troubles.push({
      kind: 'aliases-guessed',
      says: `${guesses} mails today were written to reply addresses that we never gave: somebody may be guessing. None was believed.`,
    });
  if (aliasFailure)
    troubles.push({
      kind: 'aliases-undelivered',
      says: `A test email to a reply address did not arrive: ${aliasFailure} Answers of CBP and of clients may be lost the same way. Run "ace-onboarding mailbox test", which says what to do.`,
    });
  return troubles.map(({ kind, says }) => ({ kind, says: says.slice(0, MOST_SAID) }));
}

/** Characters. What a mail server answered may be of any length, and a workflow takes no text beyond 4,000. */
const MOST_SAID = 2_000;

/** A typing error now and then is no attack. */
const MANY_GUESSES = 10;

/**
 * One alert for each kind of trouble and UTC day, as a number that names it: whoever raises it again on that day raises
 * the same one.
 */
export function alertOrdinal(kind: string, now: Date): number {
  const day = Math.floor(now.getTime() / 86_400_000);
  return day * 100 + (MAILBOX_TROUBLES as readonly string[]).indexOf(kind) + 1;
}

function elapsed(since: string | undefined, now: Date): number {
  return since ? now.getTime() - Date.parse(since) : 0;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
