import { setTimeout as delay } from 'node:timers/promises';
import type { Archive } from '../../archive/archive.js';
import { read, sendResults, sends } from '../../archive/records.js';
import type { Config } from '../../config/config.js';
import { MAIL_NAME_HEADER, nameInMessageId } from './message-id.js';
import { type Login, secretOf } from './token-provider.js';

/** A copy of our email in a place where only our own mail server can have put it. */
export interface SentCopy {
  /** When the server filed it, ISO instant. */
  at: string;
  /** The copy's Message-ID, without brackets: the server's own if it replaced ours. */
  messageId?: string;
}

/**
 * Looks for the copy of an email in the sent folder.
 * @param mail the email, and the earliest time it can be there
 */
export type FindSentCopy = (mail: {
  messageId: string;
  name: string;
  since: Date;
}) => Promise<SentCopy | 'no-sent-folder' | undefined>;

/**
 * Finds out what happened to an email that was claimed and never confirmed: a copy in the sent folder proves that the
 * server accepted it. If there is no copy, the outcome stays unknown, because its absence proves nothing.
 * @param lookAfterMs how long to wait before each look: mail hosts file the copy a few seconds later
 * @returns whether a copy was found; if so, the result is on record
 */
export async function reconcile(
  archive: Archive,
  messageId: string,
  findSentCopy: FindSentCopy,
  lookAfterMs: readonly number[],
): Promise<boolean> {
  const claim = await read(archive, sends, messageId);
  if (!claim) return false;
  for (const pause of lookAfterMs) {
    await delay(pause);
    const copy = await findSentCopy({
      messageId,
      name: nameInMessageId(messageId),
      since: new Date(claim.claimedAt),
    });
    if (copy === 'no-sent-folder') return false;
    if (!copy) continue;
    await archive.createRecord(sendResults.key(messageId), {
      messageId,
      acceptedAt: copy.at,
      source: 'sent-folder',
      ...(copy.messageId !== undefined && copy.messageId !== messageId ? { serverMessageId: copy.messageId } : {}),
    });
    return true;
  }
  return false;
}

/** Servers' clocks differ, and IMAP searches by whole days. */
const DAY_MS = 86_400_000;
/** The newest of a busy day are enough: we check a claim without a result within minutes. */
const MAX_COPIES = 1_000;
const SENT_NAMES = /^(.*[./])?(sent|sent items|sent mail|sent messages|gesendet|envoyés)$/i;
const NAMING_HEADERS = ['message-id', 'x-microsoft-original-message-id', MAIL_NAME_HEADER.toLowerCase()];

/**
 * Looks in the sent folder over IMAP. It compares headers itself, because not every server can search custom headers.
 * Finds nothing if the mail host files no copies.
 */
export function sentFolderOver(imap: Config['imap'], login: () => Login): FindSentCopy {
  return async ({ messageId, name, since }) => {
    const access = login();
    const secret = await secretOf(access);
    // Loaded only when an outcome is in doubt, which is rare.
    const { ImapFlow } = await import('imapflow');
    const client = new ImapFlow({
      host: imap.host,
      port: imap.port,
      secure: imap.security === 'tls',
      doSTARTTLS: imap.security === 'starttls',
      auth: 'password' in secret ? { user: access.user, pass: secret.password } : { user: access.user, ...secret },
      logger: false,
      connectionTimeout: 15_000,
      greetingTimeout: 15_000,
      socketTimeout: 60_000,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const folders = await client.list();
      const sent =
        folders.find((folder) => folder.specialUse === '\\Sent') ?? folders.find(({ path }) => SENT_NAMES.test(path));
      if (!sent) return 'no-sent-folder';
      await client.mailboxOpen(sent.path, { readOnly: true });
      const found = await client.search({ since: new Date(since.getTime() - DAY_MS) }, { uid: true });
      const newest = (found || []).slice(-MAX_COPIES);
      if (newest.length === 0) return undefined;
      const wanted = { uid: true, internalDate: true, headers: NAMING_HEADERS };
      for (const message of await client.fetchAll(newest.join(','), wanted, { uid: true })) {
        const headers = message.headers?.toString('latin1') ?? '';
        if (!headers.includes(messageId) && !headers.includes(name)) continue;
        const carried = /^message-id:\s*<([^>\s]+)>/im.exec(headers)?.[1];
        return {
          at: new Date(message.internalDate ?? Date.now()).toISOString(),
          ...(carried ? { messageId: carried } : {}),
        };
      }
      return undefined;
    } finally {
      client.close();
    }
  };
}
