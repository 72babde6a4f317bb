import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Application } from '../../../src/application/application.js';
import { openDirectoryArchive } from '../../../src/archive/directory.js';
import { makeImporterKeys } from '../../../src/archive/importer-key.js';
import { onboardings } from '../../../src/archive/records.js';
import { deadlinesOf } from '../../../src/calendar/schedule.js';
import { OnboardingClient, OnboardingError } from '../../../src/client.js';
import * as messages from '../../../src/workflows/contract/messages.js';
import { SEARCH_ATTRIBUTES } from '../../../src/workflows/contract/search-attributes.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { POLICY } from '../../support/usual-policy.js';
import { messageIdOf, type Parts, RehearsedOnboarding } from './rehearsed-onboarding.js';
import { sampleApplication } from './sample-application.js';

/** On the development server: what the test server cannot do, and what people do to a running onboarding. */

let environment: TestWorkflowEnvironment;
let folder: string;
beforeAll(async () => {
  environment = await TestWorkflowEnvironment.createFromExistingServer({ address: inject('temporalAddress') });
  folder = await mkdtemp(path.join(tmpdir(), 'ace-onboarding-'));
});
afterAll(async () => {
  await environment?.teardown();
  await rm(folder, { recursive: true, force: true });
});

let references = 0;
const thisRun = Math.random()
  .toString(36)
  .replace(/[^a-z]/g, '')
  .slice(0, 8);
/** Of letters mostly: a reference that looks like a tax number is refused. */
const unique = () => `server-${thisRun}-n${++references}`;
const run = (application: Application, script: (o: RehearsedOnboarding) => Promise<void>) =>
  RehearsedOnboarding.run(environment, application, script);

test('an onboarding that goes well is parked with at most 36 events, and ends with at most 70 and 20 KB', () =>
  run(sampleApplication({ reference: unique() }), async (o) => {
    const size = async () => {
      const { historyLength, historySize = 0 } = await o.handle.describe();
      return { events: historyLength, bytes: historySize };
    };
    await o.reaches({ stage: 'awaiting-acknowledgement' });
    await o.receive(o.mail('acknowledgement', { responseBusinessDays: 5 }));
    await o.reaches({ stage: 'awaiting-decision' });
    const parked = await size();
    expect(parked.events).toBeLessThanOrEqual(36);
    await o.receive(o.mail('approved'));
    await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
    await o.confirmAccess();
    expect(await o.handle.result()).toBe('access-granted');
    const closed = await size();
    expect(closed.events).toBeLessThanOrEqual(70);
    expect(closed.bytes).toBeLessThanOrEqual(20_000);
  }));

test('the list shows the stage, whose turn it is, what is due and what needs attention', () =>
  run(sampleApplication({ reference: unique() }), async (o) => {
    await o.reaches({ stage: 'awaiting-acknowledgement' });
    await o.receive(o.mail('approved', { authenticity: { verdict: 'unauthentic', reasons: ['forged'] } }));
    await o.reaches({ attention: 'mail-to-review' });
    const query = `WorkflowId = "${o.handle.workflowId}" AND NeedsAttention = "mail-to-review" AND WaitingOn = "broker"`;
    await expect.poll(async () => (await environment.client.workflow.count(query)).count, { timeout: 20_000 }).toBe(1);
    await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'test' }] });
    const closed = `WorkflowId = "${o.handle.workflowId}" AND Outcome = "withdrawn" AND OnboardingStage = "closed" AND ExecutionStatus = "Completed"`;
    await expect.poll(async () => (await environment.client.workflow.count(closed)).count, { timeout: 20_000 }).toBe(1);
  }));

test('an invalid update is refused with the remedy, and leaves no trace in the history', () =>
  run(sampleApplication({ reference: unique() }), async (o) => {
    await o.reaches({ stage: 'awaiting-acknowledgement' });
    const invalid = [
      [messages.decide, undefined, 'no usable payload'],
      [messages.decide, null, 'no usable payload'],
      [messages.decide, { decision: 'approved', evidence: 'x' }, 'actor is missing'],
      [messages.decide, { actor: 'op', evidence: 'x', decision: 'granted' }, 'must be one of: approved'],
      [messages.decide, { actor: 'op', evidence: 'x', decision: 'approved' }, 'verification is missing'],
      [messages.correctApplication, { actor: 'op', reason: 'x' }, 'application is missing'],
      [
        messages.correctApplication,
        { actor: 'op', reason: 'x', application: { reference: 'another' } },
        'needs its own onboarding',
      ],
      [messages.settleSubmission, { actor: 'op', evidence: 'x', outcome: 'sent', at: 'now' }, 'nothing to settle'],
      [
        messages.confirmAccessGranted,
        { actor: 'op', evidence: 'x', role: 'full-access', importerNumbers: [] },
        'not waiting for the access grant',
      ],
      [
        messages.changeDeadline,
        { actor: 'op', reason: 'x', deadline: 'never', at: '2026-12-30T17:00:00-05:00' },
        'must be one that is still ahead',
      ],
      [
        messages.changeDeadline,
        { actor: 'op', reason: 'x', deadline: 'late', at: 'tomorrow' },
        'must be a date and time',
      ],
      [messages.dismissMail, { actor: 'op', reason: 'x', mailId: 'none' }, 'no email with that mailId'],
      [messages.withdraw, { actor: '  ', reason: 'x' }, 'actor is missing'],
    ] as const;
    for (const [definition, payload, problem] of invalid) {
      const update = o.handle.executeUpdate(definition as typeof messages.withdraw, { args: [payload as never] });
      const refusal = await update.catch((error) => error);
      expect(refusal.cause?.message, JSON.stringify([definition.name, payload])).toContain(problem);
    }
    const { events } = await o.handle.fetchHistory();
    expect(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);
  }));

test('a mail server that is down does not hold up a case', async () => {
  const hurried = { ...POLICY, calendar: { ...POLICY.calendar, pace: { secondsPerBusinessDay: 0.2 } } };
  const sendNotice = async () => {
    throw new Error('The mail server does not answer.');
  };
  await RehearsedOnboarding.run(
    environment,
    sampleApplication({ reference: unique() }),
    async (o) => {
      await o.reaches({ attention: 'overdue' });
      await o.receive(o.mail('approved'));
      await o.reaches({ stage: 'awaiting-access-grant' });
      await o.handle.executeUpdate(messages.decide, { args: [{ actor: 'op', evidence: 'x', decision: 'abandoned' }] });
      expect(await o.handle.result()).toBe('abandoned');
    },
    { sendNotice },
    { policy: hurried },
  );
});

test('an update after someone ended the onboarding is refused, even while an email is being sent', async () => {
  let release = () => {};
  const taken = new Promise<void>((resolve) => {
    release = resolve;
  });
  await RehearsedOnboarding.run(
    environment,
    sampleApplication({ reference: unique() }),
    async (o) => {
      await expect.poll(() => o.applications.length, { timeout: 20_000 }).toBe(1);
      await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'client left' }] });
      const approved = { actor: 'kim', evidence: 'x', decision: 'approved', verification: 'seen-in-ace' } as const;
      const refusal = await o.handle.executeUpdate(messages.decide, { args: [approved] }).catch((error) => error);
      expect(refusal.cause?.message).toContain('closing');
      release();
      expect(await o.handle.result()).toBe('withdrawn');
    },
    {
      sendApplication: async (mail) => {
        await taken;
        return { kind: 'refused', messageId: messageIdOf(mail), reason: 'never taken' };
      },
    },
  );
});

test('the list shows the handler and the refund deadline from the corrected application', () => {
  const application = sampleApplication({ reference: unique(), refundDeadline: '2027-03-31' });
  return run(application, async (o) => {
    const listed = async () => {
      const { typedSearchAttributes: shown } = await o.handle.describe();
      return [shown.get(SEARCH_ATTRIBUTES.handler), shown.get(SEARCH_ATTRIBUTES.refundDeadline)?.toISOString()];
    };
    await o.reaches({ stage: 'awaiting-acknowledgement' });
    expect(await listed()).toEqual([undefined, '2027-03-31T12:00:00.000Z']);
    const wanted = { decision: 'correction-needed', waitingOn: 'broker', what: 'the name' } as const;
    await o.handle.executeUpdate(messages.decide, { args: [{ actor: 'op', evidence: 'x', ...wanted }] });
    await o.reaches({ stage: 'awaiting-correction' });
    const { refundDeadline: _, ...corrected } = { ...application, handler: 'desk-two' };
    await o.handle.executeUpdate(messages.correctApplication, {
      args: [{ actor: 'op', reason: 'handed over', application: corrected }],
    });
    await expect.poll(listed).toEqual(['desk-two', undefined]);
    await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'test' }] });
    await o.handle.result();
  });
});

/** Values that our client would never send, but anyone who can start a workflow or an update can. */
const UNUSABLE = [
  { handler: 'jo\u0000' },
  { handler: 5 },
  { handler: {} },
  { refundDeadline: '9999-12-31' },
  { refundDeadline: '0001-01-01' },
  { refundDeadline: 'soon' },
  { refundDeadline: { toString: 5 } },
  { route: { existingAccount: 'none' } },
];
const refuse: Parts['prepareApplication'] = async () => ({
  kind: 'refused',
  why: 'application-refused',
  complaints: [],
});

test('a correction with values that Temporal cannot list is refused and does no harm', async () => {
  const application = sampleApplication({ reference: unique() });
  const prepared = { prepareApplication: refuse };
  await RehearsedOnboarding.run(
    environment,
    application,
    async (o) => {
      for (const unusable of UNUSABLE) {
        await o.reaches({ attention: 'application-refused' });
        const tries = o.prepared.length;
        const corrected = { ...application, ...unusable } as unknown as Application;
        await o.handle.executeUpdate(messages.correctApplication, {
          args: [{ actor: 'op', reason: 'test', application: corrected }],
        });
        await expect.poll(() => o.prepared.length, { timeout: 20_000 }).toBe(tries + 1);
      }
      await o.reaches({ attention: 'application-refused' });
      const { typedSearchAttributes: shown } = await o.handle.describe();
      expect(shown.get(SEARCH_ATTRIBUTES.handler)).toBeUndefined();
      expect(shown.get(SEARCH_ATTRIBUTES.refundDeadline)).toBeUndefined();
      await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'test' }] });
      expect(await o.handle.result()).toBe('withdrawn');
    },
    prepared,
  );
});

test.each(UNUSABLE)('a start with values that Temporal cannot list is refused: %j', async (unusable) => {
  const application = { ...sampleApplication({ reference: unique() }), ...unusable } as unknown as Application;
  await RehearsedOnboarding.run(
    environment,
    application,
    async (o) => {
      await o.reaches({ attention: 'application-refused' });
      await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'test' }] });
      expect(await o.handle.result()).toBe('withdrawn');
    },
    { prepareApplication: refuse },
  );
});

describe('a withdrawal while the email to CBP is being sent', () => {
  const withdrawn = { actor: 'op', reason: 'client left' };
  const outcomeOf = async (sendApplication: Parts['sendApplication']) =>
    await RehearsedOnboarding.run(
      environment,
      sampleApplication({ reference: unique() }),
      async (o) => {
        await expect.poll(() => o.applications.length, { timeout: 20_000 }).toBe(1);
        await o.handle.executeUpdate(messages.withdraw, { args: [withdrawn] });
        expect(await o.handle.result()).toBe('withdrawn');
        const { notes } = await o.progress();
        return {
          tries: o.applications.length,
          told: o.notices.map(({ template }) => template),
          stopped: notes.some(({ text }) => text.includes('Most likely it never went out')),
        };
      },
      { sendApplication },
    );

  test('prevents another try when the mail server is back', async () => {
    const outcome = await outcomeOf(async () => {
      throw new Error('The mail server does not answer.');
    });
    expect(outcome).toEqual({ tries: 1, told: [], stopped: true });
  });

  test('stops the email if that is still possible', async () => {
    const outcome = await outcomeOf(async () => {
      const context = Context.current();
      const beating = setInterval(() => context.heartbeat(), 1_000);
      return await context.cancelled.finally(() => clearInterval(beating));
    });
    expect(outcome).toEqual({ tries: 1, told: [], stopped: true });
  });

  test('tells CBP, and not the client, if the email went out after all', async () => {
    const outcome = await outcomeOf(async (mail) => {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const at = new Date();
      return {
        kind: 'accepted',
        messageId: messageIdOf(mail),
        at: at.toISOString(),
        deadlines: deadlinesOf({ wait: 'decision', at: at.toISOString() }, POLICY),
      };
    });
    expect(outcome).toEqual({ tries: 1, told: ['cbp-withdrawal'], stopped: false });
  });
});

test('a cancellation in the Web UI is only noted, and the onboarding continues', () =>
  run(sampleApplication({ reference: unique() }), async (o) => {
    await o.reaches({ stage: 'awaiting-acknowledgement' });
    await o.handle.cancel();
    await expect
      .poll(async () => JSON.stringify((await o.handle.query(messages.progress)).notes))
      .toContain('cancellation');
    await o.receive(o.mail('approved'));
    await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
    await o.confirmAccess();
    expect(await o.handle.result()).toBe('access-granted');
  }));

test('a reset to before the submission repeats the same order, which is already claimed, so nothing is sent twice', () =>
  run(sampleApplication({ reference: unique() }), async (o) => {
    await o.reaches({ stage: 'awaiting-acknowledgement' });
    const { workflowId } = o.handle;
    const { events } = await o.handle.fetchHistory();
    const first = events?.find((event) => event.workflowTaskCompletedEventAttributes)?.eventId;
    await environment.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
      workflowTaskFinishEventId: first ?? null,
      requestId: unique(),
      reason: 'as an operator would in the UI',
    });
    await expect.poll(() => o.applications.length, { timeout: 20_000 }).toBe(2);
    expect(o.applications[1]).toEqual(o.applications[0]);
    await o.reaches({ stage: 'awaiting-acknowledgement' });
  }));

describe('the client', () => {
  const client = async () =>
    new OnboardingClient({
      temporal: environment.client,
      archive: await openDirectoryArchive(path.join(folder, 'archive')),
      importerKeys: await makeImporterKeys(path.join(folder, 'importer-key'), new MemoryArchive()),
      config: {
        taskQueue: 'no-worker-here',
        uiUrl: 'http://localhost:8233',
        archiveDir: path.join(folder, 'archive'),
        importerKeyFile: path.join(folder, 'importer-key'),
        companyInSearchAttributes: true,
        brokerDomains: ['broker.example'],
      },
    });
  let numbers = 0;
  const fresh = () =>
    sampleApplication({ reference: unique(), importerNumber: `07-${String(++numbers).padStart(7, '0')}00` });
  /** The record that the client would have written if it had started the onboarding. */
  const onRecord = async (application: Application, workflowId: string) => {
    const archive = await openDirectoryArchive(path.join(folder, 'archive'));
    const { sha256: applicationSha256 } = await archive.putDocument(Buffer.from('{}'));
    const { reference } = application;
    const started = { round: 1, state: 'started', startedAt: new Date().toISOString() } as const;
    await archive.createRecord(onboardings.key(reference), { reference, workflowId, applicationSha256, ...started });
  };
  /** The server keeps the messages that came after it. */
  const resetToBeforeTheLastUpdate = async (handle: WorkflowHandle) => {
    const { events } = await handle.fetchHistory();
    const last = events?.findLastIndex((event) => event.workflowExecutionUpdateAcceptedEventAttributes) ?? 0;
    await environment.client.workflowService.resetWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: handle.workflowId },
      workflowTaskFinishEventId: events?.[last - 1]?.eventId ?? null,
      requestId: unique(),
      reason: 'as an operator would in the UI',
    });
  };
  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: OnboardingError) => error,
    );

  test('a second start starts nothing, different data is refused with the fields, and upper case is the same reference', async () => {
    const c = await client();
    const application = fresh();
    expect((await c.start(application)).status).toBe('started');
    expect((await c.start(application)).status).toBe('running');
    expect((await c.start({ ...application, reference: application.reference.toUpperCase() })).status).toBe('running');
    const other = await errorOf(c.start({ ...application, officer: { ...application.officer, title: 'Chair' } }));
    expect(other).toMatchObject({ code: 'application-differs', fields: ['officer.title'] });
  });

  test('of simultaneous starts for one importer number, exactly one starts and the others name it', async () => {
    const application = fresh();
    const rivals = Array.from({ length: 8 }, () => ({ ...application, reference: unique() }));
    const results = await Promise.all(
      rivals.map(async (rival) => (await client()).start(rival).catch((error) => error)),
    );
    const started = results.filter((result) => result.status === 'started');
    expect(started).toHaveLength(1);
    for (const error of results.filter((result) => result instanceof OnboardingError)) {
      expect(error.code).toBe('importer-number-taken');
      expect(error.message).toContain(started[0].reference);
      expect(error.message).not.toContain(application.importerNumber);
    }
  });

  test('an onboarding whose history was deleted is closed, not new', async () => {
    const c = await client();
    const application = fresh();
    const { workflowId } = await c.start(application);
    await environment.client.workflow.getHandle(workflowId).terminate();
    await environment.client.workflowService.deleteWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId },
    });
    await expect
      .poll(
        () =>
          environment.client.workflow
            .getHandle(workflowId)
            .describe()
            .then(
              () => 'there',
              () => 'gone',
            ),
        { timeout: 100_000, interval: 250 },
      )
      .toBe('gone');
    expect((await c.start(application)).status).toBe('closed');
    const rival = await errorOf(c.start({ ...application, reference: unique() }));
    expect(rival).toMatchObject({ code: 'importer-number-taken' });
  });

  test('reopening starts the next round under a new id, only once the first is closed', async () => {
    const c = await client();
    const application = fresh();
    const { workflowId } = await c.start(application);
    expect(await errorOf(c.reopen(application, { actor: 'op', reason: 'again' }))).toMatchObject({ code: 'refused' });
    await environment.client.workflow.getHandle(workflowId).terminate();
    expect(await c.reopen(application, { actor: 'op', reason: 'again' })).toMatchObject({
      status: 'started',
      workflowId: `${workflowId}.2`,
    });
    expect((await c.start(application)).workflowId).toBe(`${workflowId}.2`);
  });

  test('returns the started application, and then the corrected one, even after a reset', async () => {
    const c = await client();
    const application = fresh();
    await run(application, async (o) => {
      await onRecord(application, o.handle.workflowId);
      expect(await c.application(application.reference)).toEqual(application);
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const wanted = { decision: 'correction-needed', waitingOn: 'broker', what: 'the name' } as const;
      await o.handle.executeUpdate(messages.decide, { args: [{ actor: 'op', evidence: 'x', ...wanted }] });
      await o.reaches({ stage: 'awaiting-correction' });
      const corrected = { ...application, handler: 'desk-2' };
      const correct = { actor: 'op', reason: 'x', application: corrected };
      const another = { ...correct, application: { ...corrected, reference: 'another' } };
      await errorOf(o.handle.executeUpdate(messages.correctApplication, { args: [another] }));
      expect(await c.application(application.reference)).toEqual(application);
      await o.handle.executeUpdate(messages.correctApplication, { args: [correct] });
      expect(await c.application(application.reference)).toEqual(corrected);

      await resetToBeforeTheLastUpdate(o.handle);
      await expect.poll(() => c.application(application.reference)).toEqual(corrected);
    });
  });

  test('an unknown reference is reported as not found', async () => {
    const c = await client();
    const approval = { source: 'crm', actor: 'op', evidence: 'x', importerNumber: '07-123456700' };
    expect(await errorOf(c.approve('never-started', approval))).toMatchObject({ code: 'not-found' });
    expect(await errorOf(c.withdraw('never-started', { actor: 'op', reason: 'x' }))).toMatchObject({
      code: 'not-found',
    });
  });

  test('neither ids nor search attributes carry an importer number or a person’s name', async () => {
    const c = await client();
    const application = {
      ...fresh(),
      company: { ...fresh().company, legalName: 'Mara Quist', organization: 'sole-proprietorship' as const },
    };
    const { workflowId } = await c.start(application);
    const description = await environment.client.workflow.getHandle(workflowId).describe();
    const visible = JSON.stringify([workflowId, description.typedSearchAttributes.getAll(), description.memo]);
    for (const secret of [
      application.importerNumber,
      application.importerNumber.replace('-', ''),
      'Quist',
      'Brandt',
      'ivo@',
    ]) {
      expect(visible).not.toContain(secret);
    }
  });
});
