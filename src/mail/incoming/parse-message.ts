import { createHash } from 'node:crypto';
import { type Attachment, simpleParser } from 'mailparser';
import { type DeliveryReport, type ReadReceipt, readDeliveryReport, readReceiptOf } from './delivery-reports.js';
import { type HeaderLine, headerValue, headerValues, readHeaderBlock } from './header-lines.js';
import { htmlAsText } from './html-as-text.js';
import type { ReadHeader } from './read-headers.js';
import { addressesIn, type Recipient, recipientsIn } from './recipients.js';

/**
 * One message in the form that judging needs: plain data without attachments' bytes. Our own code reads the headers, so
 * they are present whatever else is wrong. A body that cannot be read is a finding (`unreadable`), never an exception that
 * would lose the email.
 */
export interface ParsedMessage {
  headers: HeaderLine[];
  /** What no legitimate mail program writes in a header block. */
  oddities: string[];
  subject: string;
  /** Bare addresses it was written or delivered to, lower case, with the header (lower case) that has them. */
  recipients: Recipient[];
  /** Message-IDs without angle brackets. */
  messageId?: string;
  inReplyTo: string[];
  references: string[];
  /** Message-IDs of the messages inside it: returned by a bounce, or attached. */
  embeddedMessageIds: string[];
  /** Where replies to it, or to messages inside it, should go: bare addresses, lower case. */
  replyTo: string[];
  /** The text/plain part, or the HTML as text if there is no such part. */
  text: string;
  textFrom: 'plain' | 'html' | 'nothing';
  /** The HTML part as text, if there is also a text/plain part. Empty if it has no words. */
  alternativeText?: string;
  attachments: {
    contentType: string;
    filename?: string;
    bytes: number;
    sha256: string;
    /** A picture within the HTML. */
    inline: boolean;
  }[];
  /** Messages attached as message/rfc822, in their order. */
  attachedMessages: Uint8Array[];
  deliveryReport?: DeliveryReport;
  /** Set if it is a read receipt. */
  readReceipt?: ReadReceipt;
  calendar: boolean;
  unreadable?: { code: Unreadable; detail: string };
}

export type Unreadable = 'too-large' | 'too-deep' | 'malformed' | 'time-limit';

/** CBP's replies are never this large. A person looks at anything larger. */
export const MESSAGE_LIMIT_BYTES = 25_000_000;
const TEXT_LIMIT = 500_000;
const SUBJECT_LIMIT = 1_000;
const IDS_LIMIT = 200;
const ATTACHED_MESSAGES_LIMIT = 5;

/** Never throws because of the message. */
export async function parseMessage(raw: Uint8Array): Promise<ParsedMessage> {
  const message = parseHeadersOnly(raw);
  if (raw.byteLength > MESSAGE_LIMIT_BYTES)
    return unreadable(
      message,
      'too-large',
      `${Math.round(raw.byteLength / 1e6)} MB, more than ${MESSAGE_LIMIT_BYTES / 1e6}`,
    );
  try {
    return await readBody(message, raw);
  } catch (error) {
    return unreadable(message, 'malformed', error instanceof Error ? error.message.slice(0, 200) : String(error));
  }
}

/** Reads the header block only, for messages whose body should not be read. */
export function parseHeadersOnly(raw: Uint8Array): ParsedMessage {
  const { lines, oddities } = readHeaderBlock(raw);
  return { ...fromHeaders(lines), oddities };
}

export function unreadable(message: ParsedMessage, code: Unreadable, detail: string): ParsedMessage {
  return { ...message, unreadable: { code, detail } };
}

function fromHeaders(headers: HeaderLine[]): ParsedMessage {
  const messageId = messageIdsIn(headerValue(headers, 'message-id') ?? '')[0];
  return {
    headers,
    oddities: [],
    subject: headerValue(headers, 'subject')?.slice(0, SUBJECT_LIMIT) ?? '',
    recipients: recipientsIn(headers),
    ...(messageId ? { messageId } : {}),
    inReplyTo: headerValues(headers, 'in-reply-to').flatMap(messageIdsIn).slice(0, IDS_LIMIT),
    references: headerValues(headers, 'references').flatMap(messageIdsIn).slice(-IDS_LIMIT),
    embeddedMessageIds: [],
    replyTo: headerValues(headers, 'reply-to').flatMap(addressesIn).slice(0, IDS_LIMIT),
    text: '',
    textFrom: 'nothing',
    attachments: [],
    attachedMessages: [],
    calendar: false,
  };
}

async function readBody(message: ParsedMessage, raw: Uint8Array): Promise<ParsedMessage> {
  const parsed = await simpleParser(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength), {
    keepDeliveryStatus: true,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
  });
  const plain = parsed.text?.slice(0, TEXT_LIMIT) ?? '';
  const hasHtml = typeof parsed.html === 'string';
  const readHtml = typeof parsed.html === 'string' ? htmlAsText(parsed.html) : { text: '', complete: true };
  const html = readHtml.text.slice(0, TEXT_LIMIT);
  const body = plain.trim()
    ? { text: plain, textFrom: 'plain' as const, ...(hasHtml ? { alternativeText: html } : {}) }
    : { text: html, textFrom: html ? ('html' as const) : ('nothing' as const) };
  const attached = parsed.attachments.filter(
    ({ contentType, filename }) => contentType === 'message/rfc822' || filename?.toLowerCase().endsWith('.eml'),
  );
  const report = reportIn(parsed.attachments, /^message\/(?:global-)?delivery-status$/);
  const receipt = reportIn(parsed.attachments, /^message\/(?:global-)?disposition-notification$/);
  const contentType = headerValue(message.headers, 'content-type')?.toLowerCase() ?? '';
  return {
    ...message,
    // With encoded words decoded. If there are several, the first one: see authenticate.ts.
    subject: parsed.subject?.slice(0, SUBJECT_LIMIT) ?? message.subject,
    ...body,
    // Words beyond the limit would be ignored.
    ...((parsed.text?.length ?? 0) > TEXT_LIMIT || readHtml.text.length > TEXT_LIMIT
      ? { unreadable: { code: 'too-large' as const, detail: 'its text is unreasonably long' } }
      : {}),
    ...((parsed.subject?.length ?? 0) > SUBJECT_LIMIT
      ? { unreadable: { code: 'too-large' as const, detail: 'its subject is unreasonably long' } }
      : {}),
    ...(readHtml.complete
      ? {}
      : { unreadable: { code: 'too-deep' as const, detail: 'its HTML is unreasonably long or deep' } }),
    attachments: parsed.attachments.map((attachment) => ({
      contentType: attachment.contentType,
      ...(attachment.filename ? { filename: attachment.filename.slice(0, 200) } : {}),
      bytes: attachment.size,
      sha256: createHash('sha256').update(attachment.content).digest('hex'),
      inline: attachment.related === true && attachment.contentType.startsWith('image/'),
    })),
    attachedMessages: attached.slice(0, ATTACHED_MESSAGES_LIMIT).map(({ content }) => content),
    ...embedded(parsed.attachments, plain, message.replyTo),
    ...(report === undefined ? {} : { deliveryReport: readDeliveryReport(report) }),
    ...(receipt === undefined && !contentType.includes('disposition-notification')
      ? {}
      : { readReceipt: readReceiptOf(receipt ?? '') }),
    calendar:
      contentType.startsWith('text/calendar') ||
      parsed.attachments.some(({ contentType: type }) => type === 'text/calendar' || type === 'application/ics'),
  };
}

/** The part of that type, cut to the length of a reasonable report. */
function reportIn(attachments: Attachment[], type: RegExp): string | undefined {
  return attachments
    .find(({ contentType }) => type.test(contentType))
    ?.content.subarray(0, 64_000)
    .toString('utf8');
}

/** Identifies a returned message: from the message itself, from its headers, or from text if a server returns only that. */
function embedded(
  attachments: Attachment[],
  text: string,
  replyTo: string[],
): Pick<ParsedMessage, 'embeddedMessageIds' | 'replyTo'> {
  const returned = attachments
    .filter(({ contentType }) =>
      /^(?:message\/(?:rfc822|global)|text\/rfc822-headers|message\/global-headers)$/.test(contentType),
    )
    .slice(0, ATTACHED_MESSAGES_LIMIT)
    .map(({ content }) => readHeaderBlock(content.subarray(0, 256_000)).lines);
  const inside = (...names: ReadHeader[]) =>
    names.flatMap((name) => returned.flatMap((lines) => headerValues(lines, name)));
  const written = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  const ids = [
    ...inside('message-id', 'in-reply-to', 'references'),
    ...written(/^[> \t]*message-id:\s*(<[^<>\s]{1,900}>)/gim),
  ].flatMap(messageIdsIn);
  const addresses = [...inside('reply-to'), ...written(/^[> \t]*reply-to:[ \t]*(.{1,900})$/gim)].flatMap(addressesIn);
  return {
    embeddedMessageIds: [...new Set(ids)].slice(0, IDS_LIMIT),
    replyTo: [...new Set([...replyTo, ...addresses])].slice(0, IDS_LIMIT),
  };
}

/** All `<id>`s without their brackets. A single id without brackets is returned unchanged. */
export function messageIdsIn(value: string): string[] {
  const bracketed = [...value.slice(0, 100_000).matchAll(/<([^<>\s]{1,990})>/g)].map((match) => match[1] ?? '');
  if (bracketed.length > 0) return bracketed;
  const only = value.trim();
  return /^[^<>\s]{1,990}@[^<>\s]{1,990}$/.test(only) ? [only] : [];
}
