import type { ClockStart, DueStep } from './waits.js';

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

/** Email is sent on a task queue of its own, named after the one of the workflows, so that each mailbox can have its own. */
export const mailQueueOf = (taskQueue: string): string => `${taskQueue}-mail`;

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
  | (Extract<SendResult, { kind: 'accepted' }> & { deadlines: DueStep[] })
  | Extract<SendResult, { kind: 'refused' }>
  /** The first of `deadlines`, `ask`: how long to wait for our blind copy or an acknowledgement before asking a person. */
  | (Extract<SendResult, { kind: 'unknown' }> & {
      deadlines: DueStep[] /** At `ask`, send once more instead of asking. */;
      resend?: true;
    });

/** The template determines who gets a notice. Clients' templates are in a folder for each language. */
export const CLIENT_TEMPLATES = [
  /** What was sent to CBP, and what comes next. */
  'application-submitted',
  /** Did CBP's account email come? */
  'ask-whether-approved',
  /** What CBP wants corrected. */
  'correction-needed',
  'correction-reminder',
  /** How to sign in, enter the bank account for refunds and add our user, in one sitting. Pins the broker's ACE address. */
  'grant-instructions',
  /** To an owner who has not signed in yet. */
  'sign-in-reminder',
  /** To an owner who has signed in. */
  'grant-reminder',
  /** Exactly what is missing. */
  'grant-partial',
  /** One for each `AccessProblem`; `owner-left` goes to the new owner. */
  'link-expired',
  'user-locked',
  'owner-left',
  'wrong-top-account',
  'wrong-address',
  /** We see every number. Thank you. */
  'access-seen',
  /** Never send sign-in data. */
  'credentials-received',
  /** What a person wrote. Fact: `text`. */
  'message',
] as const;
/** To CBP, in the thread of the application or of the email that it answers. */
export const CBP_TEMPLATES = ['cbp-message', 'cbp-withdrawal'] as const;
/** To one of the broker's own people. */
export const STAFF_TEMPLATES = [
  /** Something urgent, at once. Facts: `attention`, `what`, `since`, `dies`. */
  'task',
  'digest',
  'weekly',
] as const;
export type NoticeTemplate =
  | (typeof CLIENT_TEMPLATES)[number]
  | (typeof CBP_TEMPLATES)[number]
  | (typeof STAFF_TEMPLATES)[number];

/** Reminders: at most one a day and two a week for a person, those of several cases in one email. */
export const REMINDERS = [
  'ask-whether-approved',
  'correction-reminder',
  'sign-in-reminder',
  'grant-reminder',
] as const satisfies NoticeTemplate[];

export interface Notice {
  workflowId: string;
  reference: string;
  template: NoticeTemplate;
  /** Numbers the notices with the same template, from 1. */
  ordinal: number;
  applicationSha256: string;
  /** What is on record and the template may say: see `mail/outgoing/compose/notice-facts.ts`. */
  facts: Record<string, string | string[]>;
  /** The wait that begins when this notice is out: its deadlines come back. `at` is ignored. */
  starts?: Omit<ClockStart, 'at'>;
}

export interface NoticeSent {
  result: SendResult;
  /** With `starts`: the deadlines, counted from when the email was accepted, otherwise from now. */
  deadlines?: DueStep[];
  /** With `grant-instructions`. */
  brokerAceEmail?: string;
  /** A reminder that went out in the email of another case of the same person, by its reference. */
  bundledWith?: string;
  /** A reminder that did not go out because the person had enough email this week: the next time that is allowed. */
  deferredUntil?: string;
  /**
   * A reminder that certainly did not go out, and never will under its number: its case asks for nothing any more, or it was
   * written to an earlier account owner. Nothing failed. `result` is `refused`, with the reason.
   */
  dropped?: true;
}
