import type { Doubt } from './doubts.js';

/**
 * What the watcher tells a workflow about one email. The email itself stays in the archive under its sha256. History has
 * only what a decision needs.
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

/** Whether the sender is proven to be who the email says. The reasons are short sentences for an operator. */
export interface Authenticity {
  /** `undetermined`: a temporary failure, such as DNS, kept us from checking. */
  verdict: (typeof VERDICTS)[number];
  reasons: string[];
}

/** What a client may reply in a word. `done`: they have added our user. */
export const PLAIN_ANSWERS = ['yes', 'no', 'done'] as const;
export type PlainAnswer = (typeof PLAIN_ANSWERS)[number];

export interface ReceivedMail {
  /** sha256 (hex) of the email without trace headers: its identity, and the request id of the signal. */
  mailId: string;
  /** When it arrived in our mailbox, ISO instant. */
  receivedAt: string;
  /** Which of our mailboxes it arrived in. */
  mailbox: string;
  kind: MailKind;
  /** 0 to 1. Below 0.7 the kind is only a guess, to help a person. */
  confidence: number;
  /** Why we think it is this kind: short sentences. */
  evidence: string[];
  authenticity: Authenticity;
  /** Which of our aliases it was sent to. An email to the client's alias is never a CBP decision. */
  alias: (typeof ALIASES)[number];
  /** The sender's address without a name, lower case. */
  from: string;
  subject: string;
  /** At most 300 characters of the new text, without quotes. */
  excerpt: string;
  /** The Message-ID of our email that it answers, copies or bounces, if known. Without angle brackets. */
  aboutMessageId?: string;
  /** "3 to 5 business days" in an acknowledgement: the larger number. */
  responseBusinessDays?: number;
  /** It contains what looks like sign-in data. Only a redacted text of such an email is kept. */
  credentials?: true;
  /** The importer number that it names, in canonical form, if it names exactly one. */
  importerNumber?: string;
  /** sha256 of the archived raw email. */
  documentSha256: string;
  /** Why it may not act without a person, judging by its content and origin. Empty if it may. */
  doubts: Doubt[];
  /** Which known letter it is, and the dates (ISO) in its deciding paragraph. */
  letter?: { id: string; dates: string[] };
  /** Paragraphs that no known letter from its sender has: at most 5, each of at most 300 characters. */
  unknown?: string[];
  /** The domain (d=) of the trusted signature. */
  signedBy?: string;
  /** The signed Date header, ISO instant. */
  signedAt?: string;
  /** sha256 (hex) of the trusted signature. */
  signature?: string;
  /** The same for its other trusted signatures: a copy without the first one is still the same email. */
  otherSignatures?: string[];
  /** With `client-reply`: in which languages it is nothing but a plain answer, by language: `{"en": "yes"}`. */
  answers?: Record<string, PlainAnswer>;
  /** Set if a person assigned it to a client. That settles whose it is, but not that it is genuine. */
  assigned?: { actor: string; reason: string };
}

const isOneOf =
  <T extends string>(list: readonly T[]) =>
  (value: unknown): value is T =>
    typeof value === 'string' && (list as readonly string[]).includes(value);

export const isDecisionKind = isOneOf(DECISION_KINDS);

/** For outside input. Only values from these lists are shown where nothing is encrypted. */
export const isMailKind = isOneOf(MAIL_KINDS);
export const isVerdict = isOneOf(VERDICTS);
export const isAliasKind = isOneOf(ALIASES);
export const isPlainAnswer = isOneOf(PLAIN_ANSWERS);
