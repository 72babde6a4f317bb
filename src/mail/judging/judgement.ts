import { printable, printableLine } from '../../application/plain-text.js';
import { DOUBTS } from '../../workflows/contract/doubts.js';
import { isDecisionKind, type ReceivedMail } from '../../workflows/contract/received-mail.js';
import type { MailCandidate } from './correlation/correlate.js';

/** What to do with a message: signal its onboarding, ask a person to review it, or ignore it. */
export type MailAction = 'signal' | 'review' | 'ignore';

/** Everything the watcher needs to know about one message. */
export interface Judgement {
  mail: ReceivedMail;
  action: MailAction;
  /** The onboarding it belongs to, if that is certain. Always set for `signal`. */
  workflowId?: string;
  reference?: string;
  /** Onboardings it may belong to, best first. */
  candidates: MailCandidate[];
  /** Why this action: short sentences for an operator. */
  reasons: string[];
  /** Set if it waits for its letter to be taught or confirmed. Equal for emails that are the same letter (`groupOf`). */
  letterGroup?: string;
  /** It seems to contain an account ID with a temporary password or a link to one: do not keep the raw message. */
  credentials?: boolean;
  /** It asks for passwords, bank data or a Social Security number. */
  fraud?: boolean;
  /** How many recipients look like our reply aliases, but we never gave them out: someone may be guessing. */
  unknownAliases?: number;
  /** It cannot be read, and another try would not help. */
  unreadable?: boolean;
  /** With `credentials`: the part of the text that we may keep. */
  redactedText?: string;
}

/**
 * Parses and authenticates one message, finds its case, and compares it with the known letters. It does not know IMAP and
 * signals no one.
 */
export interface MailJudge {
  /** @param receivedAt when it arrived in the mailbox, ISO instant */
  judge(raw: Uint8Array, receivedAt: string, mailbox: string): Promise<Judgement>;
}

/**
 * Makes a result safe to store, send and show: removes control and format characters from every text, and line breaks from
 * all but `redactedText`. Judging itself uses the original message.
 */
export function printableJudgement(judgement: Judgement): Judgement {
  const { redactedText, ...rest } = judgement;
  return { ...eachText(rest), ...(redactedText === undefined ? {} : { redactedText: printable(redactedText) }) };
}

function eachText<T>(value: T): T;
function eachText(value: unknown): unknown {
  if (typeof value === 'string') return printableLine(value);
  if (Array.isArray(value)) return value.map((one) => eachText(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, eachText(one)]));
}

/** Explains in one line whether an email acts automatically, why, and which of its paragraphs is new. */
export function whyItCounts({ kind, doubts, letter, unknown = [] }: ReceivedMail): string {
  if (doubts.length === 0) {
    if (letter) return `automatically: it matches ${letter.id} word for word`;
    return isDecisionKind(kind) ? 'automatically' : 'for the record; it decides nothing';
  }
  const [first] = unknown;
  const others = unknown.length > 1 ? `, and ${unknown.length - 1} more` : '';
  return `only after a person looks at it: ${doubts.map((doubt) => DOUBTS[doubt]).join('; ')}${first === undefined ? '' : `; new text: "${first}"${others}`}`;
}
