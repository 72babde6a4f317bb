import { formatIssue, type ValidationIssue } from '../application/validation-issue.js';

/** What went wrong, so that callers can react. Each code is explained above it. */
export type OnboardingErrorCode =
  /** The application has problems; they are in `complaints`. */
  | 'invalid-application'
  /** The reference was started before with other data; `fields` lists what differs from the present data. */
  | 'application-differs'
  /** Another onboarding has the importer number; the message names it. */
  | 'importer-number-taken'
  /** No onboarding has this reference. */
  | 'not-found'
  /** It is closed, so it takes no more messages. */
  | 'closed'
  /** Its data was deleted at the end of its retention period; the message says when, and how to apply again. */
  | 'forgotten'
  /** The person's token is not from your single sign-on or has expired, or the sign-on's keys are unavailable. */
  | 'actor-not-verified'
  /** The onboarding refused the message, and said why. */
  | 'refused'
  /** No worker answered in time; the message may still arrive. */
  | 'no-answer';

export class OnboardingError extends Error {
  readonly complaints: ValidationIssue[];
  readonly fields: string[];
  constructor(
    readonly code: OnboardingErrorCode,
    message: string,
    details: { complaints?: ValidationIssue[]; fields?: string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'OnboardingError';
    this.complaints = details.complaints ?? [];
    this.fields = details.fields ?? [];
  }

  /** The problems, each as a line for people. */
  get problems(): string[] {
    return this.complaints.map(formatIssue);
  }
}
