import { createHash } from 'node:crypto';

/**
 * What a mail of ours is: one per onboarding and purpose. Everything that makes sending safe hangs on it, because the
 * same purpose always gets the same Message-ID, whichever worker, retry or reset run comes to it.
 */
export type MailPurpose =
  | { kind: 'application'; attempt: number; transmission: number }
  | { kind: 'notice'; template: string; ordinal: number };

/** `application/1/1`, `notice/grant-reminder/2`: as index entries and people see it. */
export function purposeName(purpose: MailPurpose): string {
  return purpose.kind === 'application'
    ? `application/${purpose.attempt}/${purpose.transmission}`
    : `notice/${purpose.template}/${purpose.ordinal}`;
}

/** The name of a mail of ours in its own header, by which a copy is found when a server replaced the Message-ID. */
export const MAIL_NAME_HEADER = 'X-Onboarding-Message';

/** 32 hexadecimal characters; says nothing about the client. */
export function mailName(workflowId: string, purpose: MailPurpose): string {
  return createHash('sha256')
    .update(`${workflowId}\n${purposeName(purpose)}`)
    .digest('hex')
    .slice(0, 32);
}

/**
 * Message-ID without angle brackets, at the domain our mail comes from.
 * @param from bare address of MAIL_FROM
 */
export function messageIdOf(workflowId: string, purpose: MailPurpose, from: string): string {
  return messageIdNamed(mailName(workflowId, purpose), from);
}

/** The Message-ID of the mail that carries this name in its own header. */
export function messageIdNamed(name: string, from: string): string {
  return `onboarding.${name}@${domainOf(from)}`;
}

/** The name within a Message-ID of ours; the whole id when it is not one of ours. */
export function nameInMessageId(messageId: string): string {
  return /^onboarding\.([0-9a-f]{32})@/.exec(messageId)?.[1] ?? messageId;
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
