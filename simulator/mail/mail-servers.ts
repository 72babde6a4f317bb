import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type ImapServer, openImapServer } from './imap-server.js';

/**
 * The rehearsal's mail, in one process and in memory: the broker's mailbox behind SMTP and IMAP, and a plain mailbox for
 * every other address, which the simulated people and CBP read.
 */
export interface MailServers {
  host: '127.0.0.1';
  smtp: { port: number };
  imap: Pick<ImapServer, 'port' | 'user' | 'password'>;
  /** Delivers a message from an outside mail server to the broker's inbox or the other mailboxes. */
  send(mail: { raw: Buffer; from: string; to: string[] }): void;
  /** Puts a message into the broker's INBOX unchanged, without trace headers. */
  deliver(raw: Buffer): void;
  /** Every message to addresses other than the broker's, in order, one entry per recipient. */
  readonly delivered: readonly DeliveredMail[];
  /** Calls back for each message to an address other than the broker's, including earlier ones. */
  onMail(listener: (mail: DeliveredMail) => void): void;
  /** The messages in a folder of the broker's mailbox: `INBOX`, `Processed` or `Review`. */
  brokerFolder(folder: string): Buffer[];
  /** What the SMTP server does with the next messages; undefined: it accepts them. */
  behave(behaviour: SmtpBehaviour | undefined): void;
  /** Drops every IMAP session. */
  dropImapSessions(): void;
  close(): Promise<void>;
}

export interface DeliveredMail {
  at: Date;
  /** Envelope sender. */
  from: string;
  /** Envelope recipient, lower case. */
  to: string;
  raw: Buffer;
}

/** Called when a message is complete, before the server answers. */
export type SmtpBehaviour = (mail: { from: string; to: string[]; raw: Buffer }) => SmtpAnswer;
export type SmtpAnswer =
  | 'accept'
  /** Keeps the message and drops the connection without an answer, so the sender cannot know. */
  | 'keep-and-cut'
  /** Loses the message and drops the connection. To the sender it looks the same. */
  | 'lose-and-cut'
  | { code: number; message: string };

export interface MailServersOptions {
  /** The watched mailbox, such as `ace@broker.example`. It also gets its plus addresses. */
  broker: string;
  smtpPort?: number;
  imapPort?: number;
}

const HOST = '127.0.0.1';

export async function openMailServers(options: MailServersOptions): Promise<MailServers> {
  const imap = await openImapServer(options.imapPort === undefined ? {} : { port: options.imapPort });
  const isBroker = mailboxTest(options.broker);
  const delivered: DeliveredMail[] = [];
  const listeners: ((mail: DeliveredMail) => void)[] = [];
  let behaviour: SmtpBehaviour | undefined;

  const route: MailServers['send'] = ({ raw, from, to }) => {
    const at = new Date();
    for (const recipient of to) {
      if (isBroker(recipient)) {
        imap.append('INBOX', withTrace(raw, { from, recipient, at }));
        continue;
      }
      const mail = { at, from, to: recipient.toLowerCase(), raw };
      delivered.push(mail);
      for (const listener of listeners) listener(mail);
    }
  };

  const smtp = new SMTPServer({
    name: 'mail.simulated.example',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: 35 * 1024 * 1024,
    onData(stream, session, answer) {
      const envelope = envelopeOf(session);
      void receiveWhole(stream).then((raw) => {
        if (stream.sizeExceeded) return answer(refusal(552, 'Message exceeds fixed maximum message size'));
        const verdict = behaviour?.({ ...envelope, raw }) ?? 'accept';
        if (typeof verdict === 'object') return answer(refusal(verdict.code, verdict.message));
        if (verdict !== 'lose-and-cut') route({ ...envelope, raw });
        if (verdict === 'accept') return answer(null);
        cut(smtp, session.id);
      }, answer);
    },
  });
  // A killed client resets its connection, which must not end the server.
  smtp.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    smtp.server.once('error', reject);
    smtp.listen(options.smtpPort ?? 0, HOST, () => {
      smtp.server.off('error', reject);
      resolve();
    });
  });
  const address = smtp.server.address();

  return {
    host: HOST,
    smtp: { port: typeof address === 'object' && address ? address.port : 0 },
    imap,
    send: route,
    deliver: (raw) => imap.append('INBOX', raw),
    delivered,
    onMail(listener) {
      for (const mail of delivered) listener(mail);
      listeners.push(listener);
    },
    brokerFolder: (folder) => imap.messages(folder),
    behave(next) {
      behaviour = next;
    },
    dropImapSessions: () => imap.dropSessions(),
    async close() {
      const closed = new Promise<void>((resolve) => smtp.close(() => resolve()));
      for (const connection of smtp.connections) socketOf(connection)?.destroy();
      await Promise.all([closed, imap.close()]);
    },
  };
}

/** Whether an address is a mailbox or a plus address of it. */
function mailboxTest(mailbox: string): (address: string) => boolean {
  const [local = '', domain = ''] = mailbox.toLowerCase().split('@');
  return (address) => {
    const [user = '', host = ''] = address.toLowerCase().split('@');
    return host === domain && (user === local || user.startsWith(`${local}+`));
  };
}

/** The headers that a border server adds on top. They differ with every delivery of the same message. */
function withTrace(raw: Buffer, trace: { from: string; recipient: string; at: Date }): Buffer {
  const id = Math.random().toString(36).slice(2, 12);
  const headers = [
    `Return-Path: <${trace.from}>`,
    `Delivered-To: ${trace.recipient}`,
    `Received: from mail.simulated.example (localhost [127.0.0.1]) by mx.broker.example with ESMTP id ${id} for <${trace.recipient}>; ${trace.at.toUTCString().replace('GMT', '+0000')}`,
  ];
  return Buffer.concat([Buffer.from(`${headers.join('\r\n')}\r\n`), raw]);
}

/** The complete message. A connection that breaks before the final dot leaves nothing. */
async function receiveWhole(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function envelopeOf(session: SMTPServerSession): { from: string; to: string[] } {
  const { mailFrom, rcptTo } = session.envelope;
  return { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
}

function refusal(code: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode: code });
}

function cut(smtp: SMTPServer, sessionId: string): void {
  for (const connection of smtp.connections) {
    const { session } = connection as { session?: { id?: string } };
    if (session?.id === sessionId) socketOf(connection)?.destroy();
  }
}

/** smtp-server keeps a connection's socket in `_socket`, and has no public way to break a connection. */
function socketOf(connection: unknown): { destroy(): void } | undefined {
  return (connection as { _socket?: { destroy(): void } })._socket;
}
