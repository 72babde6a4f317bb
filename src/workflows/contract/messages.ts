import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import type { Progress } from './progress.js';
import type { ReceivedMail } from './received-mail.js';
import type { OnboardingStage } from './stages.js';

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
  /** What the onboarding recorded, in one sentence. */
  said: string;
  stage: OnboardingStage;
}

/** How a person verified it. */
export type Verification = 'seen-in-ace' | 'desk-phoned' | 'client-confirmed' | 'mail-examined';

export const decide = defineUpdate<Answer, [Decide]>('decide');
export type Decide = { actor: string /** Where to look it up: mail id, ticket, note. */; evidence: string } & (
  | { decision: 'approved'; verification: Verification }
  /** The importer already has an account: `grant` continues with cross-account access, `close` ends the onboarding. */
  | { decision: 'already-registered'; verification: Verification; next: 'grant' | 'close' }
  | { decision: 'correction-needed'; waitingOn: 'client' | 'broker'; what: string }
  | { decision: 'rejected'; verification: Verification }
  | { decision: 'abandoned' }
);

export const correctApplication = defineUpdate<Answer, [CorrectApplication]>('correctApplication');
export interface CorrectApplication {
  actor: string;
  reason: string;
  /** The whole corrected application. The reference must not change. */
  application: Application;
}

/** Settles a submission with an unknown outcome, or reports one made by hand (web form). */
export const settleSubmission = defineUpdate<Answer, [SettleSubmission]>('settleSubmission');
export type SettleSubmission = { actor: string; evidence: string } & (
  | { outcome: 'sent' /** When CBP got it, ISO instant. */; at: string }
  | { outcome: 'not-sent' }
);

export const confirmAccessGranted = defineUpdate<Answer, [ConfirmAccessGranted]>('confirmAccessGranted');
export interface ConfirmAccessGranted {
  actor: string;
  /** Every importer number the broker sees in its own ACE view. */
  importerNumbers: string[];
  role: 'full-access' | 'read-only' | 'other';
  evidence: string;
}

/** Recomputes the deadlines with the current calendar, or sets one of them by hand. */
export const changeDeadline = defineUpdate<Answer, [ChangeDeadline]>('changeDeadline');
export type ChangeDeadline = { actor: string; reason: string } & (
  | { recompute: true }
  | { deadline: DeadlineName /** ISO instant. */; at: string }
);
export type DeadlineName = 'ask' | 'acknowledgement' | 'late' | 'overdue' | 'silent' | 'parked';

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
}

// Starting ----------------------------------------------------------------------------------------------------------

/** Who starts another round, and why. */
export interface Reopened {
  actor: string;
  reason: string;
}

// Query --------------------------------------------------------------------------------------------------------------

export const progress = defineQuery<Progress>('progress');
