import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ArchiveError } from '../../src/archive/archive.js';
import { sendDelays, sendStops } from '../../src/archive/records.js';
import { KeyMissing } from '../../src/encryption/keyring.js';
import { IMAP_PATIENCE } from '../../src/mail/incoming/mailbox/imap-session.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/contract/search-attributes.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../support/dovecot.js';
import { headerJudge } from '../support/header-judge.mjs';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { startWatching, type Watching } from '../support/watching.js';

const soon = { timeout: 15_000, interval: 50 };
let count = 0;
const mailFor = (workflowId: string) => {
  count += 1;
  return `From: desk@cbp.example\nSubject: mail ${count}\nMessage-ID: <${count}@cbp.example>\nX-For: ${workflowId}\n\nApproved.\n`;
};

describe.skipIf(dovecotIsMissing())('a mailbox on a real server', () => {
  let dovecot: Dovecot;
  let watching: Watching;
  beforeAll(async () => {
    dovecot = await startDovecot();
  });
  afterAll(() => dovecot?.stop());
  afterEach(async () => {
    await watching.stop();
    await dovecot.emptyFolders();
  });

  async function watch(...change: Parameters<typeof startWatching> extends [unknown, unknown, ...infer R] ? R : never) {
    watching = await startWatching(sharedDevServer().address, dovecot.settings(), ...change);
    await vi.waitFor(async () => expect((await watching.status())?.connected).toBe(true), soon);
    return watching;
  }

  test('is read as soon as an email is delivered, which is passed on once, archived and moved', async () => {
    const { recipient, told, archive, status } = await watch();
    const onboarding = await recipient();
    await dovecot.deliver(mailFor(onboarding.workflowId));
    // Long before the next sweep, which comes after a minute.
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);
    await vi.waitFor(async () => expect(await dovecot.messagesIn('Processed')).toHaveLength(1), soon);
    await vi.waitFor(async () => expect(await dovecot.messagesIn('INBOX')).toEqual([]), soon);
    expect(archive.documents.size).toBe(1);
    await vi.waitFor(async () => expect((await status())?.counts.signalled).toBe(1), soon);
    expect((await status())?.lastMailAt).toBeDefined();
  });

  test('is still read when an email cannot be compared with new letters', async () => {
    let version = '1';
    const { recipient, told, archive } = await watch({
      letters: { book: async () => ({ version, book: { letters: [], fillers: {} } }) },
    });
    const connected: unknown[] = [];
    const real = archive.replaceRecord.bind(archive);
    archive.replaceRecord = async (key, record) => {
      if (key.startsWith('mailboxes/') || 'connected' in Object(record)) connected.push(Object(record).connected);
      await real(key, record);
    };
    await real('unknown-letters/broken', { broken: true });
    version = '2';
    const onboarding = await recipient();
    for (const mails of [1, 2]) {
      await dovecot.deliver(mailFor(onboarding.workflowId));
      await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(mails), soon);
      await vi.waitFor(() => expect(connected.length).toBeGreaterThanOrEqual(mails), soon);
    }
    expect(connected).not.toContain(false);
  });

  test('gets the folders Processed and Review, and mail that matches no onboarding goes to Review', async () => {
    await watch({ patience: { receiver: { unmatchedMs: 0, ownCopyMs: 0 } } });
    await dovecot.drop('Subject: whose is this?\n\nhello\n');
    await vi.waitFor(async () => expect(await dovecot.messagesIn('Review')).toHaveLength(1), soon);
  });

  test('counts as read up to the start of a sweep, because mail that came during it may have been missed', async () => {
    const judge = headerJudge();
    const judgedAt: number[] = [];
    const { recipient, status } = await watch({
      judge: {
        judge: async (...message) => {
          judgedAt.push(Date.now());
          return await judge.judge(...message);
        },
      },
    });
    await dovecot.drop(mailFor((await recipient()).workflowId));
    await vi.waitFor(async () => expect((await status())?.counts.signalled).toBe(1), soon);
    expect(Date.parse((await status())?.sweptUpTo ?? '')).toBeLessThanOrEqual(judgedAt[0] ?? 0);
  });

  test('is not considered stuck while each message is judged in time, however long all of them take', async () => {
    const judge = headerJudge();
    const attempts = new Set<number>();
    let turn = Promise.resolve();
    const { recipient, told, client, watcher, status } = await watch({
      patience: { stuckMs: 1_500, heartbeatMs: 50 },
      judge: {
        // One after the other, as on one thread: eight of them take far longer than a watcher may stand still.
        judge: async (...message) => {
          attempts.add(Context.current().info.attempt);
          turn = turn.then(() => delay(500));
          await turn;
          return await judge.judge(...message);
        },
      },
    });
    const onboarding = await recipient();
    for (let i = 0; i < 8; i += 1) await dovecot.drop(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(8), soon);
    await vi.waitFor(async () => expect((await status())?.counts.signalled).toBe(8), soon);
    expect([...attempts]).toEqual([1]);
    const { pendingActivities } = await client.workflow
      .getHandle(watcher().workflowId)
      .describe()
      .then(({ raw }) => raw);
    expect(pendingActivities?.map(({ attempt }) => attempt)).toEqual([1]);
  });

  test('has its junk folder searched for mail about onboardings', async () => {
    await dovecot.drop('Subject: pills\nX-Verdict: unauthentic\n\nbuy\n', 'Junk');
    await dovecot.drop('Subject: forged\nX-Candidate: somebody\nX-Action: review\n\napproved\n', 'Junk');
    await watch();
    await vi.waitFor(async () => expect(await dovecot.messagesIn('Review')).toHaveLength(1), soon);
    expect(await dovecot.messagesIn('Junk')).toHaveLength(1);
  });

  test('is read although its junk folder cannot be opened, and operations is notified', async () => {
    watching = await startWatching(sharedDevServer().address, { ...dovecot.settings(), junk: 'No such folder' });
    const onboarding = await watching.recipient();
    await dovecot.deliver(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await watching.told(onboarding)).toHaveLength(1), soon);
    await vi.waitFor(async () => {
      const { connected, troubles } = (await watching.status()) ?? {};
      expect({ connected, troubles: troubles?.map(({ kind }) => kind) }).toEqual({
        connected: true,
        troubles: ['mailbox-junk-unread'],
      });
    }, soon);
  });

  test('that restarts is read again, including mail that came meanwhile', async () => {
    const { recipient, told, status } = await watch();
    const onboarding = await recipient();
    await dovecot.kill();
    await vi.waitFor(async () => expect((await status())?.connected).toBe(false), soon);
    expect((await status())?.problem).toMatch(/can't be read/);
    await dovecot.drop(mailFor(onboarding.workflowId));
    await dovecot.start();
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);
    await vi.waitFor(async () => expect(await status()).not.toHaveProperty('problem'), soon);
  });

  test('that changes UIDVALIDITY is read again, but nothing is passed on twice', async () => {
    const { recipient, told } = await watch();
    const onboarding = await recipient();
    await dovecot.lock('Processed');
    onTestFinished(() => dovecot.unlock('Processed'));
    await dovecot.drop(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);

    await dovecot.kill();
    await dovecot.changeUidValidity('INBOX');
    await dovecot.unlock('Processed');
    await dovecot.drop(mailFor(onboarding.workflowId));
    await dovecot.start();
    await vi.waitFor(async () => expect(await dovecot.messagesIn('Processed')).toHaveLength(2), soon);
    expect(await told(onboarding)).toHaveLength(2);
  });

  test('that does not move mail raises an alert, and nothing is passed on twice', async () => {
    const { recipient, told, status } = await watch();
    const onboarding = await recipient();
    await dovecot.lock('Processed');
    onTestFinished(() => dovecot.unlock('Processed'));
    await dovecot.drop(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect((await status())?.problem).toMatch(/will not move/), soon);
    await dovecot.unlock('Processed');
    await dovecot.drop(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await dovecot.messagesIn('INBOX')).toHaveLength(0), soon);
    expect(await told(onboarding)).toHaveLength(2);
    await vi.waitFor(async () => expect(await status()).not.toHaveProperty('problem'), soon);
  });

  test.each([
    ['sending-stopped', sendStops],
    ['sending-delayed', sendDelays],
  ])('tells operations what is wrong with sending: %s', async (kind, record) => {
    const { archive, recipient, status, watcher } = await watch();
    const own = 'ace@broker.example';
    const trouble = { mailbox: own, since: '2026-03-05T11:00:00Z', probeAt: '2026-03-05T11:05:00Z', reason: 'Why.' };
    await archive.createRecord(record.key(own), trouble);
    // With the next sweep, which a mail brings about.
    await dovecot.drop(mailFor((await recipient()).workflowId));
    await vi.waitFor(async () => expect((await status())?.troubles).toMatchObject([{ kind }]), soon);
    await vi.waitFor(async () => {
      const { typedSearchAttributes } = await watcher().describe();
      expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsAttention)).toEqual([kind]);
    }, soon);
  });

  test('is read on while the archive is full, its workflow says so, and everything goes on when there is space', async () => {
    let says: string | undefined;
    const { archive, recipient, told, status, watcher } = await watch({ archiveFull: () => says });
    const attention = async () =>
      (await watcher().describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsAttention) ?? [];
    const { replaceRecord } = archive;
    archive.replaceRecord = async () => {
      says = 'The archive is full.';
      throw new ArchiveError('full', says);
    };
    const onboarding = await recipient();
    await dovecot.deliver(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await attention()).toEqual(['archive-full']), soon);
    expect(await dovecot.messagesIn('INBOX')).toHaveLength(1);
    archive.replaceRecord = replaceRecord;
    says = undefined;
    await vi.waitFor(async () => expect(await dovecot.messagesIn('Processed')).toHaveLength(1), soon);
    expect(await told(onboarding)).toHaveLength(1);
    await vi.waitFor(async () => expect(await attention()).toEqual([]), soon);
    await vi.waitFor(async () => expect(await status()).not.toHaveProperty('problem'), soon);
  });

  test('says which emails wait for a key, and reads all others', async () => {
    const judge = headerJudge();
    const missing = new KeyMissing('k-0123456789ab', []);
    const { recipient, told, status, watcher } = await watch({
      judge: {
        judge: async (...message) => {
          if (Buffer.from(message[0]).includes('for-later')) throw missing;
          return await judge.judge(...message);
        },
      },
    });
    const onboarding = await recipient();
    await dovecot.drop('Subject: for-later\n\nApproved.\n');
    await dovecot.deliver(mailFor(onboarding.workflowId));
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);
    await vi.waitFor(async () => {
      const { troubles, counts, sweptUpTo = '', toldUpTo = '' } = (await status()) ?? {};
      expect(counts).toMatchObject({ blocked: 1 });
      // What waits may be what an onboarding is waiting for.
      expect(toldUpTo < sweptUpTo).toBe(true);
      expect(troubles).toMatchObject([{ kind: 'mailbox-blocked', says: expect.stringContaining(missing.message) }]);
      const { typedSearchAttributes } = await watcher().describe();
      expect(typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsAttention)).toEqual(['mailbox-blocked']);
    }, soon);
  });

  test('whose server freezes is dropped after the allowed silence, and read when it is back', async () => {
    const { recipient, told, status } = await watch({
      patience: { imap: { ...IMAP_PATIENCE, connectMs: 1_000, silenceMs: 1_000 } },
    });
    const onboarding = await recipient();
    dovecot.freeze();
    onTestFinished(() => dovecot.thaw());
    await vi.waitFor(async () => expect((await status())?.connected).toBe(false), soon);
    await dovecot.drop(mailFor(onboarding.workflowId));
    dovecot.thaw();
    await vi.waitFor(async () => expect(await told(onboarding)).toHaveLength(1), soon);
  });

  test('that refuses the login is not retried rapidly', async () => {
    let logins = 0;
    watching = await startWatching(
      sharedDevServer().address,
      dovecot.settings({
        credentials: async () => {
          logins += 1;
          return { password: 'wrong' };
        },
      }),
    );
    await vi.waitFor(async () => expect((await watching.status())?.problem).toMatch(/refuses the login/), soon);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(logins).toBe(1);
  });

  test('is released right away when the worker shuts down, and no connection stays open', async () => {
    await watch();
    expect(await dovecot.sessions()).toBe(1);
    expect(await watching.stop()).toBeLessThan(10_000);
    await vi.waitFor(async () => expect(await dovecot.sessions()).toBe(0), soon);
  });
});
