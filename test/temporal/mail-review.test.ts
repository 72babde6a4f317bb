import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MailRecord, mails, onboardings, read, reviewDecisions, reviews } from '../../src/archive/records.js';
import { createMailReview, type MailReview } from '../../src/onboardings/mail-review.js';
import { MemoryArchive } from '../support/memory-archive.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';

const jo = { actor: 'jo', reason: 'names the 5106 of acme' };
const ann = { actor: 'ann', reason: 'a newsletter' };

describe('an email in review', () => {
  let client: Client;
  let archive: MemoryArchive;
  let review: MailReview;
  beforeAll(async () => {
    client = new Client({ connection: await Connection.connect(sharedDevServer()) });
    archive = new MemoryArchive();
    review = createMailReview({ archive, client: client.workflow });
  });
  afterAll(() => client.connection.close());

  async function mailInReview(change: Partial<MailRecord> = {}): Promise<string> {
    const mailId = randomBytes(32).toString('hex');
    const receivedAt = '2026-03-02T15:00:00.000Z';
    const record = {
      mailId,
      mailbox: 'main',
      receivedAt,
      firstSeenAt: receivedAt,
      state: 'review',
      candidates: [],
      reasons: ['It matches nothing.'],
      mail: { mailId, kind: 'approved', authenticity: { verdict: 'unauthentic', reasons: [] } },
      ...change,
    };
    await archive.replaceRecord(mails.key(mailId), record);
    await archive.replaceRecord(reviews.key(mailId), { mailId, since: receivedAt });
    return mailId;
  }

  async function onboarding() {
    const reference = randomUUID();
    const handle = await client.workflow.start('nobodyRunsThis', {
      workflowId: `onboarding-${reference}`,
      taskQueue: 'none',
    });
    const record = {
      reference,
      workflowId: handle.workflowId,
      round: 1,
      applicationSha256: '',
      state: 'started',
      startedAt: '',
    };
    await archive.replaceRecord(onboardings.key(reference), record);
    const signals = async () =>
      ((await handle.fetchHistory()).events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
        signal ? [defaultPayloadConverter.fromPayload(signal.input?.payloads?.[0] as never)] : [],
      );
    return { reference, handle, signals };
  }

  test('is not assigned with a name or a reason that the onboarding would refuse', async () => {
    const mailId = await mailInReview();
    const { reference, signals } = await onboarding();
    for (const by of [
      { ...jo, actor: 'x'.repeat(201) },
      { ...jo, reason: 'x'.repeat(1_500_000) },
    ])
      await expect(review.assign(mailId, reference, by)).rejects.toMatchObject({
        code: 'actor-refused',
        message: expect.stringMatching(/characters; the limit is/),
      });
    expect(await signals()).toEqual([]);
    expect(await review.find(mailId)).toMatchObject({ state: 'review' });
    await review.dismiss(mailId, ann);
  });

  test('reaches its onboarding once no matter how often it is assigned, and is no more authentic than before', async () => {
    const mailId = await mailInReview();
    const { reference, signals } = await onboarding();
    for (let i = 0; i < 3; i++)
      expect(await review.assign(mailId, reference, jo)).toMatchObject({ state: 'assigned', reference });
    expect(await signals()).toEqual([
      { mailId, kind: 'approved', authenticity: { verdict: 'unauthentic', reasons: [] }, assigned: jo },
    ]);
    expect(await review.waiting()).toEqual([]);
    expect(await read(archive, mails, mailId)).toMatchObject({ handled: [{ what: 'assigned', ...jo }] });
  });

  test('reaches one onboarding if two people assign it to different ones at once', async () => {
    const mailId = await mailInReview();
    const [a, b] = [await onboarding(), await onboarding()];
    const results = await Promise.allSettled([
      review.assign(mailId, a.reference, jo),
      review.assign(mailId, b.reference, ann),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect([...(await a.signals()), ...(await b.signals())]).toHaveLength(1);
  });

  test('is delivered by assigning it again if the first try was cut off after the decision', async () => {
    const mailId = await mailInReview();
    const { reference, handle, signals } = await onboarding();
    const decision = {
      mailId,
      at: '2026-03-03T00:00:00Z',
      what: 'assigned',
      workflowId: handle.workflowId,
      reference,
      ...jo,
    };
    await archive.createRecord(reviewDecisions.key(mailId), decision);
    await review.assign(mailId, reference, jo);
    expect(await signals()).toHaveLength(1);
    expect(await read(archive, mails, mailId)).toMatchObject({ state: 'assigned' });
  });

  test('is listed only while its own record says so, even if a process died in between', async () => {
    const mailId = await mailInReview({ state: 'dismissed' });
    expect((await review.waiting()).map((record) => record.mailId)).not.toContain(mailId);
    expect(await read(archive, reviews, mailId)).toBeUndefined();
  });

  test('stays in review when the onboarding is closed or does not exist', async () => {
    const mailId = await mailInReview();
    const { reference, handle } = await onboarding();
    await handle.terminate();
    await expect(review.assign(mailId, reference, jo)).rejects.toMatchObject({ code: 'onboarding-closed' });
    await expect(review.assign(mailId, 'nobody', jo)).rejects.toMatchObject({ code: 'onboarding-not-found' });
    expect((await review.waiting()).map((record) => record.mailId)).toContain(mailId);
    expect(await review.dismiss(mailId, ann)).toMatchObject({ state: 'dismissed' });
  });

  test('stays dismissed, and says who dismissed it', async () => {
    const mailId = await mailInReview();
    const { reference, signals } = await onboarding();
    await review.dismiss(mailId, ann);
    await review.dismiss(mailId, ann);
    await expect(review.assign(mailId, reference, jo)).rejects.toThrow(/was dismissed by ann/);
    expect(await signals()).toEqual([]);
  });

  test('is found by the beginning of its id, but not if the watcher already settled it', async () => {
    const mailId = await mailInReview();
    expect(await review.find(mailId.slice(0, 12))).toMatchObject({ mailId });
    await expect(review.find('ffffffff0000')).rejects.toMatchObject({ code: 'not-found' });
    await expect(review.find('../claims')).rejects.toMatchObject({ code: 'not-found' });
    const settled = await mailInReview({ state: 'signalled' });
    await expect(review.dismiss(settled, ann)).rejects.toMatchObject({ code: 'not-in-review' });
    expect((await review.waiting()).map((record) => record.mailId)).not.toContain(settled);
  });
});
