import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createApplicationActivities } from '../../src/activities/prepare-application.js';
import type { Application } from '../../src/application/application.js';
import { workflowIdOf } from '../../src/application/reference.js';
import { openForm } from '../../src/form/map/edition.js';
import { createFormFiller, type FormFiller } from '../../src/form/tasks/form-process.js';
import type { PrepareOrder } from '../../src/workflows/contract/application-activities.js';
import { MemoryArchive } from '../support/memory-archive.js';
import { connect, reaches, startWorker } from '../support/parked-onboardings.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';
import { POLICY } from '../support/usual-policy.js';
import { sampleApplication } from './onboarding/sample-application.js';

/** Many applications at once, with the real form process: few are prepared at a time, and the rest wait at the server. */

let office: Awaited<ReturnType<typeof connect>>;
let filler: FormFiller;
beforeAll(async () => {
  office = await connect(sharedDevServer().address, undefined);
  filler = createFormFiller(await openForm('forms/replica.pdf', 'forms/replica.map.json'));
});
afterAll(async () => {
  await filler?.close();
  await office?.connection.close();
});

let tests = 0;
let taskQueue: string;
let own: { prepareApplication(order: PrepareOrder): Promise<never> };
/** What happened to applications with a form, in order. */
let events: { what: 'begun' | 'filled' | 'ended'; reference: string }[];
/** Nothing is filled before this is called. */
let fillNow: () => void;
const happened = (what: (typeof events)[number]['what']) => events.filter((event) => event.what === what).length;

beforeEach(() => {
  taskQueue = `form-queue-${++tests}`;
  events = [];
  const open = new Promise<void>((resolve) => {
    fillNow = resolve;
  });
  const { prepareApplication } = createApplicationActivities({
    archive: new MemoryArchive(),
    importerKeys: { keyOf: (number) => `key-of-${number}` },
    filler: {
      fingerprint: 'replica',
      async fill(application) {
        await open;
        const filled = await filler.fill(application);
        events.push({ what: 'filled', reference: application.reference });
        return filled;
      },
    },
    companyInSearchAttributes: true,
    brokerDomains: [],
    policy: POLICY,
  });
  own = {
    async prepareApplication(order) {
      const { reference } = order.application;
      if (order.form) events.push({ what: 'begun', reference });
      const prepared = await prepareApplication(order);
      if (order.form) events.push({ what: 'ended', reference });
      return prepared as never;
    },
  };
});

function start(n: number, overrides: Partial<Application> = {}) {
  const reference = `${taskQueue}-n${n}`;
  const importerNumber = `07-1234567${String(n).padStart(2, '0')}`;
  return office.client.workflow.start('onboardImporter', {
    workflowId: workflowIdOf(reference),
    taskQueue,
    args: [sampleApplication({ reference, importerNumber, ...overrides })],
  });
}
const startTogether = (many: number) => Promise.all(Array.from({ length: many }, (_, n) => start(n)));

async function worker() {
  const started = await startWorker(sharedDevServer().address, taskQueue, undefined, { own });
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= started.stop();
    return stopped;
  };
  onTestFinished(async () => {
    fillNow();
    await stop();
  });
  return stop;
}

test('of many that start together, two at a time are prepared, the first ends before the third begins, and what needs no form waits for none of them', async () => {
  const MANY = 5;
  await worker();
  const handles = await startTogether(MANY);
  await expect.poll(() => happened('begun')).toBe(2);
  const route = { existingAccount: 'yes', form5106OnFile: true, channel: { kind: 'email' } } as const;
  const formless = await start(MANY, { route });
  await reaches(formless, 'awaiting-access-grant');
  expect(happened('begun')).toBe(2);

  fillNow();
  await expect.poll(() => happened('ended')).toBe(MANY);
  let inProgress = 0;
  let most = 0;
  for (const { what } of events) {
    if (what === 'begun') most = Math.max(most, ++inProgress);
    if (what === 'ended') inProgress -= 1;
  }
  expect(most).toBe(2);
  expect(events.findIndex(({ what }) => what === 'ended')).toBeLessThan(
    events.findIndex(({ what }, index) => what === 'begun' && index > 1),
  );
  expect(happened('filled')).toBe(MANY);
  await Promise.all([...handles, formless].map((handle) => handle.terminate()));
});

test('a worker that is told to stop finishes the two it has begun and leaves the rest to others', async () => {
  const MANY = 4;
  const stop = await worker();
  const handles = await startTogether(MANY);
  await expect.poll(() => happened('begun')).toBe(2);
  const stopped = stop();
  fillNow();
  await stopped;
  expect([happened('begun'), happened('filled'), happened('ended')]).toEqual([2, 2, 2]);

  await worker();
  await expect.poll(() => happened('ended')).toBe(MANY);
  expect(happened('filled')).toBe(MANY);
  await Promise.all(handles.map((handle) => handle.terminate()));
});
