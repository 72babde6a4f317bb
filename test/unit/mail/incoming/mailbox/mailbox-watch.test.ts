import { expect, onTestFinished, test } from 'vitest';
import { openImapServer } from '../../../../../simulator/mail/imap-server.js';
import { IMAP_PATIENCE } from '../../../../../src/mail/incoming/mailbox/imap-session.js';
import { MailboxWatch } from '../../../../../src/mail/incoming/mailbox/mailbox-watch.js';

test('sweeps that cannot be recorded count as failures in a row, so each login waits longer than the last', async () => {
  const server = await openImapServer();
  onTestFinished(() => server.close());
  const stopped = new AbortController();
  const counted: number[] = [];
  const watch = new MailboxWatch({
    settings: {
      ...{ host: '127.0.0.1', port: server.port, security: 'none', user: server.user },
      credentials: async () => ({ password: server.password }),
      ...{ inbox: 'INBOX', processed: 'Processed', review: 'Review', sweepSeconds: 60 },
    },
    ...{ mailbox: 'main', imapPatience: IMAP_PATIENCE, junkMs: 0, junkUnread: false },
    ...{ progress() {}, signal: stopped.signal },
    sweepOf: () => ({ sweep: async () => ({}) }) as never,
    async afterSweep() {
      throw new Error('The archive cannot be reached.');
    },
    async afterFailure(failure, failures) {
      counted.push(failures);
      failure.waitMs = 0;
      if (counted.length === 3) stopped.abort(new Error('enough'));
    },
  });
  await expect(watch.run(Date.now() + 60_000)).rejects.toThrow('enough');
  expect(counted).toEqual([1, 2, 3]);
});
