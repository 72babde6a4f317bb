import { ApplicationFailure } from '@temporalio/common';

/**
 * What sending throws. Each means: certainly not sent, and trying again is right. The types are stable; retry policies
 * and people's searches may rely on them.
 */

/** The server or the network is in a passing state. */
export const SMTP_UNAVAILABLE = 'smtp-unavailable';
/** The server does not take us at all: credentials, certificate, sender address. Every mail waits for a person. */
export const SMTP_MISCONFIGURED = 'smtp-misconfigured';
/** The mailbox has sent all it may today. */
export const DAILY_CAP_REACHED = 'daily-cap-reached';
/** An unarmed worker was pointed at a server that is not this machine. */
export const SERVER_NOT_ALLOWED = 'server-not-allowed';
/** The archive does not have what the mail is made of. */
export const CASE_NOT_ARCHIVED = 'case-not-archived';

/** Mail addresses do not belong into failures, which workers log. */
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
