import type { Application } from '../../application/application.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import type { DueStep } from './waits.js';

/** Everything that must be done before an application is emailed: check it, claim the number, fill and archive the form. */
export interface ApplicationActivities {
  /** Idempotent: the same application of the same onboarding gives the same documents. */
  prepareApplication(order: PrepareOrder): Promise<Preparation>;
}

/** Applications with a form are prepared on a task queue of their own, named after the one of the workflows. */
export const formQueueOf = (taskQueue: string): string => `${taskQueue}-forms`;

export interface PrepareOrder {
  application: Application;
  round: number;
  attempt: number;
  /** Whether to fill the form: not if only the access grant is needed, and not if someone else submits. */
  form: boolean;
}

export type Preparation =
  | {
      kind: 'ready';
      /** sha256 of the archived application. */
      applicationSha256: string;
      form?: { sha256: string; pages: number; edition: string; preview?: string };
      warnings: string[];
      /** When people are told that the refund's last day is near. Absent without a refund deadline, or once it has passed. */
      refundAlarm?: DueStep;
      /** The broker can always work with a narrower role than Full Access. */
      acceptsNarrowerRole?: boolean;
      /** IANA name, for `ClockStart`. */
      timeZone: string;
      /** What the UI's lists may show about the client. */
      listed: { company: string; importerKey: string };
    }
  | {
      kind: 'refused';
      why: 'application-refused' | 'route-unknown' | 'importer-number-taken';
      complaints: ValidationIssue[];
    };
