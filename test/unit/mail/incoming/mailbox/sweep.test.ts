import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMailReceiver, nextLook, type ReceiverDependencies } from '../../../../../src/activities/receive-mail.js';
import { mails, read, reviews, sendResults, sends } from '../../../../../src/archive/records.js';
import { MAX_MESSAGE_BYTES } from '../../../../../src/mail/incoming/mailbox/imap-session.js';
import { FolderSweep, type SweepReport } from '../../../../../src/mail/incoming/mailbox/sweep-folder.js';
import type { ReceivedMail } from '../../../../../src/workflows/contract/received-mail.js';
import { decisionOnRecord } from '../../../../../src/workflows/record/decision-policy.js';
import { messagesForReview } from '../../../../../src/workflows/record/review-policy.js';
import { submissionOutcome } from '../../../../../src/workflows/record/submission-policy.js';
import { headerJudge } from '../../../../support/header-judge.mjs';
import { MemoryArchive } from '../../../../support/memory-archive.js';
import { received, SUBMISSION, withEntries } from '../../../workflows/onboarding/records.js';
import { MailFolders } from './mail-folders.js';

const mailFor = (workflowId: string, text = 'approved') => `Subject: ${text}\nX-For: ${workflowId}\n\n${text}\n`;
const T0 = Date.parse('2026-03-02T15:00:00Z');

/** A receiver, and everything around it that survives a watcher. */
class World {
  readonly archive = new MemoryArchive();
  readonly folders = new MailFolders();
  /** Every signal sent, by workflow. */
  readonly sent: [workflowId: string, mailId: string][] = [];
  /** The emails in those signals. */
  readonly mails: ReceivedMail[] = [];
  readonly closed = new Set<string>();
  clock = T0;
  sweeper = this.freshSweeper();

  freshSweeper(change: Partial<ReceiverDependencies> = {}): FolderSweep {
    return new FolderSweep(
      createMailReceiver({
        archive: this.archive,
        judge: headerJudge(),
        patience: { unmatchedMs: 600_000, ownCopyMs: 15_000 },
        now: () => this.clock,
        signal: async (workflowId, mail) => {
          if (this.closed.has(workflowId)) return 'not-found';
          this.sent.push([workflowId, mail.mailId]);
          this.mails.push(mail);
          return 'delivered';
        },
        ...change,
      }),
    );
  }

  sweep(change: { suspected?: boolean; folder?: string } = {}): Promise<SweepReport> {
    return this.sweeper.sweep(this.folders.session(), {
      mailbox: 'main',
      folder: 'INBOX',
      processed: 'Processed',
      review: 'Review',
      now: () => this.clock,
      ...change,
    });
  }

  /** An onboarding's view of its signals: the same email counts once. */
  get told(): string[] {
    return [...new Set(this.sent.map(([workflowId, mailId]) => `${workflowId} ${mailId}`))];
  }
}

describe('an incoming message', () => {
  test('is signaled, archived, recorded, and only then moved', async () => {
    const world = new World();
    world.folders.put(mailFor('onboarding-a'));
    const report = await world.sweep();

    expect(report).toMatchObject({ signalled: 1, waiting: 0, unmovable: 0 });
    expect(world.folders.contents('INBOX')).toEqual([]);
    expect(world.folders.contents('Processed')).toEqual([mailFor('onboarding-a')]);
    const [workflowId, mailId] = world.sent[0] ?? ['', ''];
    expect(workflowId).toBe('onboarding-a');
    const record = await read(world.archive, mails, mailId);
    expect(record).toMatchObject({ state: 'signalled', workflowId: 'onboarding-a' });
    expect(world.archive.documents.has(record?.mail.documentSha256 ?? '')).toBe(true);
  });

  test('is not signaled again if the server will not move it, and is reported', async () => {
    const world = new World();
    world.folders.closedTo.add('Processed');
    world.folders.put(mailFor('onboarding-a'));
    expect(await world.sweep()).toMatchObject({ signalled: 1, unmovable: 1 });
    expect(await world.sweep()).toMatchObject({ signalled: 0, unmovable: 1 });
    expect(world.folders.fetched).toBe(1);

    // Nor by a new watcher that remembers nothing.
    world.sweeper = world.freshSweeper();
    expect(await world.sweep()).toMatchObject({ signalled: 0, unmovable: 1 });
    world.folders.closedTo.clear();
    expect(await world.sweep()).toMatchObject({ signalled: 0, unmovable: 0 });
    expect(world.sent).toHaveLength(1);
    expect(world.folders.contents('Processed')).toHaveLength(1);
  });

  test('goes to review with the reason if its onboarding is closed', async () => {
    const world = new World();
    world.closed.add('onboarding-a');
    world.folders.put(mailFor('onboarding-a'));
    expect(await world.sweep()).toMatchObject({ reviewed: 1 });
    expect(world.folders.contents('Review')).toHaveLength(1);
    const [record] = await inReview(world);
    expect(record?.reasons.at(-1)).toMatch(/is closed/);
  });

  test('that a person must see becomes a task on its case, with its verdict and doubts', async () => {
    const world = new World();
    world.folders.put(
      'Subject: forwarded\nX-For: onboarding-a\nX-Doubt: unknown-letter\nX-Action: review\n\napproved\n',
    );
    world.folders.put(
      'Subject: fraud\nX-For: onboarding-a\nX-Doubt: asks-for-secrets\nX-Action: review\nX-Fraud: yes\n\nyour SSN, please\n',
    );
    expect(await world.sweep()).toMatchObject({ signalled: 2 });
    expect(world.mails.map(({ kind, authenticity, doubts }) => [kind, authenticity.verdict, doubts])).toEqual([
      ['approved', 'authentic', ['unknown-letter']],
      ['approved', 'authentic', ['asks-for-secrets']],
    ]);
    const onRecord = withEntries(world.mails.map(received));
    expect(decisionOnRecord(onRecord)).toBeUndefined();
    expect(messagesForReview(onRecord)).toMatchObject([{ why: 'mail-to-review' }, { why: 'mail-to-review' }]);
    expect(world.folders.contents('Review')).toHaveLength(2);
    expect(await inReview(world)).toEqual([]);
  });

  test('a delayed delivery, which a person must see, is not mistaken for a bounce', async () => {
    const world = new World();
    world.folders.put(
      `Subject: Delayed\nX-For: onboarding-a\nX-Kind: bounce\nX-Verdict: unauthentic\nX-Doubt: delayed\nX-Action: review\nX-About: ${SUBMISSION}\n\nstill trying\n`,
    );
    await world.sweep();
    const onRecord = withEntries(world.mails.map(received));
    expect(decisionOnRecord(onRecord)).toBeUndefined();
    expect(submissionOutcome(onRecord, SUBMISSION)).toBeUndefined();
    expect(messagesForReview(onRecord)).toMatchObject([{ why: 'mail-to-review' }]);
  });

  test('that matches nothing is retried for ten minutes before a person is asked, and counts if it matches by then', async () => {
    const world = new World();
    world.folders.put('Subject: whose?\n\nhello\n');
    const report = await world.sweep();
    expect(report).toMatchObject({ reviewed: 0, waiting: 1, nextLookAt: T0 + 5_000 });
    expect(world.folders.contents('INBOX')).toHaveLength(1);

    world.clock = T0 + 599_000;
    expect(await world.sweep()).toMatchObject({ reviewed: 0, waiting: 1, nextLookAt: T0 + 600_000 });
    world.clock = T0 + 600_000;
    expect(await world.sweep()).toMatchObject({ reviewed: 1, waiting: 0 });
    expect(await inReview(world)).toHaveLength(1);

    const later = new World();
    let known = false;
    const judge = headerJudge();
    later.sweeper = later.freshSweeper({
      judge: {
        judge: async (raw, at, mailbox) => ({
          ...(await judge.judge(raw, at, mailbox)),
          ...(known ? { action: 'signal', workflowId: 'onboarding-a' } : {}),
        }),
      },
    });
    later.folders.put('Subject: whose?\n\nhello\n');
    await later.sweep();
    known = true;
    later.clock = T0 + 5_000;
    expect(await later.sweep()).toMatchObject({ signalled: 1 });
  });

  test('is not fetched again while it waits', async () => {
    const world = new World();
    world.folders.put('Subject: whose?\n\nhello\n');
    await world.sweep();
    world.clock += 4_000;
    await world.sweep();
    expect(world.folders.fetched).toBe(1);
  });

  test('is not mistaken for another one that had its UID before UIDVALIDITY changed', async () => {
    const world = new World();
    world.folders.put('Subject: whose?\n\nwaits\n');
    await world.sweep();
    world.folders.put(mailFor('onboarding-a'));
    world.folders.renumber();
    expect(await world.sweep()).toMatchObject({ signalled: 1, waiting: 1 });
  });

  test('that breaks the judge three times goes to a person and does not block others', async () => {
    const world = new World();
    world.folders.put('Subject: x\nX-Kind: explosive\n\n');
    world.folders.put(mailFor('onboarding-a'));
    expect(await world.sweep()).toMatchObject({ signalled: 1, waiting: 1 });
    world.clock += 60_000;
    await world.sweep();
    world.clock += 60_000;
    expect(await world.sweep()).toMatchObject({ reviewed: 1, waiting: 0 });
    expect((await inReview(world))[0]?.reasons[0]).toMatch(/could not be read \(Error\)/);
  });

  test('that is too large to read goes to a person with only its header', async () => {
    const world = new World();
    world.folders.put(mailFor('onboarding-a'), 'INBOX', MAX_MESSAGE_BYTES + 1);
    world.folders.put('Subject: whose?\n\n', 'INBOX', MAX_MESSAGE_BYTES + 1);
    expect(await world.sweep()).toMatchObject({ signalled: 1, reviewed: 1 });
    expect(world.folders.fetched).toBe(0);
    expect(world.folders.contents('Review')).toHaveLength(2);
    expect(world.mails[0]?.doubts).toContain('unreadable');
    expect((await inReview(world))[0]?.reasons[0]).toMatch(/too large \(25 MB\)/);
  });

  test('that breaks the connection delays the others for two sweeps, and is set aside after three', async () => {
    const world = new World();
    world.folders.poisonous.add(world.folders.put(mailFor('onboarding-a', 'poison')));
    for (let i = 0; i < 5; i++) world.folders.put(mailFor('onboarding-b', `mail ${i}`));
    // Together, then alone, then alone after the others.
    for (let i = 0; i < 3; i++) await expect(world.sweep()).rejects.toThrow('hung up');
    expect(world.told).toHaveLength(5);
    await expect(world.sweep()).rejects.toThrow('hung up');
    expect(await world.sweep()).toMatchObject({ unfetchable: 1, waiting: 0 });

    world.folders.poisonous.clear();
    world.clock += 3_600_000;
    expect(await world.sweep()).toMatchObject({ signalled: 1, unfetchable: 0 });
  });

  test.each(['sizeless', 'hollow'] as const)(
    'that the server lists but gives nothing for (%s) is told of, and read once it does',
    async (fault) => {
      const world = new World();
      world.folders[fault].add(world.folders.put(mailFor('onboarding-a')));
      for (let i = 0; i < 3; i++) await world.sweep();
      expect(await world.sweep()).toMatchObject({ signalled: 0, unfetchable: 1 });

      world.folders[fault].clear();
      world.clock += 3_600_000;
      expect(await world.sweep()).toMatchObject({ signalled: 1, unfetchable: 0 });
    },
  );

  test('with credentials leaves no raw copy behind', async () => {
    const world = new World();
    world.folders.put('Subject: your account\nX-Credentials: yes\nX-Candidate: a\n\nTemporary password: hunter2\n');
    await world.sweep();
    expect(world.archive.documents.size).toBe(0);
    expect(JSON.stringify([...world.archive.records.values()])).not.toContain('hunter2');
    expect((await inReview(world))[0]).toMatchObject({ credentials: true, redactedText: 'redacted' });
  });
});

test('an email to an alias we never gave out is counted once, in junk too', async () => {
  const world = new World();
  const judge = headerJudge();
  world.sweeper = world.freshSweeper({
    judge: { judge: async (...message) => ({ ...(await judge.judge(...message)), unknownAliases: 1 }) },
  });
  world.folders.put('Subject: guess\n\n');
  world.folders.put('Subject: another guess\n\n', 'Junk');
  await world.sweep();
  await world.sweep({ folder: 'Junk', suspected: true });
  world.clock += 10_000;
  await world.sweep();
  const guesses = [...world.archive.records.keys()].filter((key) => key.startsWith('alias-guesses/2026-03-02/'));
  expect(guesses).toHaveLength(2);
});

describe('the junk folder', () => {
  test('loses email about an onboarding and keeps the rest', async () => {
    const world = new World();
    world.folders.put(mailFor('onboarding-a'), 'Junk');
    world.folders.put('Subject: forged\nX-Candidate: a\nX-Action: review\n\n', 'Junk');
    const pills = 'Subject: pills\nX-Verdict: unauthentic\n\n';
    world.folders.put(pills, 'Junk');
    const report = await world.sweep({ folder: 'Junk', suspected: true });
    expect(report).toMatchObject({ signalled: 1, reviewed: 1, waiting: 0 });
    expect(world.folders.contents('Junk')).toEqual([pills]);
    expect(world.archive.documents.size).toBe(2);
  });

  test.each([
    ["proven to be CBP's", ''],
    ["perhaps CBP's, while DNS does not answer", 'X-Verdict: undetermined\n'],
  ])('moves email that is %s to review, although no one knows its case', async (_, verdict) => {
    const world = new World();
    world.folders.put(`Subject: denied\n${verdict}\n`, 'Junk');
    expect(await world.sweep({ folder: 'Junk', suspected: true })).toMatchObject({ waiting: 1 });
    world.clock += 600_000;
    expect(await world.sweep({ folder: 'Junk', suspected: true })).toMatchObject({ reviewed: 1 });
    expect(world.folders.contents('Review')).toHaveLength(1);
  });
});

describe('a copy of our own email', () => {
  const copy = 'Subject: application\nX-Kind: own-copy\nX-About: m@broker.example\nX-For: onboarding-a\n\n';
  const claimed = async (claimedAt: number) => {
    const world = new World();
    const claim = { messageId: 'm@broker.example', claimedAt: new Date(claimedAt).toISOString(), by: 'a worker' };
    await world.archive.createRecord(sends.key('m@broker.example'), claim);
    world.folders.put(copy);
    return world;
  };
  const result = (world: World) => read(world.archive, sendResults, 'm@broker.example');

  test('resolves a send with an unknown outcome, and then signals the onboarding', async () => {
    const world = await claimed(T0 - 60_000);
    expect(await world.sweep()).toMatchObject({ signalled: 1 });
    expect(await result(world)).toMatchObject({ source: 'blind-copy', acceptedAt: '2026-03-02T15:00:00.000Z' });
    expect(world.sent).toHaveLength(1);
  });

  test('signals no one if the server itself replied', async () => {
    const world = await claimed(T0 - 60_000);
    const answered = { messageId: 'm@broker.example', acceptedAt: '2026-03-02T14:59:59Z', source: 'server' };
    await world.archive.createRecord(sendResults.key('m@broker.example'), answered);
    expect(await world.sweep()).toMatchObject({ ignored: 1, signalled: 0 });
    expect(world.sent).toEqual([]);
    expect(world.folders.contents('Processed')).toHaveLength(1);
  });

  test('gives the server time to reply, because a copy is often faster', async () => {
    const world = await claimed(T0 - 1_000);
    expect(await world.sweep()).toMatchObject({ signalled: 0, waiting: 1, nextLookAt: T0 + 14_000 });
    expect(await result(world)).toBeUndefined();
    world.clock = T0 + 14_000;
    expect(await world.sweep()).toMatchObject({ signalled: 1 });
  });

  test('signals the onboarding even if the watcher died after resolving the send', async () => {
    const world = await claimed(T0 - 60_000);
    world.sweeper = world.freshSweeper({ signal: () => Promise.reject(new Error('died')) });
    await expect(world.sweep()).rejects.toThrow('died');
    expect(await result(world)).toBeDefined();
    world.sweeper = world.freshSweeper();
    expect(await world.sweep()).toMatchObject({ signalled: 1 });
  });
});

test('wherever a watcher dies, whatever happens to UIDs and moves, each email takes effect once and none is lost', async () => {
  const fate = fc.constantFrom(
    'fine',
    'dies before the signal',
    'dies after the signal',
    'dies before the record',
    'dies after the record',
    'move refused',
    'renumbered',
  );
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.array(fate, { maxLength: 8 }), async (count, fates) => {
      const world = new World();
      for (let i = 0; i < count; i++) world.folders.put(mailFor(`onboarding-${i % 3}`, `mail ${i}`));
      for (const [round, now] of [...fates, 'fine' as const].entries()) {
        world.folders.closedTo.clear();
        if (now === 'move refused') world.folders.closedTo.add('Processed');
        if (now === 'renumbered') world.folders.renumber();
        world.sweeper = dyingSweeper(world, now, round);
        await world.sweep().catch((error: Error) => expect(error.message).toBe('died'));
      }
      expect(world.told).toHaveLength(count);
      expect(world.folders.contents('Processed')).toHaveLength(count);
      expect(world.folders.contents('INBOX')).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

/** A watcher that dies at its first, second or third message, at a named point. */
function dyingSweeper(world: World, fate: string, round: number): FolderSweep {
  let left = round % 3;
  const dieAt = (point: string) => {
    if (fate === point && left-- <= 0) throw new Error('died');
  };
  const archive = new Proxy(world.archive, {
    get: (target, property: keyof MemoryArchive) =>
      property !== 'replaceRecord'
        ? Reflect.get(target, property)
        : async (key: string, record: unknown) => {
            dieAt('dies before the record');
            await target.replaceRecord(key, record);
            dieAt('dies after the record');
          },
  });
  return world.freshSweeper({
    archive,
    signal: async (workflowId, mail) => {
      dieAt('dies before the signal');
      world.sent.push([workflowId, mail.mailId]);
      dieAt('dies after the signal');
      return 'delivered';
    },
  });
}

test('a waiting email is retried soon, then ever more rarely, and one last time at the end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 700_000 }), (waited) => {
      const next = nextLook(T0, T0 + waited, 600_000);
      if (waited >= 600_000) return next === undefined;
      return next !== undefined && next > T0 + waited && next <= T0 + 600_000 && next - (T0 + waited) <= 120_000;
    }),
  );
});

async function inReview(world: World) {
  const found = [];
  for await (const key of world.archive.listRecords('review/')) {
    const { mailId } = reviews.schema.parse(world.archive.records.get(key));
    found.push(await read(world.archive, mails, mailId));
  }
  return found;
}
