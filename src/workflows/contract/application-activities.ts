import type { Application } from '../../application/application.js';
import type { ValidationIssue } from '../../application/validation-issue.js';

/** The PDF work, and what must be certain before anything is mailed: input checked, number claimed, form filled and archived. */
export interface ApplicationActivities {
  /** Idempotent: the same application of the same onboarding gives the same documents, whoever asked before. */
  prepareApplication(order: PrepareOrder): Promise<Preparation>;
}

export interface PrepareOrder {
  application: Application;
  round: number;
  attempt: number;
  /** Whether the form is to be filled: not for a grant alone, nor where somebody else submits. */
  form: boolean;
}

export type Preparation =
  | {
      kind: 'ready';
      /** Document of the checked application. */
      applicationSha256: string;
      form?: { sha256: string; pages: number; edition: string; preview?: string };
      warnings: string[];
      /** What the UI's list may show of the client. */
      listed: { company: string; importerKey: string };
    }
  | {
      kind: 'refused';
      why: 'application-refused' | 'route-unknown' | 'importer-number-taken';
      complaints: ValidationIssue[];
    };
