import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isReleased, recordedPaths, recordedVersions } from '../histories/recorded.js';
import { remedy, verdictOn } from '../histories/verdict.js';
import { CACHE_DIR } from '../support/checkout.js';
import { nextWorkflowBundle } from '../support/next-version.js';

// A failed replay is a result here, not a warning.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
});

const onboardings = recordedVersions().flatMap((version) =>
  recordedPaths(version)
    .filter((name) => name !== 'watched-mailbox')
    .map((name) => [version, name] as const),
);

describe('a change to the workflow', () => {
  let folder: string;
  beforeAll(async () => {
    // Next to the modules of the checkout, which are the only ones the bundle may have.
    folder = await mkdtemp(path.join(CACHE_DIR, 'next-version-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('that running onboardings could not follow fails for every path, and the message says what to do', async () => {
    const changed = await nextWorkflowBundle(folder, 'unpatched');
    for (const [version, name] of onboardings) {
      const verdict = await verdictOn(changed, version, name);
      expect(verdict, name).toMatch(/nondeterminism/i);
      expect(verdict, name).toContain(remedy(version, isReleased(version)));
    }
    expect(remedy('1.0.0', false)).toContain('Run: node scripts/record-histories.mjs');
    expect(remedy('1.0.0', true)).toMatch(/behind patched\('what-changed'\).*Never record 1\.0\.0 again/);
  });

  test('behind patched() passes for every path', async () => {
    const changed = await nextWorkflowBundle(folder, 'patched');
    for (const [version, name] of onboardings) expect(await verdictOn(changed, version, name), name).toBeUndefined();
  });
});
