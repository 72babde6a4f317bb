import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Dovecot } from './dovecot.js';

/** A message that passed through the hop, with its envelope. */
export interface Hopped {
  from: string;
  to: string[];
  raw: Buffer;
}

/** An SMTP server on loopback in front of a Dovecot, without queue or retries. */
export interface SmtpHop {
  port: number;
  /** Everything it accepted, in order. */
  readonly taken: Hopped[];
  close(): Promise<void>;
}

/**
 * Accepts email from anyone. Email for the watched mailbox goes through Dovecot's delivery agent before the sender gets an
 * answer. Everything else counts as sent to the outside, and is passed to `elsewhere`.
 */
export async function startSmtpHop(
  dovecot: Dovecot,
  isOurs: (address: string) => boolean,
  elsewhere: (message: Hopped) => void = () => {},
): Promise<SmtpHop> {
  const taken: Hopped[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const message = {
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks),
        };
        deliver(message).then(
          () => done(),
          (error: Error) => done(error),
        );
      });
    },
  });

  async function deliver(message: Hopped): Promise<void> {
    for (const to of message.to.filter(isOurs)) {
      const head = Buffer.from(`Return-Path: <${message.from}>\r\nDelivered-To: ${to}\r\n`);
      await dovecot.deliver(Buffer.concat([head, message.raw]));
    }
    taken.push(message);
    if (message.to.some((to) => !isOurs(to))) elsewhere(message);
  }

  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
