import type { Application } from '../../src/application/application.js';
import type { NoticeTemplate } from '../../src/workflows/contract/mail-activities.js';
import type { Decide } from '../../src/workflows/contract/messages.js';
import type { Attention } from '../../src/workflows/contract/progress.js';
import type { OnboardingStage, Outcome } from '../../src/workflows/contract/stages.js';
import type { HowToWrite, Impostor } from '../cbp/cbp.js';
import type { LetterKind } from '../cbp/cbp-letters.js';

/**
 * What happens to each sample client: who does what, upon what, how many business days later, and how it ends. What
 * everybody does anyway is in `operators.ts`: an operator looks into ACE after a grant, phones CBP's desk about mail that
 * proves nothing, and teaches an approval in a wording that nobody knows.
 */
export interface Scenario {
  /** One sentence for a reader of the demonstration. */
  story: string;
  steps: Step[];
  ends: Ending;
  /** What CBP has on file for the company, where that is not what the application says. */
  nameOnFile?: (legalName: string) => string;
}

export interface Step {
  when: Trigger;
  /** Business days after that; 0 if missing. */
  afterDays?: number;
  what: Action;
}

export type Trigger =
  /** The simulated CBP gets the client's application; `attempt` counts applications from 1, its default. */
  | { cbpGets: 'application'; attempt?: number }
  /** The account owner finds a mail of the broker's; a reminder says the same as the instructions. */
  | { clientReads: NoticeTemplate }
  /** An operator finds the client in the list like this. */
  | { brokerSees: { stage?: OnboardingStage; attention?: Attention } }
  /** The operators taught a letter that was new, whichever client it came for. */
  | { brokerTeaches: 'letter' };

export type Action =
  | ({ cbpWrites: LetterKind } & HowToWrite)
  | { cbpForgedBy: Impostor }
  | { cbpSendsBulletin: true }
  | { mailBounces: true }
  /** In ACE. `too-little`: read-only, and without the last importer number. */
  | { clientGrants: 'everything' | 'too-little' }
  | { clientWrites: string }
  | { brokerDecides: Decision }
  | { brokerCorrects: { reason: string; corrected: (application: Application) => Application } }
  | { brokerSettles: 'sent' | 'not-sent'; evidence: string }
  /** Back-office automation saw the approval. */
  | { backOfficeApproves: true };

type Decision = Decide extends infer D ? (D extends unknown ? Omit<D, 'actor'> : never) : never;

export interface Ending {
  outcome: Outcome;
  /** Applications CBP gets, each exactly once. */
  applications: number;
  /** What people must have been asked on the way. */
  attention?: Attention[];
  /** Whether a person decides, by the scenario, what CBP's mail alone must not. Else nobody may; `maybe`: as it happens. */
  decidedByPerson?: true | 'maybe';
}
