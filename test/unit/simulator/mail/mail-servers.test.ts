import { once } from 'node:events';
import { createConnection } from 'node:net';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MailServers, openMailServers } from '../../../../simulator/mail/mail-servers.js';

const BROKER = 'ace@clearit.example';
let servers: MailServers;
beforeEach(async () => {
  servers = await openMailServers({ broker: BROKER });
});
afterEach(() => servers.close());

describe('the simulated mail servers', () => {
  it('accept a message to CBP with a blind copy, and the copy in the inbox keeps its headers', async () => {
    await transport().sendMail({
      envelope: { from: BROKER, to: ['ACE.Applications@cbp.dhs.gov', BROKER] },
      raw: message({ 'Message-ID': '<a1@clearit.example>', Subject: 'Application' }),
    });
    expect(servers.delivered.map(({ to, from }) => ({ to, from }))).toEqual([
      { to: 'ace.applications@cbp.dhs.gov', from: BROKER },
    ]);
    const [copy] = servers.brokerFolder('INBOX');
    expect(copy?.toString()).toMatch(/^Return-Path: <ace@clearit\.example>\r\nDelivered-To: ace@clearit\.example\r\n/);
    expect(copy?.toString()).toContain('Message-ID: <a1@clearit.example>');
  });

  it("deliver the broker's plus addresses to its mailbox, but not similar addresses of strangers", () => {
    for (const to of ['ace+k7q2@clearit.example', 'ACE@Clearit.example', 'aces@clearit.example', 'ace@other.example'])
      servers.send({ raw: message({}), from: 'x@y.example', to: [to] });
    expect(servers.brokerFolder('INBOX')).toHaveLength(2);
    expect(servers.delivered.map(({ to }) => to)).toEqual(['aces@clearit.example', 'ace@other.example']);
  });

  it('keep nothing of a message whose sender dies during DATA', async () => {
    const socket = createConnection(servers.smtp.port, servers.host);
    await say(socket, undefined, 220);
    await say(socket, 'EHLO me', 250);
    await say(socket, 'MAIL FROM:<ace@clearit.example>', 250);
    await say(socket, 'RCPT TO:<a@b.example>', 250);
    await say(socket, 'DATA', 354);
    socket.write('Subject: half\r\n\r\nThe first half');
    socket.resetAndDestroy();
    await once(socket, 'close');
    await transport().sendMail({ from: BROKER, to: 'a@b.example', subject: 'whole', text: 'x' });
    expect(servers.delivered.map(({ raw }) => /Subject: (\w+)/.exec(raw.toString())?.[1])).toEqual(['whole']);
  });

  it.each([
    ['keep-and-cut', 1],
    ['lose-and-cut', 0],
  ] as const)('%s: the sender gets no answer, and %i message is there', async (answer, kept) => {
    servers.behave(() => answer);
    await expect(transport().sendMail({ from: BROKER, to: 'a@b.example', text: 'x' })).rejects.toThrow();
    expect(servers.delivered).toHaveLength(kept);
  });

  it('refuse messages as configured', async () => {
    servers.behave(() => ({ code: 550, message: 'No such mailbox' }));
    await expect(transport().sendMail({ from: BROKER, to: 'a@b.example', text: 'x' })).rejects.toMatchObject({
      responseCode: 550,
    });
  });

  it('wake an idling client, return every byte, and move messages between folders', async () => {
    const raw = Buffer.concat([message({ Subject: 'bytes' }), Buffer.from([0xc3, 0xa9, 0x80, 0xff, 0x0d, 0x0a])]);
    const client = await imapClient();
    try {
      await client.mailboxOpen('INBOX');
      const arrived = once(client, 'exists');
      void client.idle();
      servers.deliver(raw);
      await arrived;
      const fetched = await client.fetchOne('*', { source: true, uid: true });
      if (!fetched) throw new Error('nothing fetched');
      expect(fetched.source?.equals(raw)).toBe(true);
      await client.messageMove(String(fetched.uid), 'Processed', { uid: true });
      expect(servers.brokerFolder('INBOX')).toHaveLength(0);
      expect(servers.brokerFolder('Processed')[0]?.equals(raw)).toBe(true);
      const mailbox = client.mailbox;
      if (!mailbox) throw new Error('no mailbox');
      expect(Number(mailbox.uidValidity)).toBeGreaterThan(1_700_000_000);
    } finally {
      await client.logout();
    }
  });

  it('answer thirty commands in well under a second', async () => {
    const client = await imapClient();
    try {
      const started = performance.now();
      for (let i = 0; i < 30; i++) await client.noop();
      expect(performance.now() - started).toBeLessThan(900);
    } finally {
      await client.logout();
    }
  });
});

function transport() {
  return createTransport({ host: servers.host, port: servers.smtp.port, ignoreTLS: true });
}

async function imapClient(): Promise<ImapFlow> {
  const { port, user, password } = servers.imap;
  const client = new ImapFlow({
    host: servers.host,
    port,
    secure: false,
    auth: { user, pass: password },
    logger: false,
    disableAutoIdle: true,
  });
  await client.connect();
  return client;
}

function message(headers: Record<string, string>): Buffer {
  const all = { From: BROKER, To: 'ACE.Applications@cbp.dhs.gov', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\nBody\r\n`);
}

async function say(socket: ReturnType<typeof createConnection>, line: string | undefined, expected: number) {
  if (line !== undefined) socket.write(`${line}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(new RegExp(`^${expected}`));
}
