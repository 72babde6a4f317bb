import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Application } from '../../application/application.js';
import type { Progress } from './progress.js';
import type { ReceivedMail } from './received-mail.js';
import type { OnboardingStage } from './stages.js';

/**
 * Everything one can say to an onboarding. What arrives by itself is a signal; what a person decides is an update, so
 * that it is checked and answered; `progress` is the only question.
 */

// Signals ------------------------------------------------------------------------------------------------------------

/** From the mailbox watcher, once for each message that belongs to this onboarding. */
export const mailReceived = defineSignal<[ReceivedMail]>('mailReceived');

/** From back-office automation that saw the approval elsewhere. Access to the namespace is its authority. */
export const approvalArrived = defineSignal<[ApprovalArrived]>('approvalArrived');
export interface ApprovalArrived {
  /** The system that says so: `crm`, `ace-report`. */
  source: string;
  actor: string;
  /** Where the approval can be seen: a document id, a link. */
  evidence: string;
  /** Must be the onboarding's own; another one becomes a task for a person. */
  importerNumber: string;
}

// Updates ------------------------------------------------------------------------------------------------------------

export interface Answer {
  /** What the onboarding made of it, one sentence. */
  said: string;
  stage: OnboardingStage;
}

/** How a person came to believe it. */
export type Verification = 'seen-in-ace' | 'desk-phoned' | 'client-confirmed' | 'mail-examined';

export const decide = defineUpdate<Answer, [Decide]>('decide');
export type Decide = { actor: string /** Where it can be looked up: mail id, ticket, note. */; evidence: string } & (
  | { decision: 'approved'; verification: Verification }
  /** The importer has an account already: `grant` goes on to cross-account access, `close` ends the onboarding. */
  | { decision: 'already-registered'; verification: Verification; next: 'grant' | 'close' }
  | { decision: 'correction-needed'; waitingOn: 'client' | 'broker'; what: string }
  | { decision: 'rejected'; verification: Verification }
  | { decision: 'abandoned' }
);

export const correctApplication = defineUpdate<Answer, [CorrectApplication]>('correctApplication');
export interface CorrectApplication {
  actor: string;
  reason: string;
  /** The whole application, corrected; the reference must stay. */
  application: Application;
}

/** What became of a submission whose fate is unknown, or that a person makes (web form). */
export const settleSubmission = defineUpdate<Answer, [SettleSubmission]>('settleSubmission');
export type SettleSubmission = { actor: string; evidence: string } & (
  | { outcome: 'sent' /** ISO instant at which CBP got it. */; at: string }
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

/** Recomputes what the onboarding is waiting for: on the calendar as configured now, or to an instant a person names. */
export const changeDeadline = defineUpdate<Answer, [ChangeDeadline]>('changeDeadline');
export type ChangeDeadline = { actor: string; reason: string } & (
  | { recompute: true }
  | { deadline: DeadlineName /** ISO instant. */; at: string }
);
export type DeadlineName = 'ask' | 'acknowledgement' | 'late' | 'overdue' | 'silent' | 'parked';

/** A mail that waits for a person has been dealt with: its question is answered or there is none. */
export const dismissMail = defineUpdate<Answer, [DismissMail]>('dismissMail');
export interface DismissMail {
  actor: string;
  /** As `progress` and the current details show it. */
  mailId: string;
  reason: string;
}

export const withdraw = defineUpdate<Answer, [Withdraw]>('withdraw');
export interface Withdraw {
  actor: string;
  reason: string;
}

// Starting ----------------------------------------------------------------------------------------------------------

/** Who starts a further round, and why. */
export interface Reopened {
  actor: string;
  reason: string;
}

// Query --------------------------------------------------------------------------------------------------------------

export const progress = defineQuery<Progress>('progress');
