import { MAIL_NAME_HEADER } from '../outgoing/message-id.js';

/**
 * Every header that judging may read. `headerValue` accepts no other name, so `mail-identity.ts` knows about everything
 * that is read: two copies of an email that are judged differently are two emails.
 */

/** Written by the sender. Every byte counts. */
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

/** Notes that programs write into `X-` headers, as gateways also do. Their values count. */
export const MARK_HEADERS = [
  'x-failed-recipients',
  'x-autoreply',
  'x-autorespond',
  'x-autoresponder',
  'x-auto-reply',
  // The name of our own email, in lower case like all names here.
  MAIL_NAME_HEADER.toLowerCase() as 'x-onboarding-message',
] as const;

/**
 * Written in transit, differently for each delivery. Each is read in one place, and only what we derive from it there
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
