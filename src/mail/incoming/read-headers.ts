import { MAIL_NAME_HEADER } from '../outgoing/message-id.js';

/**
 * Every header that a judgement may rest on. `headerValue` takes no other name, so what is read is also known to
 * `mail-identity.ts`: two copies of a mail that are judged differently are two mails.
 */

/** Written by the author's side. Each byte of them counts. */
export const AUTHOR_HEADERS = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'resent-to',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'dkim-signature',
  'auto-submitted',
  'precedence',
  'list-id',
  'list-unsubscribe',
] as const;

/** What programs write into `X-` headers, where gateways keep their notes, too. Their values count. */
export const MARK_HEADERS = [
  'x-failed-recipients',
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-auto-reply',
  // The name of a mail of ours, in lower case as all names here.
  MAIL_NAME_HEADER.toLowerCase() as 'x-onboarding-message',
] as const;

/**
 * Written on the way, anew for each delivery. What they say is read in one place each, and what is made of it there
 * counts: whether Return-Path is empty, which aliases are among the recipients, our mail host's verdict.
 */
export const ROUTE_HEADERS = [
  'return-path',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'received',
  'authentication-results',
] as const;

export type ReadHeader = (typeof AUTHOR_HEADERS)[number] | (typeof MARK_HEADERS)[number];
export type RouteHeader = (typeof ROUTE_HEADERS)[number];
