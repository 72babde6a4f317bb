import type { ReceivedMail } from '../../workflows/contract/received-mail.js';
import type { MailCandidate } from './correlation/correlate.js';

/** What to do with a message: tell its onboarding, ask a person, or nothing. */
export type MailAction = 'signal' | 'review' | 'ignore';

/** Everything the watcher needs to know about one message. */
export interface Judgement {
  mail: ReceivedMail;
  action: MailAction;
  /** With `signal`: whose it is. */
  workflowId?: string;
  reference?: string;
  /** Onboardings it may belong to, best first. */
  candidates: MailCandidate[];
  /** Why this action: short sentences for an operator. */
  reasons: string[];
  /** It waits for its letter to be confirmed: equal for mails that are the same letter (`groupOf`). */
  letterGroup?: string;
  /** It looks like an account id with a temporary password or its link: the raw message must not be kept. */
  credentials?: boolean;
  /** It asks for passwords, bank data or a social security number. */
  fraud?: boolean;
  /** Addresses among its recipients that look like a reply alias of ours and are none: somebody may be guessing. */
  unknownAliases?: number;
  /** It could not be read, and reading it again would not help. */
  unreadable?: boolean;
  /** With `credentials`: what may be kept of the text. */
  redactedText?: string;
}

/** Parses and authenticates one message, finds its case, and compares it with the known letters. Knows nothing of IMAP and tells nobody. */
export interface MailJudge {
  /** @param receivedAt when it came into the mailbox, ISO instant. */
  judge(raw: Uint8Array, receivedAt: string, mailbox: string): Promise<Judgement>;
}
