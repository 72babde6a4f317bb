import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveredMail, MailServers } from '../../../simulator/mail/mail-servers.js';
import type { Dovecot } from '../../support/dovecot.js';
import type { OpenSmtpd } from '../../support/opensmtpd.js';

/** The Dovecot's users: the broker's watched mailbox is `ace`. */
export const CBP_USER = 'cbp';
/** Gets everything that is neither for CBP nor for the watched mailbox: account owners, operations. */
export const OTHERS_USER = 'others';

/** The world's mail for the simulated people: they send through the real mail server and read real mailboxes. */
export type PeoplesMail = Pick<MailServers, 'send' | 'onMail'>;

export interface Mailboxes extends PeoplesMail {
  /** Emails for the broker that the mail server has accepted from people, by CBP's or the client's own Message-ID. */
  readonly sent: ReadonlySet<string>;
  /** How many are on their way to the mail server. */
  sending(): number;
  stop(): Promise<void>;
}

const LOOK_MS = 250;
const RESEND_MS = 300;

export function openMailboxes(dovecot: Dovecot, smtpd: OpenSmtpd): Mailboxes {
  const listeners: ((mail: DeliveredMail) => void)[] = [];
  const delivered: DeliveredMail[] = [];
  const sent = new Set<string>();
  const seen = new Set<string>();
  const stopped = new AbortController();
  let underway = 0;

  const look = async () => {
    for (const user of [CBP_USER, OTHERS_USER])
      for (const raw of await newMessages(dovecot, user, seen)) {
        const mail = { at: new Date(), from: headerOf(raw, 'Return-Path'), to: headerOf(raw, 'Delivered-To'), raw };
        delivered.push(mail);
        for (const listener of listeners) listener(mail);
      }
  };
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      await look();
      await delay(LOOK_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();

  /** As a mail server does: again and again until it is accepted. */
  const sendUntilAccepted = async (raw: Buffer, from: string, to: string[]) => {
    while (!stopped.signal.aborted) {
      try {
        await smtpd.send(raw, to, from);
        sent.add(messageIdOf(raw));
        return;
      } catch {
        await delay(RESEND_MS);
      }
    }
  };

  return {
    sent,
    sending: () => underway,
    send({ raw, from, to }) {
      underway += 1;
      void sendUntilAccepted(raw, from, to).finally(() => {
        underway -= 1;
      });
    },
    onMail(listener) {
      for (const mail of delivered) listener(mail);
      listeners.push(listener);
    },
    async stop() {
      stopped.abort();
      await looking;
    },
  };
}

async function newMessages(dovecot: Dovecot, user: string, seen: Set<string>): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (const folder of ['new', 'cur']) {
    const at = path.join(dovecot.dir, 'mail', user, folder);
    for (const file of await readdir(at).catch(() => [])) {
      const id = `${user}/${file.split(':')[0]}`;
      if (seen.has(id)) continue;
      seen.add(id);
      found.push(await readFile(path.join(at, file)));
    }
  }
  return found;
}

/** The server's own id of a message, from the header that it put on top. */
export function serverIdOf(raw: Buffer): string {
  return (
    /^\tby \S+ \(OpenSMTPD\) with E?SMTP id ([0-9a-f]{8})/m.exec(raw.subarray(0, 2_000).toString('latin1'))?.[1] ?? ''
  );
}

export function messageIdOf(raw: Buffer): string {
  return headerOf(raw, 'Message-ID');
}

/** Without angle brackets, and lower case if it is an address. */
export function headerOf(raw: Buffer, name: string): string {
  const head = raw.toString('latin1').split(/\r?\n\r?\n/, 1)[0] ?? '';
  const value = new RegExp(`^${name}:[ \\t]*(?:\\r?\\n[ \\t]+)?(.*)$`, 'im').exec(head)?.[1]?.trim() ?? '';
  return value.replace(/^<|>$/g, '').toLowerCase();
}
