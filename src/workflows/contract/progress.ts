import type { OnboardingStage, Outcome, WaitingOn } from './stages.js';
import type { StepName, Wait } from './waits.js';

/** Why an onboarding needs a person. The search attribute `NeedsAttention` lists these. `tasks.ts` says what to do. */
export const ATTENTIONS = [
  'application-refused',
  'route-unknown',
  'importer-number-taken',
  'web-form',
  'delayed',
  'send-unknown',
  'bounced',
  'late',
  'overdue',
  'mailbox-unread',
  'mail-to-review',
  'decision-to-confirm',
  'contradiction',
  'approval-mismatch',
  'correction-needed',
  'form-5106',
  'abi',
  'look-in-ace',
  'grant-partial',
  'link-dies',
  'link-expired',
  'lock-soon',
  'user-locked',
  'owner-left',
  'wrong-top-account',
  'wrong-address',
  'client-silent',
  'parked',
  'chase',
  'refund-deadline',
  'remove-our-user',
] as const;
export type Attention = (typeof ATTENTIONS)[number];

/** Something that a person at the broker must do. The digest lists these. */
export interface Task {
  reason: Attention;
  /** Since when, ISO instant. */
  since: string;
  /** What dies if no one acts, and when: the sign-in link, the user, the refund. ISO instant. */
  dies?: string;
}

/** Who must be told besides the case's handler, once a task has waited too long. */
export type Escalation = 'handler' | 'operations' | 'manager';

/** The state of an onboarding: the answer of the `progress` query, and the source of the current details. */
export interface Progress {
  reference: string;
  company: string;
  round: number;
  attempt: number;
  stage: OnboardingStage;
  /** What it waits for. Absent once closed. */
  wait?: Wait;
  waitingOn: WaitingOn;
  /** When the stage began, ISO instant. */
  since: string;
  /** When their turn began, ISO instant. An email can make it the broker's turn in the middle of a stage. */
  turnSince: string;
  /** What the stage needs from people, in a sentence. */
  wanted?: string;
  /** The next deadline. Always there while the case is open. `told`: who hears about it then. */
  due?: {
    at: string;
    name: StepName;
    what: string;
    told: string;
    explanation: string;
    /** In our own words only. */
    brief?: string;
  };
  /** What happens at that deadline. */
  next: string;
  /** What happens in the end if no one acts. */
  ifNothing: string;
  attention: Attention[];
  tasks: Task[];
  escalation: Escalation;
  /** No reminder and no escalation until then, ISO instant. */
  snoozed?: { until: string; by: string; why: string };
  /** What a person can do now: when to do it, and the command to paste. */
  actions: { say: string; command: string }[];
  outcome?: Outcome;
  /** Latest last. If there are very many, only the latest. The same applies to notes and documents. */
  mails: MailLine[];
  notes: Note[];
  importerNumbers: string[];
  importerNumbersMissing?: string[];
  accountOwner?: { name: string; email: string; phone: string };
  handler?: string;
  /** `YYYY-MM-DD`. */
  refundDeadline?: string;
  /** How far the client is, and how we know. Absent before the approval. */
  access?: AccessProgress;
  /** What `ace-onboarding document` can fetch from the archive. */
  documents: ArchivedPiece[];
  /** How many earlier ones are not listed. Temporal's history has them all. */
  earlier?: { mails: number; notes: number; documents: number };
}

/** From the approval to the access. Each with its day and who says so: CBP, the client, or a person at the broker. */
export interface AccessProgress {
  approved: Stated;
  signedIn?: Stated;
  userAdded?: Stated;
  /** The last look into ACE. */
  looked?: { at: string; by: string };
}
export interface Stated {
  /** `YYYY-MM-DD`. */
  on: string;
  by: 'cbp' | 'client' | 'broker' | 'back-office';
  /** It happened on that day or before. */
  undated?: true;
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
