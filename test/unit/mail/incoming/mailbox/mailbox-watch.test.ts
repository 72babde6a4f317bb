import { expect, onTestFinished, test } from 'vitest';
import { openImapServer } from '../../../../../simulator/mail/imap-server.js';
import { IMAP_PATIENCE } from '../../../../../src/mail/incoming/mailbox/imap-session.js';
import { MailboxWatch, type WatchOptions } from '../../../../../src/mail/incoming/mailbox/mailbox-watch.js';
import type { SweepReport } from '../../../../../src/mail/incoming/mailbox/sweep-folder.js';

const NOTHING = { blocked: 0, blockedBy: [] as string[] };

async function watching(change: Pick<WatchOptions, 'sweepOf' | 'afterSweep'> & Partial<WatchOptions>) {
  const server = await openImapServer({ folders: ['Processed', 'Review', 'Junk'] });
  onTestFinished(() => server.close());
  return new MailboxWatch({
    settings: {
      ...{ host: '127.0.0.1', port: server.port, security: 'none', user: server.user },
      credentials: async () => ({ password: server.password }),
      ...{ inbox: 'INBOX', processed: 'Processed', review: 'Review', junk: 'Junk', sweepSeconds: 60 },
    },
    ...{ mailbox: 'main', imapPatience: IMAP_PATIENCE, junkMs: 0, junkUnread: false },
    ...{ progress() {}, signal: new AbortController().signal, afterFailure: async () => {} },
    ...change,
  });
}

test('sweeps that cannot be recorded count as failures in a row, so each login waits longer than the last', async () => {
  const stopped = new AbortController();
  const counted: number[] = [];
  const watch = await watching({
    signal: stopped.signal,
    sweepOf: () => ({ sweep: async () => NOTHING }) as never,
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

test('email that is blocked in the junk folder is reported with what is blocked in the inbox', async () => {
  const stopped = new AbortController();
  const reports: SweepReport[] = [];
  const watch = await watching({
    signal: stopped.signal,
    sweepOf: (folder) =>
      ({
        sweep: async () => ({ ...NOTHING, blocked: 1, blockedBy: folder === 'INBOX' ? ['key'] : ['key', 'record'] }),
      }) as never,
    async afterSweep(found) {
      reports.push(found);
      stopped.abort(new Error('enough'));
    },
  });
  await expect(watch.run(Date.now() + 60_000)).rejects.toThrow('enough');
  expect(reports).toMatchObject([{ blocked: 2, blockedBy: ['key', 'record'] }]);
});
