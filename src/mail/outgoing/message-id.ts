import { createHash } from 'node:crypto';

/**
 * Identifies one of our emails: one per onboarding and purpose. Safe sending depends on it, because the same purpose
 * always gets the same Message-ID, whichever worker, retry or reset run sends it.
 */
export type MailPurpose =
  | { kind: 'application'; attempt: number; transmission: number }
  | { kind: 'notice'; template: string; ordinal: number }
  /** One for each person and morning, or week. */
  | { kind: 'digest'; template: string; morning: string; to: string };

/** `application/1/1`, `notice/grant-reminder/2`, `digest/2026-12-01/…`: as it appears in index entries and to people. */
export function purposeName(purpose: MailPurpose): string {
  switch (purpose.kind) {
    case 'application':
      return `application/${purpose.attempt}/${purpose.transmission}`;
    case 'notice':
      return `notice/${purpose.template}/${purpose.ordinal}`;
    case 'digest':
      return `${purpose.template}/${purpose.morning}/${hashOf(purpose.to.toLowerCase()).slice(0, 16)}`;
  }
}

/** The header with our email's name, which finds a copy even when a server replaced the Message-ID. */
export const MAIL_NAME_HEADER = 'X-Onboarding-Message';

/** 32 hexadecimal characters; says nothing about the client. */
export function mailName(workflowId: string, purpose: MailPurpose): string {
  return hashOf(`${workflowId}\n${purposeName(purpose)}`).slice(0, 32);
}

/**
 * Message-ID without angle brackets, at the domain our mail comes from.
 * @param from bare address of MAIL_FROM
 */
export function messageIdOf(workflowId: string, purpose: MailPurpose, from: string): string {
  return messageIdNamed(mailName(workflowId, purpose), from);
}

/** The Message-ID of the email that has this name in its header. */
export function messageIdNamed(name: string, from: string): string {
  return `onboarding.${name}@${domainOf(from)}`;
}

/** The name within one of our Message-IDs; any other id is returned whole. */
export function nameInMessageId(messageId: string): string {
  return /^onboarding\.([0-9a-f]{32})@/.exec(messageId)?.[1] ?? messageId;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
