import { formatIssue, type ValidationIssue } from '../application/validation-issue.js';

/** What went wrong for the caller to act upon. Each code's meaning is beside it. */
export type OnboardingErrorCode =
  /** The application has complaints; they are in `complaints`. */
  | 'invalid-application'
  /** The reference was started before, and the data is neither of then nor that of now; `fields` has what differs from now. */
  | 'application-differs'
  /** Another onboarding has the importer number; the message names it. */
  | 'importer-number-taken'
  /** No onboarding has this reference. */
  | 'not-found'
  /** It is closed, so it hears nothing any more. */
  | 'closed'
  /** Its data was deleted after the years it had to be kept; the message says when, and how to apply again. */
  | 'forgotten'
  /** The token of a person is not one of your single sign-on's, or has expired, or the sign-on's keys cannot be had. */
  | 'actor-not-verified'
  /** The onboarding refused the message, and said why. */
  | 'refused'
  /** No worker answered in time; the message may still be heard. */
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

  /** The complaints, each as the line that people read. */
  get problems(): string[] {
    return this.complaints.map(formatIssue);
  }
}
