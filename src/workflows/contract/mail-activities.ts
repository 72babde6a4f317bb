import type { Deadline } from '../../calendar/policy.js';
import type { DecisionDeadlines, GrantDeadlines } from '../../calendar/schedule.js';

/** The SMTP work: the one application mail to CBP, and notices to the client and the broker's own people. */
export interface MailActivities {
  /**
   * Mails an application to CBP, at most once for each (workflowId, attempt, transmission) whatever happens to workers,
   * histories and servers. Throws only what may be retried freely.
   */
  sendApplication(mail: ApplicationMail): Promise<ApplicationSent>;
  /** Mails a notice, at most once for each (workflowId, template, ordinal). */
  sendNotice(notice: Notice): Promise<NoticeSent>;
}

export interface ApplicationMail {
  workflowId: string;
  reference: string;
  attempt: number;
  /** Counts up when a person settled an earlier transmission as not sent. */
  transmission: number;
  applicationSha256: string;
  formSha256: string;
}

export type SendResult =
  | { kind: 'accepted'; messageId: string; at: string; serverMessageId?: string }
  | { kind: 'refused'; messageId: string; reason: string }
  /** The body was asked for and no answer is known: nobody may send it again before somebody knows. */
  | { kind: 'unknown'; messageId: string; since: string; reason: string };

export type ApplicationSent =
  | (Extract<SendResult, { kind: 'accepted' }> & { deadlines: DecisionDeadlines })
  | Extract<SendResult, { kind: 'refused' }>
  /** `askAt`: until when our blind copy or an acknowledgement may still settle it before a person is asked. */
  | (Extract<SendResult, { kind: 'unknown' }> & {
      askAt: Deadline /** The policy is to send it once more then, instead of asking. */;
      resend?: true;
    });

/** Who gets a notice follows from its template. */
export type NoticeTemplate =
  /** To the account owner: the clicks. Pins the broker's ACE address. */
  | 'grant-instructions'
  | 'grant-reminder'
  /** To the account owner: exactly what is missing. */
  | 'grant-partial'
  /** To the account owner, at the late deadline: has CBP's account mail reached you? */
  | 'ask-whether-approved'
  /** To the account owner: what CBP wants corrected. */
  | 'correction-needed'
  /** To the account owner: sign-in data must not be sent to anybody. */
  | 'credentials-received'
  /** To operations: something needs a person. Facts: `attention`, `what`. */
  | 'operations-task'
  | 'operations-late'
  | 'manager-overdue'
  | 'operations-client-silent';

export interface Notice {
  workflowId: string;
  reference: string;
  template: NoticeTemplate;
  /** Tells repeated notices of one template apart, from 1. */
  ordinal: number;
  applicationSha256: string;
  /** What the template needs beside the application: `missing`, `role`, `due`, `what`, `brokerAceEmail`. */
  facts: Record<string, string | string[]>;
}

export interface NoticeSent {
  result: SendResult;
  /** With `grant-instructions`, and with `grant-partial`, after which the client has the whole time again. */
  grant?: { deadlines: GrantDeadlines; brokerAceEmail: string };
}
