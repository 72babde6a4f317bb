import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { WATCHER_STOPPED } from '../../../../../src/activities/heartbeats.js';
import { createWatcherActivities } from '../../../../../src/activities/watch-mailbox.js';
import { mailboxStatus } from '../../../../../src/archive/records.js';
import type { AwaitSweepInput } from '../../../../../src/workflows/contract/mailbox-activities.js';
import { headerJudge } from '../../../../support/header-judge.mjs';
import { MemoryArchive } from '../../../../support/memory-archive.js';

const deadline = '2026-03-02T22:00:00.000Z';

describe('before escalating', () => {
  const archive = new MemoryArchive();
  const dependencies = {
    config: { imap: {}, furtherMailboxes: {}, policy: { sendReconcileSeconds: 900 } } as never,
    archive,
    judge: headerJudge(),
    letters: undefined,
    client: {} as never,
  };
  const { awaitSweep } = createWatcherActivities(dependencies);
  const ask = (input: Partial<AwaitSweepInput> = {}) =>
    new MockActivityEnvironment().run(awaitSweep, { after: deadline, atMostSeconds: 0, ...input });
  const sweptUpTo = (at: string) =>
    archive.replaceRecord(mailboxStatus.key('main'), { mailbox: 'main', connected: true, counts: {}, sweptUpTo: at });

  test('a mailbox that was never read counts as unread', async () => {
    expect(await ask()).toEqual({ swept: false });
  });

  test('a sweep that began before the deadline is not enough: the reply may have arrived since', async () => {
    await sweptUpTo('2026-03-02T21:59:59.999Z');
    expect(await ask()).toEqual({ swept: false, unreadSince: '2026-03-02T21:59:59.999Z' });
  });

  test('one that began at the deadline is enough, whatever the form of the instant', async () => {
    await sweptUpTo(deadline);
    expect(await ask()).toEqual({ swept: true });
    expect(await ask({ after: '2026-03-02T17:00:00-05:00' })).toEqual({ swept: true });
  });

  test('email that waits for a key or a record may be the reply, however often the mailbox is read', async () => {
    const status = { mailbox: 'main', connected: true, counts: { blocked: 1 }, sweptUpTo: deadline };
    await archive.replaceRecord(mailboxStatus.key('main'), { ...status, toldUpTo: '2026-03-02T20:00:00.000Z' });
    expect(await ask()).toEqual({ swept: false, unreadSince: '2026-03-02T20:00:00.000Z' });
    await archive.replaceRecord(mailboxStatus.key('main'), status);
    expect(await ask()).toEqual({ swept: false });
  });

  test('a worker that shuts down hands the wait to another one at once', async () => {
    await sweptUpTo('2026-03-02T21:00:00.000Z');
    const stopping = new AbortController();
    const { awaitSweep: interrupted } = createWatcherActivities({ ...dependencies, stopping: stopping.signal });
    const answer = new MockActivityEnvironment().run(interrupted, { after: deadline });
    stopping.abort();
    await expect(answer).rejects.toMatchObject({ type: WATCHER_STOPPED, nonRetryable: false });
  });

  test('every mailbox must be read, when there are several', async () => {
    const further = { imap: {}, furtherMailboxes: { second: {} }, policy: { sendReconcileSeconds: 900 } } as never;
    const { awaitSweep: ofAll } = createWatcherActivities({ ...dependencies, config: further });
    const answer = () => new MockActivityEnvironment().run(ofAll, { after: deadline, atMostSeconds: 0 });
    await sweptUpTo(deadline);
    expect(await answer()).toEqual({ swept: false });
    const second = { mailbox: 'second', connected: true, counts: {}, sweptUpTo: '2026-03-02T21:00:00Z' };
    await archive.replaceRecord(mailboxStatus.key('second'), second);
    expect(await answer()).toEqual({ swept: false, unreadSince: '2026-03-02T21:00:00Z' });
    await archive.replaceRecord(mailboxStatus.key('second'), { ...second, sweptUpTo: deadline });
    expect(await answer()).toEqual({ swept: true });
  });

  test('the wait lasts until it is read', async () => {
    await sweptUpTo('2026-03-02T21:00:00.000Z');
    const answer = ask({ atMostSeconds: 10 });
    await sweptUpTo(deadline);
    expect(await answer).toEqual({ swept: true });
  });
});
