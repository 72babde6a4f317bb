import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { type DotFault, startDotProxy } from '../../chaos/world/dot-proxy.js';

/** Sends one email through the proxy. */
async function sendThrough(
  fault: DotFault | undefined,
  { text = 'Hello.\r\n.a line with a dot\r\n', refuse = false } = {},
) {
  const received: string[] = [];
  const happened: string[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    async onData(stream, _, answer) {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        if (refuse) return answer(new Error('full'));
        received.push(Buffer.concat(chunks).toString());
        answer();
      } catch {
        // Broken off before the final dot.
      }
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const proxy = await startDotProxy({
    target: (server.server.address() as AddressInfo).port,
    faultFor: ({ recipients }) => (recipients.includes('desk@cbp.example') ? fault : undefined),
    kill: () => happened.push('killed'),
    onFault: (what) => happened.push(`${what}, ${received.length} accepted`),
    onMissed: (what) => happened.push(`${what} missed`),
  });
  onTestFinished(() => proxy.close());
  const transport = createTransport({ host: '127.0.0.1', port: proxy.port, ignoreTLS: true });
  const sent = await transport.sendMail({ from: 'a@broker.example', to: 'Desk@cbp.example', text }).then(
    () => 'accepted',
    () => 'broken',
  );
  return { sent, received, happened };
}

test('without a fault, an email passes unchanged', async () => {
  const { sent, received, happened } = await sendThrough(undefined, { text: `${'x'.repeat(200_000)}\r\n.\r\nend` });
  expect({ sent, happened }).toEqual({ sent: 'accepted', happened: [] });
  expect(received[0]).toMatch(/\r\n\.\r\nend\r\n$/);
});

test.each<[DotFault, string[], number]>([
  ['lost', ['lost, 0 accepted'], 0],
  ['killed-before', ['killed', 'killed-before, 0 accepted'], 0],
  ['unanswered', ['unanswered, 1 accepted'], 1],
  ['killed-after', ['killed-after, 1 accepted', 'killed'], 1],
])('with "%s" the sender gets no answer', async (fault, happened, accepted) => {
  const run = await sendThrough(fault);
  expect(run).toMatchObject({ sent: 'broken', happened });
  expect(run.received).toHaveLength(accepted);
});

test('a fault that needs an accepted email is missed when the server refuses it', async () => {
  const run = await sendThrough('unanswered', { refuse: true });
  expect(run).toMatchObject({ sent: 'broken', received: [], happened: ['unanswered missed'] });
});
