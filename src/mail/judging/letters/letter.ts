import type { DecisionKind } from '../../../workflows/contract/received-mail.js';
import type { PartName } from '../text/writing.js';

/**
 * A letter that CBP writes again and again, as one confirmed mail had it: paragraphs with slots in place of what differs
 * from case to case. Words are never understood, only known: a mail is this letter, whole, or it is not.
 */
export interface Letter {
  /** `letter-` and twelve hex digits of a hash over everything below but the addresses. */
  id: string;
  kind: DecisionKind;
  /** The domain (d=) whose DKIM signature it came under. */
  domain: string;
  /** As the mail had it: a text, an HTML version, or both. */
  parts: Partial<Record<PartName, LetterPart>>;
  /** sha256 of what was attached, sorted. Inline images and signatures aside. */
  attachments: string[];
}

export interface LetterPart {
  /** Masked, in their order; the first is the subject. */
  paragraphs: string[];
  /** Which one decides. In it only slots of the case and dates are masked. */
  decisive: number;
}

/** What is known at one time. */
export interface LetterBook {
  letters: KnownLetter[];
  /** Masked paragraphs that may stand anywhere or be absent, by signing domain. */
  fillers: Record<string, string[]>;
}

export interface KnownLetter extends Letter {
  /** Bare addresses of its domain that it may come from. */
  addresses: string[];
}
