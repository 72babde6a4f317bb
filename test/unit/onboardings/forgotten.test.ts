import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { createApplicationActivities } from '../../../src/activities/prepare-application.js';
import type { Application } from '../../../src/application/application.js';
import { sha256Of } from '../../../src/archive/archive-names.js';
import { storeOwned } from '../../../src/archive/owned-document.js';
import { mails } from '../../../src/archive/records.js';
import { OnboardingClient } from '../../../src/client.js';
import { readClientConfig } from '../../../src/config/read-config.js';
import { forget } from '../../../src/onboardings/forget.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { POLICY } from '../../support/usual-policy.js';
import { sampleApplication } from '../application/sample.js';
import { withoutHistories as temporal } from './without-histories.js';

/** Clients are forgotten years after Temporal deleted their histories, so nothing may depend on what only those name. */

const importerKeys = { keyOf: (number: string) => `key-of-${number}` };

test('applications, corrections, forms, and pictures of every round are forgotten even if no history is left', async () => {
  const archive = new MemoryArchive();
  const office = new OnboardingClient({ temporal, archive, importerKeys, config: readClientConfig({}) });
  let forms = 0;
  const { prepareApplication } = createApplicationActivities({
    archive,
    importerKeys,
    filler: {
      fingerprint: 'replica',
      async fill() {
        if (++forms === 2) return { kind: 'refused', complaints: [] };
        const pdf = Buffer.from(`form ${forms}`);
        const picture = Buffer.from(`picture of form ${forms}`);
        return { kind: 'filled', pdf, sha256: sha256Of(pdf), pages: 6, edition: 'replica', picture };
      },
    },
    companyInSearchAttributes: true,
    brokerDomains: [],
    policy: POLICY,
  });
  const prepare = async (workflowId: string, application: Application) => {
    const environment = new MockActivityEnvironment({ workflowExecution: { workflowId, runId: 'run' } });
    await environment.run(prepareApplication, { application, round: 1, attempt: 1, form: true });
  };

  const application = sampleApplication();
  const { workflowId } = await office.start(application);
  await prepare(workflowId, application);
  await prepare(workflowId, { ...application, handler: 'desk-2' });
  const again = await office.reopen({ ...application, handler: 'desk-3' }, { actor: 'jo', reason: 'imports again' });
  await prepare(again.workflowId, { ...application, handler: 'desk-3' });
  expect(archive.documents.size).toBeGreaterThan(6);

  const now = new Date(Date.now() + 10 * 366 * 24 * 3_600_000);
  await forget(
    { reference: application.reference, actors: ['jo', 'kim'], reason: 'time is over' },
    {
      temporal,
      archive,
      retentionYears: 5,
      now,
    },
  );
  expect([...archive.documents.values()].map(String)).toEqual([]);
  expect([...archive.records.keys()].filter((key) => /^(?:papers|fills)\//.test(key))).toEqual([]);
});

test('every copy of an email that was delivered twice is forgotten, even by the run after one that died', async () => {
  const archive = new MemoryArchive();
  const office = new OnboardingClient({ temporal, archive, importerKeys, config: readClientConfig({}) });
  const { reference } = sampleApplication();
  const { workflowId } = await office.start(sampleApplication());
  const mailId = 'a'.repeat(64);
  const copies = [Buffer.from('Received: 1'), Buffer.from('Received: 2')];
  for (const copy of copies) await storeOwned(archive, { mailId }, copy);
  const at = '2026-11-28T08:00:00.000Z';
  await archive.createRecord(mails.key(mailId), {
    ...{ mailId, mailbox: 'main', receivedAt: at, firstSeenAt: at, state: 'signalled', workflowId, reference },
    ...{ candidates: [], reasons: [] },
    mail: { mailId, documentSha256: sha256Of(copies[1] ?? Buffer.of()) },
  });
  const stranger = await storeOwned(archive, { mailId: 'b'.repeat(64) }, Buffer.from('another’s'));

  const order = { reference, actors: ['jo', 'kim'], reason: 'time is over' } as const;
  const now = new Date(Date.now() + 10 * 366 * 24 * 3_600_000);
  let removals = 0;
  const dying = Object.assign(Object.create(archive) as MemoryArchive, {
    removeRecord: async (key: string) => {
      if (++removals === 3) throw new Error('killed here');
      await archive.removeRecord(key);
    },
  });
  await expect(forget(order, { temporal, archive: dying, retentionYears: 5, now })).rejects.toThrow('killed here');
  await forget(order, { temporal, archive, retentionYears: 5, now });
  expect([...archive.documents.values()].map(String)).toEqual(['another’s']);
  expect([...archive.records.keys()].filter((key) => /^(?:mails|mail-copies)/.test(key))).toEqual([stranger.ownerKey]);
});
