import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApplicationActivities } from '../../../src/activities/prepare-application.js';
import type { Application } from '../../../src/application/application.js';
import { canonical } from '../../../src/application/canonical.js';
import { storeOne } from '../../../src/archive/owned-document.js';
import { OnboardingClient, type OnboardingError } from '../../../src/client.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { forget } from '../../../src/onboardings/forget.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { POLICY } from '../../support/usual-policy.js';
import { sampleApplication } from '../application/sample.js';

/** How the client handles a Temporal server that fails, and numbers that others have. */

let archive: MemoryArchive;
let workflows: Map<string, 'RUNNING' | 'COMPLETED'>;
/** What Temporal still has for each: the application it was started with, then corrections. */
let histories: Map<string, Application[]>;
let serverIsUp: boolean;
beforeEach(() => {
  archive = new MemoryArchive();
  workflows = new Map();
  histories = new Map();
  serverIsUp = true;
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const loadedDataConverter = { payloadConverter: defaultPayloadConverter, payloadCodecs: [] };
const withDeadline = (_: unknown, ask: () => unknown) => ask();
const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] });
const importerKeys = { keyOf: (number: string) => `key-of-${number}` };
function office(): OnboardingClient {
  const workflow = {
    start: async (_: string, { workflowId, args }: { workflowId: string; args: [Application, number] }) => {
      if (!serverIsUp) throw new Error('The server does not answer.');
      if (workflows.has(workflowId))
        throw new WorkflowExecutionAlreadyStartedError('there already', workflowId, 'onboardImporter');
      workflows.set(workflowId, 'RUNNING');
      histories.set(workflowId, [args[0]]);
    },
    getHandle: (workflowId: string) => ({
      describe: async () => {
        const name = workflows.get(workflowId);
        if (!name) throw new WorkflowNotFoundError('not there', workflowId, undefined);
        return { status: { name } };
      },
      executeUpdate: async (_: unknown, { args: [{ application }] }: { args: [{ application: Application }] }) => {
        histories.get(workflowId)?.push(application);
      },
      fetchHistory: async () => {
        const [started, ...corrections] = histories.get(workflowId) ?? [];
        if (!started) throw Object.assign(new Error('NOT_FOUND'), { code: 5, details: '', metadata: {} });
        const correct = (application: Application) => ({
          workflowExecutionUpdateAcceptedEventAttributes: {
            acceptedRequest: { input: { name: 'correctApplication', args: payloads({ application }) } },
          },
        });
        return {
          events: [
            { workflowExecutionStartedEventAttributes: { input: payloads(started) } },
            ...corrections.map(correct),
          ],
        };
      },
    }),
  };
  return new OnboardingClient({
    temporal: { options: { namespace: 'default', loadedDataConverter }, workflow, withDeadline } as never,
    archive,
    importerKeys,
    config: readClientConfig({}),
  });
}

async function checkedByAWorker(workflowId: string, application: Application): Promise<void> {
  const { prepareApplication } = createApplicationActivities({
    ...{ archive, importerKeys, filler: {} as never, companyInSearchAttributes: true },
    ...{ brokerDomains: [], policy: POLICY },
  });
  const worker = new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'run' } });
  await worker.run(prepareApplication, { application, round: 1, attempt: 1, form: false });
}

const gone = new WorkflowNotFoundError('gone', 'onboarding-maple-imports', undefined);
const WHY = { actor: 'jo', reason: 'the firm imports again' };
const errorOf = (promise: Promise<unknown>): Promise<OnboardingError> =>
  promise.then(
    () => {
      throw new Error('It was not refused.');
    },
    (error) => error,
  );
async function forgetClient(): Promise<void> {
  const order = { reference: 'maple-imports', actors: ['jo', 'kim'], reason: 'time is over' } as const;
  const temporal = { workflow: { getHandle: () => ({ describe: async () => Promise.reject(gone) }) }, options: {} };
  const now = new Date(Date.now() + 10 * 366 * 24 * 3_600_000);
  await forget(order, { temporal: temporal as never, archive, retentionYears: 5, now });
}
const application = (changes: Partial<Application> = {}): Application => ({ ...sampleApplication(), ...changes });

describe('starting many', () => {
  test.each([0, -1, Number.NaN, 2, Number.POSITIVE_INFINITY])('%d at a time starts them all', async (concurrency) => {
    const many = ['12-345678900', '13-345678900', '14-345678900'].map((importerNumber, index) =>
      application({ reference: `client-${index}`, importerNumber }),
    );
    const answers = await office().startMany(many, { concurrency });
    expect(answers.map((answer) => 'status' in answer && answer.status)).toEqual(['started', 'started', 'started']);
  });

  test('does not show a tax number that was entered as a reference', async () => {
    const [answer] = await office().startMany([application({ reference: '412-55-7788' })]);
    expect(answer).toMatchObject({ reference: '(without reference)', error: { code: 'invalid-application' } });
    expect(JSON.stringify(answer) + String(answer && 'error' in answer && answer.error)).not.toContain('7788');
  });
});

describe('reopening', () => {
  const close = (workflowId: string) => workflows.set(workflowId, 'COMPLETED');

  test('with a number that another client has is refused, and works once the number is corrected', async () => {
    const { workflowId } = await office().start(application());
    close(workflowId);
    await office().start(application({ reference: 'other', importerNumber: '13-345678900' }));

    const taken = await errorOf(office().reopen(application({ importerNumber: '13-345678900' }), WHY));
    expect(taken.code).toBe('importer-number-taken');
    expect(await office().start(application())).toMatchObject({ status: 'closed', workflowId });
    expect(await office().reopen(application(), WHY)).toMatchObject({
      status: 'started',
      workflowId: `${workflowId}.2`,
    });
  });

  test('is what counts from then on: a start with any data reports the status of the new round', async () => {
    const { workflowId } = await office().start(application());
    close(workflowId);
    await office().reopen(application({ handler: 'desk-2' }), WHY);
    for (const data of [application(), application({ handler: 'desk-3' })])
      expect(await office().start(data)).toMatchObject({ status: 'running', workflowId: `${workflowId}.2` });
  });

  test('by two people at once is refused for the one whose data is not used', async () => {
    const { workflowId } = await office().start(application());
    close(workflowId);
    const replace = archive.replaceRecord.bind(archive);
    vi.spyOn(archive, 'replaceRecord').mockImplementationOnce(async (key, record) => {
      await office().reopen(application({ handler: 'first' }), WHY);
      await replace(key, record);
    });
    const refused = await errorOf(office().reopen(application({ handler: 'second' }), WHY));
    expect(refused).toMatchObject({ code: 'application-differs', fields: ['handler'] });
    expect(refused.message).toContain('ace-onboarding correct');
    expect(histories.get(`${workflowId}.2`)).toEqual([application({ handler: 'first' })]);
    histories.clear();
    expect(await office().application('maple-imports')).toMatchObject({ handler: 'first' });
  });

  test('with a number that another client has never takes back the round that someone else is about to start', async () => {
    const { workflowId } = await office().start(application());
    close(workflowId);
    await office().start(application({ reference: 'other', importerNumber: '13-345678900' }));
    const create = archive.createRecord.bind(archive);
    vi.spyOn(archive, 'createRecord').mockImplementation(async (key, record) => {
      if (key === 'claims/key-of-13-345678900') {
        vi.restoreAllMocks();
        serverIsUp = false;
        await errorOf(office().reopen(application({ handler: 'first' }), WHY));
        serverIsUp = true;
      }
      return await create(key, record);
    });
    const taken = await errorOf(office().reopen(application({ importerNumber: '13-345678900' }), WHY));
    expect(taken.code).toBe('importer-number-taken');
    expect(await office().start(application({ handler: 'first' }))).toMatchObject({
      status: 'started',
      workflowId: `${workflowId}.2`,
    });
  });

  test('with a number that another client has restores the record that it wrote over', async () => {
    const { workflowId } = await office().start(application());
    close(workflowId);
    await office().start(application({ reference: 'other', importerNumber: '13-345678900' }));
    const replace = archive.replaceRecord.bind(archive);
    vi.spyOn(archive, 'replaceRecord').mockImplementationOnce(async (key, record) => {
      await office().reopen(application({ handler: 'first' }), WHY);
      await replace(key, record);
    });
    const taken = await errorOf(office().reopen(application({ importerNumber: '13-345678900' }), WHY));
    expect(taken.code).toBe('importer-number-taken');
    histories.clear();
    expect(await office().application('maple-imports')).toMatchObject({ handler: 'first' });
    expect(await office().start(application())).toMatchObject({ status: 'running', workflowId: `${workflowId}.2` });
  });

  test('by two people at once with the same data succeeds for both', async () => {
    const { workflowId } = await office().start(application());
    close(workflowId);
    const both = await Promise.all([1, 2].map(() => office().reopen(application(), WHY)));
    expect(both.map(({ status }) => status).sort()).toEqual(['running', 'started']);
  });

  test('while the server is down can be repeated when it is up', async () => {
    const { workflowId } = await office().start(application());
    close(workflowId);
    serverIsUp = false;
    await errorOf(office().reopen(application(), WHY));
    serverIsUp = true;
    expect(await office().reopen(application(), WHY)).toMatchObject({
      status: 'started',
      workflowId: `${workflowId}.2`,
    });
  });
});

describe('a reopening that the server never took', () => {
  beforeEach(async () => {
    const { workflowId } = await office().start(application());
    workflows.set(workflowId, 'COMPLETED');
    serverIsUp = false;
    await errorOf(office().reopen(application({ handler: 'desk-2' }), WHY));
    serverIsUp = true;
  });

  test('can be started with other data, which then is on record, and no document is left after forgetting', async () => {
    expect(await office().start(application({ handler: 'desk-3' }))).toMatchObject({ status: 'started' });
    histories.clear();
    expect(await office().application('maple-imports')).toMatchObject({ handler: 'desk-3' });
    await forgetClient();
    expect(archive.documents.size).toBe(0);
  });

  test('is followed by the next round once the client was forgotten, and keeps its application', async () => {
    workflows.clear();
    await forgetClient();
    const { workflowId } = await office().reopen(application({ handler: 'desk-3' }), WHY);
    expect(workflowId).toBe('onboarding-maple-imports.3');
    histories.clear();
    expect(await office().application('maple-imports')).toMatchObject({ handler: 'desk-3' });
    expect(await office().start(application({ handler: 'desk-3' }))).toMatchObject({ status: 'running', workflowId });
  });
});

describe('a start that the server never took', () => {
  const corrected = () => application({ importerNumber: '13-345678900' });
  beforeEach(async () => {
    serverIsUp = false;
    await errorOf(office().start(application()));
    serverIsUp = true;
  });
  const later = () => vi.setSystemTime(Date.now() + 10 * 60_000);

  test('can be reopened once the client was forgotten', async () => {
    await forgetClient();
    expect(await errorOf(office().start(application()))).toMatchObject({ code: 'forgotten' });
    expect(await office().reopen(application(), WHY)).toMatchObject({
      status: 'started',
      workflowId: 'onboarding-maple-imports.2',
    });
  });

  test('can be repeated later with other data, which then counts', async () => {
    later();
    expect(await office().start(corrected())).toMatchObject({ status: 'started' });
    expect(await office().start(corrected())).toMatchObject({ status: 'running' });
    expect(await errorOf(office().start(application()))).toMatchObject({
      code: 'application-differs',
      fields: ['importerNumber'],
    });
  });

  test('releases the numbers that it no longer has', async () => {
    later();
    await office().start(corrected());
    expect(await office().start(application({ reference: 'other' }))).toMatchObject({ status: 'started' });
  });

  test('may still be in progress shortly afterward, so other data is refused', async () => {
    const differs = await errorOf(office().start(corrected()));
    expect(differs).toMatchObject({ code: 'application-differs' });
    expect(differs.message).toContain('in a few minutes');
    expect(await office().start(application())).toMatchObject({ status: 'started' });
  });
});

test('other data for a closed onboarding is refused with a pointer to reopen', async () => {
  const { workflowId } = await office().start(application());
  workflows.set(workflowId, 'COMPLETED');
  const differs = await errorOf(office().start(application({ handler: 'desk-2' })));
  expect(differs).toMatchObject({ code: 'application-differs', fields: ['handler'] });
  expect(differs.message).toContain('ace-onboarding reopen');
  expect(differs.message).not.toContain('ace-onboarding correct');
});

describe('a refused start leaves nothing in the archive', () => {
  const kept = () => [...archive.documents.keys(), ...archive.records.keys()].sort();
  const other = application({ reference: 'other', importerNumber: '13-345678900' });

  test('when another client has the importer number', async () => {
    await office().start(other);
    const before = kept();
    const taken = await errorOf(office().start(application({ importerNumber: other.importerNumber })));
    expect(taken.code).toBe('importer-number-taken');
    expect(kept()).toEqual(before);
  });

  test('when another client has the number by the time the server is up again, even with other data', async () => {
    serverIsUp = false;
    await errorOf(office().start(application()));
    serverIsUp = true;
    vi.setSystemTime(Date.now() + 10 * 60_000);
    await office().start(other);
    const taken = await errorOf(office().start(application({ importerNumber: other.importerNumber })));
    expect(taken.code).toBe('importer-number-taken');
    const after = kept();
    archive = new MemoryArchive();
    workflows.clear();
    await office().start(other);
    expect(after).toEqual(kept());
  });

  test('when the reference has other data, or a later round', async () => {
    const { workflowId } = await office().start(application());
    const before = kept();
    await errorOf(office().start(application({ handler: 'desk-2' })));
    expect(kept()).toEqual(before);
    workflows.set(workflowId, 'COMPLETED');
    await office().reopen(application({ handler: 'desk-3' }), WHY);
    const reopened = kept();
    for (const handler of ['desk-2', 'desk-3']) await office().start(application({ handler }));
    await office().start(application());
    expect(kept()).toEqual(reopened);
    expect(await office().application('maple-imports')).toMatchObject({ handler: 'desk-3' });
  });

  test('when two people at once have the same data, and neither counts', async () => {
    await office().start(application());
    const before = kept();
    const refused = application({ handler: 'desk-2' });
    const remove = archive.removeRecord.bind(archive);
    let arrived = 0;
    let release = () => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Each has looked for other owners before either removes its own record.
    vi.spyOn(archive, 'removeRecord').mockImplementation(async (key) => {
      if (++arrived === 2) release();
      await both;
      await remove(key);
    });
    await Promise.all([1, 2].map(() => errorOf(office().start(refused))));
    expect(kept()).toEqual(before);
  });

  test('when the client was forgotten, even with the same data', async () => {
    await office().start(application());
    workflows.clear();
    await forgetClient();
    const before = kept();
    expect(await errorOf(office().start(application()))).toMatchObject({ code: 'forgotten' });
    expect(kept()).toEqual(before);
  });

  test('when it cannot be reopened; documents of earlier rounds stay', async () => {
    await office().start(other);
    const { workflowId } = await office().start(application());
    await errorOf(office().reopen(application({ handler: 'desk-2' }), WHY));
    workflows.set(workflowId, 'COMPLETED');
    await errorOf(office().reopen(application({ importerNumber: other.importerNumber }), WHY));
    const documents = [...archive.documents.values()].map((bytes) => JSON.parse(Buffer.from(bytes).toString()));
    expect(documents).toEqual([other, application()]);
  });
});

describe('an onboarding that was corrected', () => {
  const corrected = application({ handler: 'desk-2' });
  const correct = { actor: 'jo', reason: 'CBP wants it', application: corrected };

  test('accepts a repeated start with the original or the corrected data, and refuses any other', async () => {
    await office().start(application());
    await office().correct('Maple-Imports', correct);
    for (const data of [application(), corrected])
      expect(await office().start(data)).toMatchObject({ status: 'running' });
    const differs = await errorOf(office().start({ ...corrected, refundDeadline: '2027-03-31' }));
    expect(differs).toMatchObject({ code: 'application-differs', fields: ['refundDeadline'] });
  });

  test('in the web UI does the same', async () => {
    const { workflowId } = await office().start(application());
    histories.get(workflowId)?.push(corrected);
    expect(await office().start(corrected)).toMatchObject({ status: 'running' });
  });

  test('does the same when its history is gone, and has the corrected application', async () => {
    const { workflowId } = await office().start(application());
    await office().correct('maple-imports', correct);
    await checkedByAWorker(workflowId, corrected);
    workflows.delete(workflowId);
    histories.clear();
    for (const data of [application(), corrected])
      expect(await office().start(data)).toMatchObject({ status: 'closed' });
    expect(await office().application('maple-imports')).toEqual(corrected);
    await office().reopen(application({ handler: 'desk-3' }), WHY);
    histories.clear();
    expect(await office().application('maple-imports')).toMatchObject({ handler: 'desk-3' });
  });
});

describe('the application of an onboarding', () => {
  test('comes from the archive if the history is gone', async () => {
    await office().start(application());
    histories.clear();
    expect(await office().application('MAPLE-imports')).toEqual(application());
  });

  test('is reported as unknown if there is no such onboarding', async () => {
    for (const reference of ['no-one', 'a b'])
      expect(await errorOf(office().application(reference))).toMatchObject({ code: 'not-found' });
  });
});

test.each(['a b', '../acme', '', 'Ü'])('%j is not a valid reference, so no onboarding has it', async (reference) => {
  expect(await errorOf(office().progress(reference))).toMatchObject({ code: 'not-found' });
  expect(await errorOf(office().withdraw(reference, WHY))).toMatchObject({ code: 'not-found' });
});

describe('a start and the archive of an earlier release', () => {
  const encoded = Buffer.from(JSON.stringify(sampleApplication()));
  const claimed = {
    reference: 'maple-imports',
    workflowId: 'onboarding-maple-imports',
    claimedAt: '2026-03-02T14:00:00Z',
  };
  const startedByIt = async () => {
    const { sha256 } = await archive.putDocument(encoded);
    await archive.createRecord('claims/key-of-12-345678900', claimed);
    await archive.createRecord('onboardings/maple-imports', {
      ...{ reference: 'maple-imports', workflowId: 'onboarding-maple-imports', round: 1, applicationSha256: sha256 },
      ...{ state: 'started', startedAt: '2026-03-02T14:00:00Z' },
    });
  };

  test('repeated with the same data starts nothing and keeps nothing', async () => {
    await startedByIt();
    const before = [...archive.documents.keys(), ...archive.records.keys()];
    expect(await office().start(application())).toMatchObject({ status: 'closed' });
    expect([...archive.documents.keys(), ...archive.records.keys()]).toEqual(before);
  });

  test('with other data is refused', async () => {
    await startedByIt();
    expect(await errorOf(office().start(application({ handler: 'desk-2' })))).toMatchObject({ fields: ['handler'] });
  });

  test('followed by a reopening leaves no document after forgetting', async () => {
    await startedByIt();
    expect(await office().application('maple-imports')).toEqual(application());
    expect(await office().reopen(application(), WHY)).toMatchObject({ status: 'started' });
    workflows.clear();
    await forgetClient();
    expect(archive.documents.size).toBe(0);
  });

  test('that crashed before the server took it is finished with the same data at once', async () => {
    await startedByIt();
    const record = (await archive.readRecord('onboardings/maple-imports')) as object;
    await archive.replaceRecord('onboardings/maple-imports', {
      ...record,
      ...{ state: 'starting', startedAt: new Date().toISOString() },
    });
    expect(await office().start(application())).toMatchObject({ status: 'started' });
    workflows.clear();
    await forgetClient();
    expect(archive.documents.size).toBe(0);
  });

  test('leaves an importer number to the client that claimed it', async () => {
    await startedByIt();
    const taken = await errorOf(office().start(application({ reference: 'other' })));
    expect(taken).toMatchObject({ code: 'importer-number-taken' });
    expect(await archive.readRecord('claims/key-of-12-345678900')).toEqual(claimed);
  });
});

test('a refused start never removes the application that a worker stores at the same moment', async () => {
  const { workflowId } = await office().start(application());
  const corrected = application({ handler: 'desk-2' });
  histories.get(workflowId)?.push(corrected);
  const remove = archive.removeDocument.bind(archive);
  vi.spyOn(archive, 'removeDocument').mockImplementationOnce(async (sha256) => {
    await storeOne(archive, { workflowId }, canonical(corrected));
    await remove(sha256);
  });
  expect(await office().start(corrected)).toMatchObject({ status: 'running' });
  const documents = [...archive.documents.values()].map((bytes) => JSON.parse(Buffer.from(bytes).toString()));
  expect(documents).toEqual([application(), corrected]);
});
