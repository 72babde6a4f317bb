import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeTelemetryFilterString, Runtime, type WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replayed } from '../../src/temporal/replay.js';
import { workflowBundle } from '../../src/temporal/workflow-bundle.js';
import { DESCRIPTIONS } from '../../src/workflows/descriptions.js';
import type { Outcome } from '../../src/workflows/messages.js';
import type { NoticeTemplate } from '../../src/workflows/record.js';
import { isReleased, readHistory, recordedPaths, recordedVersions, VERSION } from '../histories/recorded.js';
import { nextWorkflowBundle } from '../servers/next-version.js';
import { PATHS } from './onboarding/paths.js';

// What cannot be replayed is the verdict here, not a warning.
Runtime.install({ telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } } });

const RECORD = 'Run: node scripts/record-histories.mjs, and commit what it writes with the change.';
const everyHistory = recordedVersions().flatMap((version) =>
  recordedPaths(version).map((name) => [version, name] as const),
);

describe('workflows that run go on after a deploy', () => {
  test.each(everyHistory)('%s: %s does again what it did', async (version, name) => {
    const verdict = await verdictOn(await bundle, version, name);
    expect(verdict, verdict).toBeUndefined();
  });

  test('every path of this version has a history, and every history a path', () => {
    const wanted = [...Object.keys(PATHS), 'watched-mailbox'].sort();
    const recorded = recordedVersions().includes(VERSION) ? recordedPaths(VERSION).sort() : [];
    expect(recorded, `Paths and histories of ${VERSION} differ. ${RECORD}`).toEqual(wanted);
  });
});

describe('a change of the workflow', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ace-next-version-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const onboardings = everyHistory.filter(([, name]) => name !== 'watched-mailbox');

  test('that running onboardings could not follow is red for every path, and says what to do', async () => {
    const changed = await nextWorkflowBundle(folder, 'unpatched');
    for (const [version, name] of onboardings) {
      const verdict = await verdictOn(changed, version, name);
      expect(verdict, name).toMatch(/nondeterminism/i);
      expect(verdict, name).toMatch(isReleased(version) ? /behind patched\('what-changed'\)/ : /record-histories\.mjs/);
    }
    expect(remedy('0.0.0', true)).toMatch(/behind patched\('what-changed'\).*Never record 0\.0\.0 anew/);
  });

  test('that stands behind patched is green for every path', async () => {
    const changed = await nextWorkflowBundle(folder, 'patched');
    for (const [version, name] of onboardings) expect(await verdictOn(changed, version, name), name).toBeUndefined();
  });
});

describe('the recorded paths leave nothing out', () => {
  const text = recordedPaths(VERSION)
    .map((name) => decoded(readHistory(VERSION, name)))
    .join('\n');

  test.each(Object.keys(DESCRIPTIONS).filter((name) => name !== 'progress'))('%s is said in one', (message) => {
    expect(text).toContain(`"${message}"`);
  });

  const NOTICES: Record<NoticeTemplate, true> = {
    'grant-instructions': true,
    'grant-reminder': true,
    'grant-partial': true,
    'ask-whether-approved': true,
    'correction-needed': true,
    'credentials-received': true,
    'operations-task': true,
    'operations-late': true,
    'manager-overdue': true,
    'operations-client-silent': true,
  };
  test.each(Object.keys(NOTICES))('%s is mailed in one', (template) => {
    expect(text).toContain(`"template":"${template}"`);
  });

  const OUTCOMES: Record<Outcome, true> = {
    'access-granted': true,
    'already-registered': true,
    rejected: true,
    withdrawn: true,
    abandoned: true,
  };
  test.each(Object.keys(OUTCOMES))('one ends with %s', (outcome) => {
    expect(text).toContain(`workflowExecutionCompleted "${outcome}"`);
  });

  test('nobody in them exists', () => {
    const domains = [...text.matchAll(/[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})/g)].map(([, domain]) => domain);
    expect([...new Set(domains)].filter((domain) => !domain?.endsWith('.example') && domain !== 'cbp.dhs.gov')).toEqual(
      [],
    );
  });
});

const bundle = workflowBundle();

/** Why a past could not go on with these workflows, and what to do about it; undefined: it can. */
async function verdictOn(workflows: WorkflowBundleOption, version: string, name: string): Promise<string | undefined> {
  const results = replayed(workflows, [{ workflowId: idOf(name), history: readHistory(version, name) }]);
  for await (const { problem } of results) return problem && `${problem}\n\n${remedy(version)}`;
  return undefined;
}

const idOf = (name: string) => (name === 'watched-mailbox' ? 'mailbox-recorded' : `onboarding-${name}`);

function remedy(version: string, released = isReleased(version)): string {
  return released
    ? `${version} is released: onboardings that began with it may run for weeks to come and would get stuck. Put the new commands behind patched('what-changed') from @temporalio/workflow and keep the old ones in the other branch; docs/decisions/0016-histories-and-versions.md has the steps. Never record ${version} anew.`
    : `${version} is not released, so nobody runs it. ${RECORD}`;
}

/** A history as text, one event a line: its kind, what stands in it, and its payloads in clear. */
function decoded(history: ReturnType<typeof readHistory>): string {
  return history.events
    .map((event) => {
      const json = JSON.stringify(event);
      const payloads = [...json.matchAll(/"data":"([^"]*)"/g)].map(([, data = '']) =>
        Buffer.from(data, 'base64').toString('utf8'),
      );
      const kind = Object.keys(JSON.parse(json) as object).find((key) => key.endsWith('EventAttributes')) ?? '';
      return [kind.replace('EventAttributes', ''), ...payloads, json].join(' ');
    })
    .join('\n');
}
