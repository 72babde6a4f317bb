import { ImapFlow } from 'imapflow';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createMailReceiver } from '../../src/activities/receive-mail.js';
import { openImapSession } from '../../src/mail/incoming/mailbox/imap-session.js';
import { FolderSweep, type SweepReport } from '../../src/mail/incoming/mailbox/sweep-folder.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../support/dovecot.js';
import { headerJudge } from '../support/header-judge.mjs';
import { MemoryArchive } from '../support/memory-archive.js';
import { type Meddling, startTcpProxy } from '../support/tcp-proxy.js';

const BASE = 'IMAP4rev1 SASL-IR LITERAL+ IDLE';
const mail = (number: number) => `Subject: mail ${number}\nX-For: onboarding-${number}\n\nApproved.\n`;
/** The tag of a command of this kind. */
const tagOf = (said: string, command: RegExp) => (command.test(said) ? said.split(' ', 1)[0] : undefined);
const STORE = /^\S+ UID STORE /m;

describe.skipIf(dovecotIsMissing()).each([
  { name: 'without MOVE', capability: `${BASE} UIDPLUS` },
  { name: 'without MOVE and UIDPLUS', capability: BASE },
])('a mail server $name', ({ capability }) => {
  const life = new AbortController();
  const archive = new MemoryArchive();
  let dovecot: Dovecot;
  beforeEach(async () => {
    dovecot = await startDovecot({ capability });
  });
  afterEach(() => dovecot.stop());

  /** Each sweep by a worker of its own, which remembers nothing. */
  async function sweepOnce(meddling: Meddling = {}): Promise<SweepReport> {
    const proxy = await startTcpProxy(dovecot.port, meddling);
    const session = await openImapSession(dovecot.settings({ port: proxy.port }), life.signal);
    try {
      const receiver = createMailReceiver({
        archive,
        judge: headerJudge(),
        patience: { unmatchedMs: 0, ownCopyMs: 0 },
        signal: async () => 'delivered',
      });
      return await new FolderSweep(receiver).sweep(session, {
        mailbox: 'main',
        folder: 'INBOX',
        processed: 'Processed',
        review: 'Review',
      });
    } finally {
      session.close();
      await proxy.close();
    }
  }

  const inFolders = async () => ({
    inbox: (await dovecot.messagesIn('INBOX')).length,
    processed: (await dovecot.messagesIn('Processed')).length,
  });

  test('moves emails, even two that differ in one letter', async () => {
    await dovecot.drop(mail(1));
    await dovecot.drop(mail(2));
    expect(await sweepOnce()).toMatchObject({ signalled: 2, unmovable: 0, flagged: 0 });
    await dovecot.drop(mail(1).replace('Approved', 'Approvet'));
    expect(await sweepOnce()).toMatchObject({ signalled: 1, unmovable: 0, flagged: 0 });
    expect(await inFolders()).toEqual({ inbox: 0, processed: 3 });
  });

  test('that refuses STORE after COPY gets no second copy, however many sweeps there are', async () => {
    await dovecot.drop(mail(1));
    await dovecot.drop(mail(2));
    const refusing: Meddling = {
      toServer: (said, answer) => {
        const tag = tagOf(said, STORE);
        if (tag) answer(`${tag} NO you may not\r\n`);
        return tag ? undefined : said;
      },
    };
    for (let sweep = 1; sweep <= 3; sweep += 1) expect(await sweepOnce(refusing)).toMatchObject({ unmovable: 2 });
    expect(await inFolders()).toEqual({ inbox: 2, processed: 2 });
    expect(await sweepOnce()).toMatchObject({ unmovable: 0 });
    expect(await inFolders()).toEqual({ inbox: 0, processed: 2 });
  });

  test('that says OK to STORE but flags nothing is known not to have moved the email', async () => {
    await dovecot.drop(mail(1));
    const pretending: Meddling = {
      toServer: (said, answer) => {
        const tag = tagOf(said, STORE);
        if (tag) answer(`${tag} OK done\r\n`);
        return tag ? undefined : said;
      },
    };
    expect(await sweepOnce(pretending)).toMatchObject({ unmovable: 1 });
    expect(await sweepOnce(pretending)).toMatchObject({ unmovable: 1 });
    expect(await inFolders()).toEqual({ inbox: 1, processed: 1 });
  });

  test.each([
    ['STORE', STORE],
    ['EXPUNGE', /^\S+ (UID )?EXPUNGE/m],
  ])('whose connection ends before %s has one copy and an empty inbox after the next sweep', async (_, command) => {
    await dovecot.drop(mail(1));
    const cutting = await startTcpProxy(dovecot.port, {
      toServer: (said) => {
        if (!command.test(said)) return said;
        cutting.cut();
        return undefined;
      },
    });
    onTestFinished(() => cutting.close());
    const session = await openImapSession(dovecot.settings({ port: cutting.port }), life.signal);
    await session.open('INBOX');
    expect(await session.move(await session.uids(), 'Processed').catch(() => false)).toBe(false);
    expect(await inFolders()).toEqual({ inbox: 1, processed: 1 });
    expect(await sweepOnce()).toMatchObject({ unmovable: 0, flagged: 0 });
    expect(await inFolders()).toEqual({ inbox: 0, processed: 1 });
  });

  test('never expunges what someone else flagged as deleted', async () => {
    const alone = capability.includes('UIDPLUS');
    await dovecot.drop('Subject: private\n\nof somebody else\n');
    await flag(dovecot, 'add');
    await dovecot.drop(mail(1));
    for (let sweep = 1; sweep <= 2; sweep += 1)
      expect(await sweepOnce()).toMatchObject({ unmovable: 0, flagged: alone ? 0 : 1 });
    expect(await inFolders()).toEqual({ inbox: alone ? 1 : 2, processed: 1 });
    expect((await dovecot.messagesIn('INBOX')).join()).toContain('of somebody else');

    await flag(dovecot, 'remove');
    // The mail that nobody flags any more is the product's to sort.
    expect(await sweepOnce()).toMatchObject({ reviewed: 1, flagged: 0 });
    expect(await inFolders()).toEqual({ inbox: 0, processed: 1 });
    expect((await dovecot.messagesIn('Review')).join()).toContain('of somebody else');
  });
});

/** What another mail program does with the first message of the inbox. */
async function flag(dovecot: Dovecot, what: 'add' | 'remove'): Promise<void> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: dovecot.port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: 'ace', pass: 'secret' },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  if (what === 'add') await client.messageFlagsAdd('1', ['\\Deleted']);
  else await client.messageFlagsRemove('1', ['\\Deleted']);
  await client.logout();
}
