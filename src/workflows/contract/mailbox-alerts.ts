/** What operations must know about a mailbox. Its workflow lists these in the search attribute `NeedsAttention`. */
export const MAILBOX_ALERTS = [
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
  'mailbox-blocked',
  'archive-full',
] as const;

export interface MailboxAlert {
  kind: (typeof MAILBOX_ALERTS)[number];
  /** What is wrong and what to do, without names or text from emails. */
  says: string;
}

/** What each alert means and what to do, for places that must not show outside text. */
export const ALERT_HELP: Record<MailboxAlert['kind'], string> = {
  'mailbox-unread': 'the mailbox has not been read for a while: decisions from CBP may be waiting there.',
  'mailbox-login-refused': 'the mail server refuses the login. Check the user and the password or token.',
  'mailbox-certificate': "the mail server's certificate is not accepted.",
  'mailbox-unmovable':
    'messages were processed, but the mail server will not move them. Check folders, quota and permissions.',
  'mailbox-unfetchable': 'some messages in the inbox cannot be fetched. Look at them with a mail program.',
  'mailbox-silent':
    'no email has come for a long time. Check that replies arrive here, and that no rule files them away.',
  'sending-stopped': 'nothing is sent from this mailbox until the mail server accepts us again.',
  'mail-to-review': 'emails do not match any onboarding. See: `ace-onboarding mail list`.',
  'aliases-guessed': 'emails went to reply addresses that we never gave out: someone may be guessing.',
  'sending-delayed': 'the outgoing server accepts no email. Emails wait, and go out once it does.',
  'mailbox-junk-unread': 'the junk folder cannot be opened. Check IMAP_JUNK and our permissions.',
  'mailbox-unexpunged':
    'messages were moved but stay in the folder, flagged as deleted next to messages that others flagged. Compact the folder with a mail program.',
  'aliases-undelivered':
    'a test email to a reply address did not arrive here: replies from CBP may be lost. Run `ace-onboarding mailbox test`.',
  'mailbox-blocked':
    'emails stay in the inbox because this worker lacks an encryption key, or a record of the archive is damaged. See: `ace-onboarding mailbox status`.',
  'archive-full': 'the archive is full. Nothing is lost; email and onboardings wait until there is space.',
};

/**
 * The alerts in the payload of a signal or start: the first of each kind, in order. Anyone can send one, and a search
 * attribute has limited room, so anything else is dropped and long texts are cut.
 */
export function alertsIn(input: unknown): MailboxAlert[] {
  if (!Array.isArray(input)) return [];
  const found = new Map<MailboxAlert['kind'], MailboxAlert>();
  for (const { kind, says } of input.filter(isAlert))
    if (!found.has(kind)) found.set(kind, { kind, says: says.slice(0, MAX_ALERT_TEXT) });
  return [...found.values()];
}

/** The alert kinds in a list of anything, each once, in order. */
export function alertKindsIn(input: unknown): MailboxAlert['kind'][] {
  return Array.isArray(input) ? [...new Set(input.filter(isAlertKind))] : [];
}

function isAlert(input: unknown): input is MailboxAlert {
  const { kind, says } = (input ?? {}) as Partial<Record<keyof MailboxAlert, unknown>>;
  return isAlertKind(kind) && typeof says === 'string';
}

function isAlertKind(input: unknown): input is MailboxAlert['kind'] {
  return (MAILBOX_ALERTS as readonly unknown[]).includes(input);
}

/** Characters. A mail server's reply may have any length, and a workflow accepts no text over 4,000. */
export const MAX_ALERT_TEXT = 2000;

/** A number for each alert kind and UTC day. The same alert on the same day has the same number. */
export function alertOrdinal(kind: string, now: Date): number {
  const day = Math.floor(now.getTime() / 86400000);
  return day * 100 + (MAILBOX_ALERTS as readonly string[]).indexOf(kind) + 1;
}
