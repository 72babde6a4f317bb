import type { Application } from '../../src/application/application.js';
import type { NoticeTemplate } from '../../src/workflows/contract/mail-activities.js';
import type { Decide } from '../../src/workflows/contract/messages.js';
import type { Attention } from '../../src/workflows/contract/progress.js';
import type { OnboardingStage, Outcome } from '../../src/workflows/contract/stages.js';
import type { HowToWrite, Impostor } from '../cbp/cbp.js';
import type { LetterKind } from '../cbp/cbp-letters.js';

/**
 * What happens to a sample client: who does what, what triggers it, how many business days later, and how it ends. What
 * operators do for every client is in `operators.ts`: they check ACE after a grant, phone CBP's desk about emails that
 * prove nothing, and teach approvals in a new wording.
 */
export interface Scenario {
  /** One or two sentences for people who watch the demo. */
  story: string;
  steps: Step[];
  ends: Ending;
  /** The company name that CBP has on file, if it differs from the application's. */
  nameOnFile?: (legalName: string) => string;
}

export interface Step {
  when: Trigger;
  /** Business days after the trigger (default 0). */
  afterDays?: number;
  what: Action;
}

export type Trigger =
  /** The simulated CBP gets the client's application. `attempt` counts from 1, the default. */
  | { cbpGets: 'application'; attempt?: number }
  /** The account owner reads an email from the broker. A reminder counts as what it repeats. */
  | { clientReads: NoticeTemplate }
  /** An operator sees the client like this in the list. */
  | { brokerSees: { stage?: OnboardingStage; attention?: Attention } }
  /** The operators taught a new letter, for any client. */
  | { brokerTeaches: 'letter' };

export type Action =
  | ({ cbpWrites: LetterKind } & HowToWrite)
  | { cbpForgedBy: Impostor }
  | { cbpSendsBulletin: true }
  | { mailBounces: true }
  /** In ACE. `too-little`: read-only, without the last importer number. */
  | { clientGrants: 'everything' | 'too-little' }
  | { clientWrites: string }
  | { brokerDecides: Decision }
  | {
      brokerCorrects: {
        reason: string;
        corrected: (application: Application) => Application;
        /** Send it although nothing has changed. */
        replace?: true;
      };
    }
  | { brokerSettles: 'sent' | 'not-sent'; evidence: string }
  /** Back-office automation saw the approval. */
  | { backOfficeApproves: true };

type Decision = Decide extends infer D ? (D extends unknown ? Omit<D, 'actor'> : never) : never;

export interface Ending {
  outcome: Outcome;
  /** How many applications CBP gets, each exactly once. */
  applications: number;
  /** What people must have been asked along the way. */
  attention?: Attention[];
  /** Whether the scenario needs a person to decide. If missing, no person may; with `maybe`, either is fine. */
  decidedByPerson?: true | 'maybe';
}
