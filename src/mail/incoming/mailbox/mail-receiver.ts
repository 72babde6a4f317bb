/**
 * What happens to one message that came in, apart from where it lies: judged, archived, its onboarding told, and only
 * then on record as settled. Whatever dies in between, doing it again has no second effect: the signal has the mail's
 * identity for its request id, and a settled record is believed.
 */
export interface MailReceiver {
  receive(message: MessageReceived): Promise<Disposition>;
}
export interface MessageReceived {
  raw: Uint8Array;
  /** When it came into the mailbox, ISO instant. */
  receivedAt: string;
  mailbox: string;
  /** Counts from 1 how often this message was tried: what cannot be judged again and again goes to a person. */
  attempt: number;
  /** The size of a message so large that `raw` is its header block alone. A person looks at it in the mailbox. */
  oversizeBytes?: number;
  /** From the mail host's junk folder, where only what concerns an onboarding is of interest; the rest stays there. */
  suspected?: boolean;
}
/** Where the message goes now, or when (epoch milliseconds) to look at it again. */
export type Disposition =
  | { to: 'processed' | 'review'; outcome: 'signalled' | 'ignored' | 'review' | 'known' }
  /** Of no use to anybody any more; where the server cannot remove it, it is processed. */
  | { to: 'removed'; outcome: 'known' }
  | { to: 'stay'; lookAgainAt: number };
