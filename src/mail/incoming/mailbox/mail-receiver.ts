/**
 * Handles one incoming message, regardless of its folder: judges it, archives it, signals its onboarding, and only then
 * records it as done. After a crash at any point, doing it again has no second effect: the signal's request id is the mail
 * identity, and a message that is on record as done is not handled again.
 */
export interface MailReceiver {
  /** @throws errors that are not about the message: the archive, a missing key, Temporal. Nothing is decided then. */
  receive(message: MessageReceived): Promise<Disposition>;
}
export interface MessageReceived {
  raw: Uint8Array;
  /** When it arrived in the mailbox, ISO instant. */
  receivedAt: string;
  mailbox: string;
  /** Which try to judge it this is, from 1. A message that cannot be judged after several tries goes to a person. */
  attempt: number;
  /** Set if the message is so large that `raw` is only its header block. A person looks at it in the mailbox. */
  oversizeBytes?: number;
  /** It is in the mail host's junk folder. There, only mail about an onboarding matters; the rest stays. */
  suspected?: boolean;
}
/** Which folder the message goes to now, or when (epoch milliseconds) to look at it again. */
export type Disposition =
  | { to: 'processed' | 'review'; outcome: 'signalled' | 'ignored' | 'review' | 'known' }
  /** No longer needed. If the server cannot remove it, it goes to the processed folder. */
  | { to: 'removed'; outcome: 'known' }
  | {
      to: 'stay';
      lookAgainAt: number;
      /** It could not be judged: this try counts. */
      unjudged?: true;
    };
