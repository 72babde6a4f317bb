import type { Application } from '../../application/application.js';
import { looksLikeTaxNumber } from '../../application/tax-numbers-in-text.js';
import { type Archive, ArchiveError } from '../../archive/archive.js';
import { caseMails, mails, read, recordsBelow, sendResults, sends } from '../../archive/records.js';
import type { Config } from '../../config/config.js';
import type { Notice } from '../../workflows/contract/mail-activities.js';
import { parseHeadersOnly, parseMessage } from '../incoming/parse-message.js';
import { audienceOf } from '../outgoing/compose/compose-notice.js';
import type { Draft } from '../outgoing/compose/compose-once.js';
import { NoticeRefused } from '../outgoing/compose/notice-refused.js';
import { attachmentName, noticeSubject } from '../outgoing/compose/subject.js';

/** The email that a notice answers, as far as the answer needs it. */
interface Answered {
  subject: string;
  /** Unknown if only a redacted text of it was kept. */
  messageId?: string | undefined;
  /** What it answered itself, oldest first. */
  references: string[];
  /** Where the answer goes instead of the usual address. */
  replyTo?: string | undefined;
}

/**
 * Puts a notice into the thread that it belongs to. A message to CBP answers the email on record that it names, otherwise our
 * last application; a message to the client answers the client's. The subject stays the one of the thread, without any tax
 * number. With `attachForm`, a message to CBP has the form attached.
 * @throws SubjectRefused, NoticeRefused
 */
export async function inThread(
  archive: Archive,
  notice: Notice,
  application: Application,
  draft: Draft,
  config: Config,
): Promise<Draft> {
  const answered = await answeredBy(archive, notice, config);
  const attached = await formFor(archive, notice);
  const ticket = fact(notice, 'ticket');
  const subject = answered && threadSubject(answered.subject, ticket);
  const recipient = answered?.replyTo ?? draft.recipient;
  const own = answered?.messageId;
  return {
    ...draft,
    recipient,
    envelope: { ...draft.envelope, to: draft.envelope.to.map((to) => (to === draft.recipient ? recipient : to)) },
    ...(attached ? { formSha256: attached.sha256 } : {}),
    letter: {
      ...draft.letter,
      ...(recipient === draft.recipient ? {} : { to: { address: recipient } }),
      ...(subject ? { subject: noticeSubject(subject, application) } : {}),
      ...(own ? { inReplyTo: own, references: [...answered.references, own] } : {}),
      ...(attached ? { attachment: { filename: attachmentName(notice.reference), content: attached.content } } : {}),
    },
  };
}

async function answeredBy(archive: Archive, notice: Notice, config: Config): Promise<Answered | undefined> {
  const audience = audienceOf(notice.template);
  if (audience === 'staff') return undefined;
  const mailId = fact(notice, 'answersMailId');
  const received = mailId === undefined ? undefined : await receivedMail(archive, notice, mailId, config);
  return received ?? (audience === 'cbp' ? await lastApplication(archive, notice.workflowId) : undefined);
}

/** Undefined if it is not an email of the one that the notice goes to: CBP does not get the client's subject, nor the client CBP's. */
async function receivedMail(
  archive: Archive,
  { workflowId, reference, template }: Notice,
  mailId: string,
  config: Config,
): Promise<Answered | undefined> {
  const record = await read(archive, mails, mailId);
  if (record?.workflowId !== workflowId)
    throw new NoticeRefused(
      `${reference} has no email ${mailId.slice(0, 12)} on record, so it cannot be answered. Nothing was sent. Use an id that "ace-onboarding show ${reference}" lists.`,
    );
  const { mail } = record;
  const fromCbp = config.trust.fromDomains.some(
    (domain) => domain.toLowerCase() === mail.from.slice(mail.from.lastIndexOf('@') + 1).toLowerCase(),
  );
  if (fromCbp !== (audienceOf(template) === 'cbp')) return undefined;
  const isProven = fromCbp && mail.authenticity.verdict === 'authentic';
  const raw = await documentIfKept(archive, mail.documentSha256);
  // Only the headers: no one's body may keep this process busy.
  const message = raw && parseHeadersOnly(raw);
  return {
    subject: mail.subject,
    ...(message ? { messageId: usable([message.messageId ?? ''])[0] } : {}),
    references: usable(message?.references.length ? message.references : (message?.inReplyTo ?? [])).slice(
      -MAX_REFERENCES,
    ),
    ...(isProven ? { replyTo: mail.from } : {}),
  };
}

/** Long threads cut the middle; ours keep the latest. */
const MAX_REFERENCES = 20;

/** Our latest application that CBP got, or may have got. CBP knows it by the Message-ID that our mail server gave it. */
async function lastApplication(archive: Archive, workflowId: string): Promise<Answered | undefined> {
  let last: { order: number; messageId: string; documentSha256: string } | undefined;
  for await (const { record } of recordsBelow(archive, `case-mails/${workflowId}/`, caseMails)) {
    const [, a, t] = /^application\/(\d+)\/(\d+)$/.exec(record.sent?.purpose ?? '') ?? [];
    if (!record.sent || !a || !t) continue;
    const { messageId } = record.sent;
    if (!(await read(archive, sendResults, messageId)) && !(await read(archive, sends, messageId))) continue;
    // An attempt has at most a few transmissions.
    const order = Number(a) * 1_000 + Number(t);
    if (!last || order > last.order) last = { order, messageId, documentSha256: record.documentSha256 };
  }
  if (!last) return undefined;
  const raw = await documentIfKept(archive, last.documentSha256);
  const result = await read(archive, sendResults, last.messageId);
  return {
    subject: raw ? (await parseMessage(raw)).subject : '',
    messageId: result?.serverMessageId ?? last.messageId,
    references: [],
  };
}

/**
 * `Re: ` and the thread's subject. Parts with a tax number are left out, even if CBP repeats ours: mail servers log subjects.
 * Undefined if nothing is left.
 */
export function threadSubject(subject: string, ticket?: string): string | undefined {
  const kept = subject
    .split(PART)
    .filter((part) => !looksLikeTaxNumber(part) && /[\p{L}\p{N}]/u.test(part))
    .join(' - ')
    .trim();
  if (kept.replace(PREFIXES, '').trim() === '') return undefined;
  const reply = /^re\s?:/i.test(kept) ? kept : `Re: ${kept}`;
  return ticket && !reply.includes(ticket) ? `${reply} - ${ticket}` : reply;
}
const PART = /\s+[-–—|]\s+/;
const PREFIXES = /^(?:(?:re|fwd?)\s?:\s*)+/i;

/** Message-IDs that any mail server passes on unchanged. */
function usable(ids: readonly string[]): string[] {
  return ids.filter((id) => /^[!-;=?-~]{1,250}$/.test(id));
}

async function formFor(archive: Archive, notice: Notice): Promise<{ sha256: string; content: Uint8Array } | undefined> {
  const sha256 = fact(notice, 'formSha256');
  if (audienceOf(notice.template) !== 'cbp' || fact(notice, 'attachForm') !== 'yes' || !sha256) return undefined;
  return { sha256, content: await archive.getDocument(sha256) };
}

function fact({ facts }: Notice, name: string): string | undefined {
  const value = facts[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

async function documentIfKept(archive: Archive, sha256: string): Promise<Uint8Array | undefined> {
  try {
    return await archive.getDocument(sha256);
  } catch (error) {
    if (error instanceof ArchiveError && error.code === 'document-missing') return undefined;
    throw error;
  }
}
