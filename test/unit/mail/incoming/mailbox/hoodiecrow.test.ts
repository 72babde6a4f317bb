import { afterEach, describe, expect, test, vi } from 'vitest';
import { type ImapServer, openImapServer } from '../../../../../simulator/mail/imap-server.js';
import { createMailReceiver } from '../../../../../src/activities/receive-mail.js';
import { type ImapSettings, openImapSession } from '../../../../../src/mail/incoming/mailbox/imap-session.js';
import { FolderSweep } from '../../../../../src/mail/incoming/mailbox/sweep-folder.js';
import { headerJudge } from '../../../../support/header-judge.mjs';
import { MemoryArchive } from '../../../../support/memory-archive.js';

describe('the simulated mailbox of the demo', () => {
  const life = new AbortController();
  let server: ImapServer;
  afterEach(async () => {
    life.abort();
    await server.close();
  });

  test('is read, signals new mail and is sorted like a real one, each message in full', async () => {
    server = await openImapServer();
    const settings: ImapSettings = {
      host: '127.0.0.1',
      port: server.port,
      security: 'none',
      user: server.user,
      credentials: async () => ({ password: server.password }),
      inbox: 'INBOX',
      processed: 'Processed',
      review: 'Review',
      sweepSeconds: 60,
    };
    const signalled: string[] = [];
    const archive = new MemoryArchive();
    const sweep = new FolderSweep(
      createMailReceiver({
        archive,
        judge: headerJudge(),
        patience: { unmatchedMs: 0, ownCopyMs: 0 },
        signal: async (workflowId) => {
          signalled.push(workflowId);
          return 'delivered';
        },
      }),
    );
    const session = await openImapSession(settings, life.signal);
    const sweepOnce = () =>
      sweep.sweep(session, { mailbox: 'main', folder: 'INBOX', processed: 'Processed', review: 'Review' });
    const mails = Array.from({ length: 5 }, (_, i) =>
      Buffer.from(`Subject: ${i}\r\nX-For: onboarding-${i}\r\n\r\n${'é'.repeat(i * 2_000)}end ${i}\r\n`),
    );
    for (const mail of mails) server.append('INBOX', mail);
    server.append('INBOX', Buffer.from('Subject: whose?\r\n\r\nhello\r\n'));

    expect(await sweepOnce()).toMatchObject({ signalled: 5, reviewed: 1 });
    expect(signalled.sort()).toEqual(mails.map((_, i) => `onboarding-${i}`));
    expect(server.messages('INBOX')).toEqual([]);
    expect(server.messages('Review')).toHaveLength(1);
    const archived = [...archive.documents.values()].map((bytes) => bytes.length).sort((a, b) => b - a);
    expect(archived.slice(0, 5)).toEqual(mails.map((mail) => mail.length).sort((a, b) => b - a));

    const rung = session.waitForMail(10_000);
    server.append('INBOX', Buffer.from('Subject: late\r\nX-For: onboarding-late\r\n\r\nlate\r\n'));
    await rung;
    await vi.waitFor(async () => expect(await sweepOnce()).toMatchObject({ signalled: 1 }), { timeout: 3_000 });

    server.dropSessions();
    await session.waitForMail(10_000);
    expect(session.ended).toBeDefined();
  });
});
