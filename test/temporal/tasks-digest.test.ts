import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createDigestActivities } from '../../src/activities/digest.js';
import { createSender } from '../../src/activities/sender.js';
import { openDirectoryArchive } from '../../src/archive/directory.js';
import { recordSignIn } from '../../src/digest/ace-users.js';
import type { DigestCase } from '../../src/digest/digest-case.js';
import type { SendPoint } from '../../src/mail/outgoing/send-once.js';
import { createTokenProvider } from '../../src/mail/outgoing/token-provider.js';
import { ensureDigest } from '../../src/temporal/ensure-watcher.js';
import { digestIdOf } from '../../src/workflows/contract/digest-activities.js';
import { mailQueueOf } from '../../src/workflows/contract/mail-activities.js';
import { recipientBundle } from '../support/recipient-bundle.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { createTimeSkippingEnvironment } from '../support/time-skipping-server.js';
import { aConfig, PATIENT } from '../unit/mail/outgoing/outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../unit/mail/outgoing/scripted-smtp.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const closures = { extraClosures: [], inaugurationDay: false };
const POLICY = {
  calendar: { ...closures, cutOffHour: 17 },
  broker: {
    ...closures,
    timeZone: 'America/New_York',
    openingHour: 8,
    extraClosures: [{ date: '2026-11-27', reason: 'bridge day' }],
  },
  digestHour: 8,
};
const person = (id: string, name: string) => ({ id, name, email: `${id}@broker.example`, absent: [] });
const aCase = (reference: string, handler: string): DigestCase => ({
  workflowId: `onboarding-${reference}`,
  reference,
  company: `Company ${reference}`,
  handler,
  tasks: [{ reason: 'bounced', since: '2026-11-20T15:00:00Z' }],
  escalation: 'handler',
});

describe('the workflow that sends the digests', () => {
  let server: TestWorkflowEnvironment;
  let smtp: ScriptedSmtp;
  beforeAll(async () => {
    server = await createTimeSkippingEnvironment();
    smtp = await openScriptedSmtp();
  });
  afterAll(async () => {
    await server.teardown();
    await smtp.close();
  });

  /** The server's clock begins with ours. To the activities, it began at another time. */
  async function office(beganAt: string, at?: (point: SendPoint) => Promise<void>) {
    const taskQueue = `digest-${Math.random().toString(36).slice(2)}`;
    const ahead = Date.parse(beganAt) - (await server.currentTimeMs());
    const archive = await openDirectoryArchive(temporaryFolder('digest'));
    await recordSignIn(archive, 'portal@broker.example', {
      signedInOn: '2026-11-20',
      actor: 'jo',
      recordedAt: beganAt,
    });
    const config = {
      ...aConfig(smtp.port, { MAIL_PER_SECOND: '100', TASK_QUEUE: taskQueue }),
      people: { jo: person('jo', 'Jo Park'), kim: person('kim', 'Kim Lee') },
    };
    let clock = Date.parse(beganAt);
    const activities = createDigestActivities({
      archive,
      config,
      policy: POLICY,
      client: server.client.workflow,
      send: createSender({
        ...{ archive, config, logins: createTokenProvider(config), now: () => new Date(clock), timeouts: PATIENT },
        ...{ findSentCopy: async () => undefined, lookAfterMs: [0], ...(at ? { at } : {}) },
      }),
      now: () => new Date(clock),
      collect: async () => [aCase('A', 'jo'), aCase('B', 'kim')],
      count: async () => ({ open: 2, stages: [], waitingOn: [] }),
    });
    const tick = async () => {
      clock = (await server.currentTimeMs()) + ahead;
    };
    const nextDigest: typeof activities.nextDigest = async (input) => {
      await tick();
      const { at: due } = await activities.nextDigest(input);
      return { at: new Date(Date.parse(due) - ahead).toISOString() };
    };
    const sendDigests: typeof activities.sendDigests = async (input) => {
      await tick();
      return await activities.sendDigests(input);
    };
    const shared = { connection: server.nativeConnection, workflowBundle: await recipientBundle() };
    const workers = await Promise.all([
      Worker.create({ ...shared, taskQueue, activities: { nextDigest } }),
      Worker.create({
        connection: server.nativeConnection,
        taskQueue: mailQueueOf(taskQueue),
        activities: { sendDigests },
      }),
    ]);
    const running = workers.map((worker) => worker.run());
    smtp.received.splice(0);
    await ensureDigest(server.client.workflow, taskQueue);
    const { runId: firstRun } = await server.client.workflow.getHandle(digestIdOf(taskQueue)).describe();
    const handle = server.client.workflow.getHandle(digestIdOf(taskQueue));
    onTestFinished(async () => {
      await handle.terminate();
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    });
    return { taskQueue, handle, firstRun };
  }

  const datesOf = (id: string) =>
    smtp.received
      .filter(({ to }) => to[0] === `${id}@broker.example`)
      .map(({ raw }) => /^Date: (.*)$/m.exec(raw)?.[1]?.trim());

  test('sends one at eight on each working day, none on a holiday, a bridge day or a weekend', async () => {
    // Sunday; Thursday is Thanksgiving. Reckoned by hand.
    const { handle, firstRun } = await office('2026-11-22T15:00:00Z');
    await server.sleep('10 days');
    const mornings = [
      ...['Mon, 23 Nov 2026 13:00', 'Tue, 24 Nov 2026 13:00', 'Wed, 25 Nov 2026 13:00'],
      ...['Mon, 30 Nov 2026 13:00', 'Tue, 01 Dec 2026 13:00', 'Wed, 02 Dec 2026 13:00'],
    ].map((morning) => expect.stringContaining(morning));
    await expect.poll(() => datesOf('jo')).toEqual(mornings);
    expect(datesOf('kim')).toEqual(mornings);
    expect(datesOf('operations')).toEqual([]);
    // With the first digests of a week.
    expect(datesOf('manager')).toEqual([mornings[0], mornings[3]]);
    // Continued as new after a week.
    expect((await handle.describe()).runId).not.toBe(firstRun);
  });

  test('sends no one two and no one none when it fails between two people', async () => {
    let failures = 0;
    await office('2026-11-22T15:00:00Z', async (point) => {
      // The second email of the first try fails before the server has it.
      if (point === 'before-connect' && smtp.received.length === 1 && failures++ === 0)
        throw new Error('the worker broke down');
    });
    await server.sleep('1 day');
    await expect.poll(() => failures).toBeGreaterThan(0);
    await expect.poll(() => datesOf('kim')).toEqual([expect.stringContaining('23 Nov')]);
    expect(datesOf('jo')).toEqual([expect.stringContaining('23 Nov')]);
  });

  test('exists once, no matter how many workers start it, and under no other id', async () => {
    const { taskQueue, handle, firstRun } = await office('2026-11-22T15:00:00Z');
    await ensureDigest(server.client.workflow, taskQueue);
    expect((await handle.describe()).runId).toBe(firstRun);
    const other = server.client.workflow.execute('tasksDigest', { workflowId: 'digest-x', taskQueue, args: [{}] });
    await expect(other).rejects.toMatchObject({ cause: { type: 'not-a-digest' } });
  });
});
