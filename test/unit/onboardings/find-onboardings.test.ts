import { beforeEach, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/application/application.js';
import type { ImporterKeys } from '../../../src/archive/importer-key.js';
import { claims, importerIndex, onboardings, type StartedOnboarding } from '../../../src/archive/records.js';
import { findOnboardings } from '../../../src/onboardings/find-onboardings.js';
import type { ListedOnboarding } from '../../../src/onboardings/list-onboardings.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { sampleApplication } from '../application/sample.js';

/** A client is on the phone: which case is theirs, and where does it stand? */

const importerKeys: ImporterKeys = { keyOf: (number) => `key-of-${number.replace(/\W/g, '')}` };

let archive: MemoryArchive;
let listed: ListedOnboarding[];
let applications: Map<string, Application>;
beforeEach(() => {
  archive = new MemoryArchive();
  listed = [];
  applications = new Map();
});

const find = async (text: string) =>
  await findOnboardings(text, {
    archive,
    importerKeys,
    listed: async function* () {
      yield* listed;
    },
    application: async ({ reference }: StartedOnboarding) => {
      const application = applications.get(reference);
      if (!application) throw new Error('The document is missing.');
      return application;
    },
    urlOf: (workflowId) => `http://ui/${workflowId}`,
  });
const found = async (text: string) => (await find(text)).map(({ reference }) => reference);

interface Client {
  reference: string;
  legalName: string;
  importerNumber: string;
  phone?: string;
  /** What Temporal lists; `false`: it no longer does. */
  shown?: Partial<ListedOnboarding> | false;
}

async function has({ reference, legalName, importerNumber, phone = '(207) 555-0100', shown = {} }: Client) {
  const sample = sampleApplication();
  const workflowId = `onboarding-${reference.toLowerCase()}`;
  applications.set(reference, {
    ...sample,
    ...{ reference, importerNumber, company: { ...sample.company, legalName, phone: '(207) 555-0199' } },
    accountOwner: { ...sample.accountOwner, phone },
  });
  const started = { reference, workflowId, round: 1, applicationSha256: '', state: 'started', startedAt: '' };
  await archive.createRecord(onboardings.key(reference), started);
  const key = importerKeys.keyOf(importerNumber);
  await archive.createRecord(claims.key(key), { reference, workflowId, claimedAt: '' });
  if (shown)
    listed.push({
      ...{ reference, workflowId, company: legalName, stage: 'awaiting-decision', waitingOn: 'cbp', attention: [] },
      ...{ status: 'running', url: '' },
      ...shown,
    });
}

const MAPLE = { reference: 'maple-imports', legalName: 'Maple Imports, Inc.', importerNumber: '07-210348800' };
const HARBOR = { reference: 'C-17', legalName: 'Harbor Light Imports LLC', importerNumber: '13-345678900' };

describe('a case is found', () => {
  beforeEach(async () => {
    await has(MAPLE);
    await has({ ...HARBOR, phone: '+1 207-555-0142' });
  });

  test.each([
    ['maple', ['maple-imports']],
    ['MAPLE IMPORTS INC', ['maple-imports']],
    ['imports', ['maple-imports', 'C-17']],
    ['c-17', ['C-17']],
    ['07-210348800', ['maple-imports']],
    ['07-2103488', ['maple-imports']],
    ['13345678900', ['C-17']],
    ['(207) 555-0142', ['C-17']],
    ['207.555.0142', ['C-17']],
    ['12075550142', ['C-17']],
    ['2075550199', ['maple-imports', 'C-17']],
    ['07-210348801', []],
    ['2075550143', []],
    ['nobody', []],
  ])('by %s: %j', async (text, references) => {
    expect(await found(text)).toEqual(references);
  });

  test('by a further importer number of the same account', async () => {
    const key = importerIndex.key(importerKeys.keyOf('07-2103488A1'), 'onboarding-c-17');
    await archive.createRecord(key, { reference: 'C-17', workflowId: 'onboarding-c-17', company: 'x' });
    expect(await found('07-2103488A1')).toEqual(['C-17']);
  });
});

test('a sole proprietor, whom the list shows by the reference, is found by name', async () => {
  await has({ ...MAPLE, shown: { company: 'maple-imports' } });
  await has({ reference: 'C-18', legalName: 'Étienne Roy', importerNumber: '412-55-7788', shown: { company: 'C-18' } });
  expect(await find('etienne')).toMatchObject([{ reference: 'C-18', company: 'Étienne Roy' }]);
});

test('a case that Temporal no longer lists is found in the archive, and said to be closed', async () => {
  await has({ ...MAPLE, shown: false });
  for (const text of ['maple', '07-210348800'])
    expect(await find(text)).toMatchObject([{ reference: 'maple-imports', status: 'closed' }]);
});

test('a client whose data was deleted does not break the search for others', async () => {
  await has({ ...HARBOR, shown: false });
  applications.clear();
  await has(MAPLE);
  expect(await found('maple')).toEqual(['maple-imports']);
});

test('the newest round says where the case stands, in one sentence without an importer number', async () => {
  await has({
    ...MAPLE,
    shown: {
      ...{ workflowId: 'onboarding-maple-imports.2', stage: 'awaiting-access-grant', waitingOn: 'client' },
      ...{ dueAt: '2026-12-09T15:00:00.000Z', attention: ['client-silent'], refundDeadline: '2027-03-31' },
    },
  });
  listed.push({ ...(listed[0] as ListedOnboarding), status: 'closed', outcome: 'withdrawn' });
  const [one, ...others] = await find('07-210348800');
  expect(others).toEqual([]);
  expect(one?.standing).toBe(
    'Waiting on the client (awaiting-access-grant). Next step: Wed Dec 9, 2026, 10:00 AM ET. Needs a person: client-silent. Refund by Wed Mar 31, 2027.',
  );
  expect(JSON.stringify(one)).not.toContain('2103488');
});

test.each([
  ['x', 'at least two'],
  ['!!', 'at least two'],
  ['123-45-678', undefined],
  ['7-210348800', undefined],
  ['EIN 072103488', 'looks like an importer number'],
])('%s is refused, or finds nothing, and is never repeated', async (text, said) => {
  await has(MAPLE);
  const answer = await find(text).catch((error: Error) => error);
  if (said === undefined) expect(answer).toEqual([]);
  else {
    expect(answer).toBeInstanceOf(Error);
    expect((answer as Error).message).toContain(said);
    expect((answer as Error).message).not.toContain('072103488');
  }
});
