import type { Doubt } from './doubts.js';

/**
 * What the watcher tells a workflow about one message. Plain types: the workflow imports this file. The message itself
 * stays in the archive under its sha256; only what a decision needs travels through history.
 */

/** Kinds that say what CBP decided. */
export const DECISION_KINDS = [
  'approved',
  'refused',
  'more-information',
  'already-registered',
  'not-on-file',
  'use-web-form',
] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

export const MAIL_KINDS = [
  'acknowledgement',
  'in-process',
  ...DECISION_KINDS,
  'client-reply',
  'own-copy',
  'bounce',
  'out-of-office',
  'unrelated',
  'unclear',
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

const VERDICTS = ['authentic', 'unauthentic', 'undetermined'] as const;
const ALIASES = ['cbp', 'client', 'none'] as const;

/** Whether the sender is proven to be who the message says. Reasons are short sentences for an operator. */
export interface Authenticity {
  /** `undetermined`: a passing failure (DNS) kept us from an answer. */
  verdict: (typeof VERDICTS)[number];
  reasons: string[];
}

export interface ReceivedMail {
  /** sha256 (hex) of the message without trace headers: the mail's identity, and the signal's request id. */
  mailId: string;
  /** When it came into our mailbox, ISO instant. */
  receivedAt: string;
  /** Which of our mailboxes it came into. */
  mailbox: string;
  kind: MailKind;
  /** 0 to 1. Below 0.7 the kind is a guess for a person. */
  confidence: number;
  /** Why we think so: short sentences. */
  evidence: string[];
  authenticity: Authenticity;
  /** Which alias of ours it was written to. What comes to the client's alias is never CBP's decision. */
  alias: (typeof ALIASES)[number];
  /** The sender's bare address, lower case. */
  from: string;
  subject: string;
  /** At most 300 characters of what the sender newly wrote. */
  excerpt: string;
  /** The message of ours it answers, copies or bounces, when known: without angle brackets. */
  aboutMessageId?: string;
  /** "3 to 5 business days" in an acknowledgement: the larger number. */
  responseBusinessDays?: number;
  /** It holds what looks like sign-in data of an account; of such a mail only a redacted text is kept. */
  credentials?: true;
  /** Importer number it names, canonical, when it names exactly one. */
  importerNumber?: string;
  /** sha256 of the archived raw message. */
  documentSha256: string;
  /** Why it may not act by itself; none when it may, as far as its own content and origin tell. */
  doubts: Doubt[];
  /** Which known letter it is, and the days (ISO) that its decisive paragraph names. */
  letter?: { id: string; dates: string[] };
  /** Paragraphs that no known letter of its sender has: at most 5, of at most 300 characters. */
  unknown?: string[];
  /** The domain (d=) whose signature is believed. */
  signedBy?: string;
  /** The Date that it was signed with, ISO instant. */
  signedAt?: string;
  /** sha256 (hex) of the signature that is believed. */
  signature?: string;
  /** Of the others that would be believed: a copy that lost the first is the same mail. */
  otherSignatures?: string[];
  /** Set when a person said whose mail it is. Settles whose it is, never that it is genuine. */
  assigned?: { actor: string; reason: string };
}

const isOneOf =
  <T extends string>(list: readonly T[]) =>
  (value: unknown): value is T =>
    typeof value === 'string' && (list as readonly string[]).includes(value);

export const isDecisionKind = isOneOf(DECISION_KINDS);

/** For what comes from outside: only values of these lists are shown where nothing is encrypted. */
export const isMailKind = isOneOf(MAIL_KINDS);
export const isVerdict = isOneOf(VERDICTS);
export const isAliasKind = isOneOf(ALIASES);
