import { ApplicationFailure } from '@temporalio/common';

/**
 * The failures that sending throws. Each means that the email was certainly not sent and a retry is right. The types are
 * stable: retry policies and people's searches may rely on them.
 */

/** A temporary problem of the server or the network. */
export const SMTP_UNAVAILABLE = 'smtp-unavailable';
/** The server does not accept us at all: credentials, certificate, sender address. All email waits for a person. */
export const SMTP_MISCONFIGURED = 'smtp-misconfigured';
/** The mailbox has reached today's limit. */
export const DAILY_CAP_REACHED = 'daily-cap-reached';
/** A worker without LIVE=true was pointed at another machine's server. */
export const SERVER_NOT_ALLOWED = 'server-not-allowed';
/** The archive does not have the data the email is made from. */
export const CASE_NOT_ARCHIVED = 'case-not-archived';

/** A reminder waits for the email of another case to the same person, which may include it. */
export const REMINDER_PENDING = 'reminder-pending';

/** Removes email addresses from the message, because workers log failures. */
export function retryLater(type: string, message: string, seconds?: number): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: withoutAddresses(message),
    ...(seconds !== undefined ? { nextRetryDelay: Math.max(1, Math.ceil(seconds)) * 1_000 } : {}),
  });
}

function withoutAddresses(text: string): string {
  return text.replace(/<?[^\s<>@:;,"']+@[^\s<>:;,"']+>?/g, '<address>');
}
