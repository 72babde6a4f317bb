import type { OnboardingStage, Outcome, WaitingOn } from './stages.js';

/** Reasons a person is asked for, as the search attribute `NeedsAttention` lists them. */
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

/** Where an onboarding stands: what the `progress` query answers and what the current details are rendered from. */
export interface Progress {
  reference: string;
  company: string;
  round: number;
  attempt: number;
  stage: OnboardingStage;
  waitingOn: WaitingOn;
  /** Since when that stage, ISO instant. */
  since: string;
  /** Since when it is their turn, ISO instant: a mail may make it the broker's in the middle of a stage. */
  turnSince: string;
  /** What the stage needs from people, in a sentence. */
  wanted?: string;
  /** The next instant at which something happens by itself. */
  due?: { at: string; what: string; explanation: string /** In words of the product alone. */; brief?: string };
  /** What happens at that instant. */
  next: string;
  /** Where it ends if nobody ever does anything. */
  ifNothing: string;
  attention: Attention[];
  /** What a person can do now: a sentence and the command to paste. */
  actions: { say: string; command: string }[];
  outcome?: Outcome;
  /** Latest last; of very many, the latest. The same holds for notes and documents. */
  mails: MailLine[];
  notes: Note[];
  importerNumbersMissing?: string[];
  /** What `ace-onboarding document` can fetch from the archive. */
  documents: ArchivedPiece[];
  /** How many earlier ones there are beside those listed. Temporal's history has them all. */
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
  /** A person's or system's name as it stated it; `ace-onboarding` for the product itself. */
  by: string;
  text: string;
  /**
   * As much of it as the Temporal UI may put into an address: words of the product alone, without persons, numbers and
   * foreign text. Missing where that would be nothing.
   */
  brief?: string;
}

export interface ArchivedPiece {
  /** "form, attempt 1", "picture of it". */
  what: string;
  sha256: string;
}
