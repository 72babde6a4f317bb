import { describe, expect, test } from 'vitest';
import { workflowBundle } from '../../src/temporal/workflow-bundle.js';
import {
  CBP_TEMPLATES,
  CLIENT_TEMPLATES,
  type NoticeTemplate,
  STAFF_TEMPLATES,
} from '../../src/workflows/contract/mail-activities.js';
import type { Outcome } from '../../src/workflows/contract/stages.js';
import { DESCRIPTIONS } from '../../src/workflows/messages/descriptions.js';
import { readHistory, recordedPaths, recordedVersions, VERSION } from '../histories/recorded.js';
import { RECORD, verdictOn } from '../histories/verdict.js';
import { PATHS } from './onboarding/paths.js';

const everyHistory = recordedVersions().flatMap((version) =>
  recordedPaths(version).map((name) => [version, name] as const),
);

describe('running workflows continue after a deploy', () => {
  test.each(everyHistory)('%s: %s replays', async (version, name) => {
    const verdict = await verdictOn(await bundle, version, name);
    expect(verdict, verdict).toBeUndefined();
  });

  test('each path of this version has a history, and each history has a path', () => {
    const wanted = [...Object.keys(PATHS), 'watched-mailbox'].sort();
    const recorded = recordedVersions().includes(VERSION) ? recordedPaths(VERSION).sort() : [];
    expect(recorded, `Paths and histories of ${VERSION} differ. ${RECORD}`).toEqual(wanted);
  });
});

describe('the recorded paths cover everything', () => {
  const text = recordedPaths(VERSION)
    .map((name) => decoded(readHistory(VERSION, name)))
    .join('\n');

  test.each(Object.keys(DESCRIPTIONS).filter((name) => name !== 'progress'))('one contains %s', (message) => {
    expect(text).toContain(`"${message}"`);
  });

  const NOT_ABOUT_ONE_CASE: readonly NoticeTemplate[] = ['digest', 'weekly'];
  const templates = [...CLIENT_TEMPLATES, ...CBP_TEMPLATES, ...STAFF_TEMPLATES].filter(
    (template) => !NOT_ABOUT_ONE_CASE.includes(template),
  );
  test.each(templates)('one sends %s', (template) => {
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

  test('the people in them do not exist', () => {
    const domains = [...text.matchAll(/[\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})/g)].map(([, domain]) => domain);
    expect([...new Set(domains)].filter((domain) => !domain?.endsWith('.example') && domain !== 'cbp.dhs.gov')).toEqual(
      [],
    );
  });
});

const bundle = workflowBundle();

/** A history as text, one event a line: its kind, its attributes, and its decoded payloads. */
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
