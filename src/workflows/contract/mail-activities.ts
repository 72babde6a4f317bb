import type { Deadline } from '../../calendar/policy.js';
import type { DecisionDeadlines, GrantDeadlines } from '../../calendar/schedule.js';

/** Sends email: applications to CBP, and notices to the client and the broker's own people. */
export interface MailActivities {
  /**
   * Emails an application to CBP, at most once for each (workflowId, attempt, transmission), whatever happens to workers,
   * histories and servers. Throws only errors that are safe to retry.
   */
  sendApplication(mail: ApplicationMail): Promise<ApplicationSent>;
  /** Emails a notice, at most once for each (workflowId, template, ordinal). */
  sendNotice(notice: Notice): Promise<NoticeSent>;
}

export interface ApplicationMail {
  workflowId: string;
  reference: string;
  attempt: number;
  /** Increases each time an earlier transmission was settled as not sent. */
  transmission: number;
  applicationSha256: string;
  formSha256: string;
}

export type SendResult =
  | { kind: 'accepted'; messageId: string; at: string; serverMessageId?: string }
  | { kind: 'refused'; messageId: string; reason: string }
  /** The server asked for the message body, but its answer is unknown. Do not send again before the outcome is known. */
  | { kind: 'unknown'; messageId: string; since: string; reason: string };

export type ApplicationSent =
  | (Extract<SendResult, { kind: 'accepted' }> & { deadlines: DecisionDeadlines })
  | Extract<SendResult, { kind: 'refused' }>
  /** `askAt`: how long to wait for our blind copy or an acknowledgement before asking a person. */
  | (Extract<SendResult, { kind: 'unknown' }> & {
      askAt: Deadline /** At `askAt`, send once more instead of asking. */;
      resend?: true;
    });

/** The template determines who gets a notice. */
export type NoticeTemplate =
  /** To the account owner: how to grant access. Pins the broker's ACE address. */
  | 'grant-instructions'
  | 'grant-reminder'
  /** To the account owner: exactly what is missing. */
  | 'grant-partial'
  /** To the account owner, at the late deadline: did CBP's account email arrive? */
  | 'ask-whether-approved'
  /** To the account owner: what CBP wants corrected. */
  | 'correction-needed'
  /** To the account owner: never send sign-in data. */
  | 'credentials-received'
  /** To operations: someone needs to act. Facts: `attention`, `what`. */
  | 'operations-task'
  | 'operations-late'
  | 'manager-overdue'
  | 'operations-client-silent';

export interface Notice {
  workflowId: string;
  reference: string;
  template: NoticeTemplate;
  /** Numbers the notices with the same template, from 1. */
  ordinal: number;
  applicationSha256: string;
  /**
   * What is on record and the template may say, besides the application: `missing`, `role`, `due`, `what`,
   * `brokerAceEmail`, `approval`, `submittedBy`, and the instants or days `submittedOn`, `instructedOn` and `lookedOn`.
   */
  facts: Record<string, string | string[]>;
}

export interface NoticeSent {
  result: SendResult;
  /** For `grant-instructions` and `grant-partial`, which both restart the client's deadlines. */
  grant?: { deadlines: GrantDeadlines; brokerAceEmail: string };
}
