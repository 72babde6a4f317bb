import type { OnboardingStage, Outcome, WaitingOn } from './stages.js';

/** Why an onboarding needs a person. The search attribute `NeedsAttention` lists these. */
export type Attention =
  | 'application-refused'
  | 'route-unknown'
  | 'importer-number-taken'
  | 'web-form'
  | 'send-unknown'
  | 'bounced'
  | 'late'
  | 'overdue'
  | 'mailbox-unread'
  | 'mail-to-review'
  | 'decision-to-confirm'
  | 'contradiction'
  | 'approval-mismatch'
  | 'correction-needed'
  | 'grant-partial'
  | 'client-silent'
  | 'parked';

/** The state of an onboarding: the answer of the `progress` query, and the source of the current details. */
export interface Progress {
  reference: string;
  company: string;
  round: number;
  attempt: number;
  stage: OnboardingStage;
  waitingOn: WaitingOn;
  /** When the stage began, ISO instant. */
  since: string;
  /** When their turn began, ISO instant. An email can make it the broker's turn in the middle of a stage. */
  turnSince: string;
  /** What the stage needs from people, in a sentence. */
  wanted?: string;
  /** The next deadline. */
  due?: { at: string; what: string; explanation: string /** In our own words only. */; brief?: string };
  /** What happens at that deadline. */
  next: string;
  /** What happens in the end if no one acts. */
  ifNothing: string;
  attention: Attention[];
  /** What a person can do now: when to do it, and the command to paste. */
  actions: { say: string; command: string }[];
  outcome?: Outcome;
  /** Latest last. If there are very many, only the latest. The same applies to notes and documents. */
  mails: MailLine[];
  notes: Note[];
  importerNumbersMissing?: string[];
  /** What `ace-onboarding document` can fetch from the archive. */
  documents: ArchivedPiece[];
  /** How many earlier ones are not listed. Temporal's history has them all. */
  earlier?: { mails: number; notes: number; documents: number };
}

export interface MailLine {
  at: string;
  direction: 'sent' | 'received';
  /** "application, attempt 1", "acknowledgement", "approved (not authentic)". */
  what: string;
  mailId?: string;
}

export interface Note {
  at: string;
  /** The name that the person or system gave. `ace-onboarding` for the product itself. */
  by: string;
  text: string;
  /**
   * The part of it that the Temporal UI may put into a URL: our own words only, without people, numbers or outside text.
   * Absent if nothing is left.
   */
  brief?: string;
}

export interface ArchivedPiece {
  /** "form, attempt 1", "picture of the form, attempt 1". */
  what: string;
  sha256: string;
}
