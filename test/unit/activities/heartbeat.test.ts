import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createApplicationActivities } from '../../../src/activities/prepare-application.js';
import { makeImporterKeys } from '../../../src/archive/importer-key.js';
import { MemoryArchive } from '../../support/memory-archive.js';
import { POLICY } from '../../support/usual-policy.js';
import { sampleApplication } from '../../temporal/onboarding/sample-application.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ace-prepare-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterAll(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

// Without a heartbeat for 15 seconds a worker counts as dead, and its work is restarted.
test('an application that waits a long time for the form keeps sending heartbeats', async () => {
  let beats = 0;
  const pdf = Buffer.from('form');
  const { prepareApplication } = createApplicationActivities({
    archive: new MemoryArchive(),
    importerKeys: await makeImporterKeys(path.join(folder, 'importer-key'), new MemoryArchive()),
    filler: {
      fingerprint: 'replica',
      async fill() {
        const before = beats;
        await vi.advanceTimersByTimeAsync(60_000);
        expect(beats - before).toBeGreaterThanOrEqual(5);
        return { kind: 'filled', pdf, sha256: 'c'.repeat(64), pages: 6, edition: 'replica' };
      },
    },
    companyInSearchAttributes: true,
    brokerDomains: ['broker.example'],
    policy: POLICY,
  });
  const environment = new MockActivityEnvironment();
  environment.on('heartbeat', () => {
    beats += 1;
  });
  const order = { application: sampleApplication(), round: 1, attempt: 1, form: true };
  expect(await environment.run(prepareApplication, order)).toMatchObject({ kind: 'ready', form: { pages: 6 } });
});
