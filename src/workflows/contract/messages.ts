import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import type { Progress } from './progress.js';
import type { ReceivedMail } from './received-mail.js';
import type { OnboardingStage } from './stages.js';
import type { StepName } from './waits.js';

/**
 * The messages of an onboarding. What systems report is a signal. What a person decides is an update, so that it is
 * validated and answered. `progress` is the only query.
 */

// Signals ------------------------------------------------------------------------------------------------------------

/** From the mailbox watcher, once for each message that belongs to this onboarding. */
export const mailReceived = defineSignal<[ReceivedMail]>('mailReceived');

/** From back-office automation that saw the approval elsewhere. It is trusted because it has access to the namespace. */
export const approvalArrived = defineSignal<[ApprovalArrived]>('approvalArrived');
export interface ApprovalArrived {
  /** The system that reports it: `crm`, `ace-report`. */
  source: string;
  actor: string;
  /** Where the approval can be seen: a document id, a link. */
  evidence: string;
  /** Must be the onboarding's own number. With another one, a person must look at it. */
  importerNumber: string;
}

// Updates ------------------------------------------------------------------------------------------------------------

export interface Answer {
  /** What the onboarding recorded, and what happens now. */
  said: string;
  stage: OnboardingStage;
}

/** How a person verified it. */
export type Verification = 'seen-in-ace' | 'desk-phoned' | 'client-stated' | 'mail-examined';

export const decide = defineUpdate<Answer, [Decide]>('decide');
export type Decide = { actor: string /** Where to look it up: mail id, ticket, note. */; evidence: string } & (
  | {
      decision: 'approved';
      verification: Verification;
      /** The day of CBP's email to the account owner, `YYYY-MM-DD`: its sign-in link expires 21 days later. */
      mailedOn?: string;
    }
  /** The importer already has an account: `grant` continues with cross-account access, `close` ends the onboarding. */
  | { decision: 'already-registered'; verification: Verification; next: 'grant' | 'close' }
  | {
      decision: 'correction-needed';
      waitingOn: 'client' | 'broker';
      /** What to correct, in full: what the client is told, or the broker's own task. */
      what: string;
      /** With `broker`: work on the Form 5106 or in ABI comes first. */
      work?: BrokerWork;
    }
  | { decision: 'rejected'; verification: Verification }
  | { decision: 'abandoned' }
);
export type BrokerWork = 'form-5106' | 'abi';

export const correctApplication = defineUpdate<Answer, [CorrectApplication]>('correctApplication');
export interface CorrectApplication {
  actor: string;
  reason: string;
  /** The whole corrected application. The reference must not change. */
  application: Application;
  /** What was wrong. Without it: what CBP asked for. */
  because?: CorrectionCause;
  /** Send it to CBP as a replacement of the application that CBP has. Needed while CBP decides on that one, or if nothing has changed. */
  replace?: boolean;
}
/** Our own typing error; the Form 5106 itself is wrong, and must be updated first; the facts have changed. */
export type CorrectionCause = 'our-typo' | 'form-5106' | 'changed';

/** Settles a submission with an unknown outcome, or reports one made by hand (web form). */
export const settleSubmission = defineUpdate<Answer, [SettleSubmission]>('settleSubmission');
export type SettleSubmission = { actor: string; evidence: string } & (
  | { outcome: 'sent' /** When CBP got it, ISO instant. */; at: string }
  | { outcome: 'not-sent' }
);

export type Role = 'full-access' | 'read-only' | 'other';

/** What the broker sees in its own ACE view. Nothing yet is an answer, too. */
export const confirmAccessGranted = defineUpdate<Answer, [ConfirmAccessGranted]>('confirmAccessGranted');
export interface ConfirmAccessGranted {
  actor: string;
  /** Every importer number of this client that the broker sees. Empty: none. */
  importerNumbers: string[];
  role: Role;
  /** Where a number has another role than `role`. */
  roles?: Record<string, Role>;
  /** Whether it is the client's top account that we see. */
  topAccount?: 'right' | 'wrong';
  /** The broker can work with a narrower role than Full Access for this client. */
  acceptRole?: boolean;
  evidence: string;
}

/** Recomputes the deadlines with the current calendar, or moves one of them. */
export const changeDeadline = defineUpdate<Answer, [ChangeDeadline]>('changeDeadline');
export type ChangeDeadline = { actor: string; reason: string } & (
  | { recompute: true }
  | { deadline: StepName /** ISO instant. */; at: string }
  /** Calendar days, such as 1 or -2. */
  | { deadline: StepName; byDays: number }
);

/** Marks an email that waits for review as handled. */
export const dismissMail = defineUpdate<Answer, [DismissMail]>('dismissMail');
export interface DismissMail {
  actor: string;
  /** The id that `progress` and the current details show. */
  mailId: string;
  reason: string;
}

export const withdraw = defineUpdate<Answer, [Withdraw]>('withdraw');
export interface Withdraw {
  actor: string;
  reason: string;
  /** Default: the client withdraws. With a revoked power of attorney, our user in ACE must be removed, too. */
  because?: 'client-withdraws' | 'power-of-attorney-revoked';
  /** Tell CBP by email that the application is withdrawn. Default: if CBP has it. */
  notifyCbp?: boolean;
}

/** Gives the case to another person. */
export const handOver = defineUpdate<Answer, [HandOver]>('handOver');
export interface HandOver {
  actor: string;
  /** A name in the address book. */
  handler: string;
  reason: string;
}

export const addNote = defineUpdate<Answer, [AddNote]>('addNote');
export interface AddNote {
  actor: string;
  text: string;
}

/** No reminder and no escalation until a day. Mail that arrives and what is urgent are reported all the same. */
export const snooze = defineUpdate<Answer, [Snooze]>('snooze');
export interface Snooze {
  actor: string;
  /** `YYYY-MM-DD`, at most 90 days ahead. */
  until: string;
  reason: string;
}

/** A telephone call with CBP or the client. */
export const logCall = defineUpdate<Answer, [LogCall]>('logCall');
export interface LogCall {
  actor: string;
  with: 'cbp' | 'client';
  /** Whom: a name, an agent's number. */
  who: string;
  said: string;
  /** CBP's ticket number. */
  ticket?: string;
  /** The day on which to follow up, `YYYY-MM-DD`. */
  chaseOn?: string;
}

/** What the client says, by telephone or in an email. Recorded as said, never as seen. */
export const recordStatement = defineUpdate<Answer, [RecordStatement]>('recordStatement');
export interface RecordStatement {
  actor: string;
  says: ClientStatement;
  /** The day it happened, `YYYY-MM-DD`. Default: today. */
  on?: string;
  evidence: string;
}
/** CBP's account email came; did not come; the owner has signed in; has added our user. */
export type ClientStatement = 'mail-came' | 'no-mail' | 'signed-in' | 'user-added';

/** Something keeps the client from granting access. The client gets the email that solves it. */
export const reportProblem = defineUpdate<Answer, [ReportProblem]>('reportProblem');
export interface ReportProblem {
  actor: string;
  problem: AccessProblem;
  evidence: string;
}
export const ACCESS_PROBLEMS = [
  'link-expired',
  'user-locked',
  'owner-left',
  'wrong-top-account',
  'wrong-address',
] as const;
export type AccessProblem = (typeof ACCESS_PROBLEMS)[number];

/** Emails CBP or the client, in the thread of an email on record. */
export const sendMessage = defineUpdate<Answer, [SendMessage]>('sendMessage');
export interface SendMessage {
  actor: string;
  to: 'cbp' | 'client';
  text: string;
  /** The email that it answers. Default for CBP: our application. */
  mailId?: string;
  /** CBP's ticket number, kept in the subject. */
  ticket?: string;
  /** Attaches the form as it was last sent. For CBP only. */
  attachForm?: boolean;
}

// Starting ----------------------------------------------------------------------------------------------------------

/** Who starts another round, and why. */
export interface Reopened {
  actor: string;
  reason: string;
  /** Start at the grant: CBP approved after the case was closed, or the client revoked our access. */
  at?: 'grant';
}

// Query --------------------------------------------------------------------------------------------------------------

export const progress = defineQuery<Progress>('progress');
