import { afterAll, describe, expect, test } from 'vitest';
import type { RecordKey } from '../../../src/archive/archive.js';
import { lastDigests, mailboxStatus, reviews, sendStops } from '../../../src/archive/records.js';
import { startHealthServer } from '../../../src/process/health-server.js';
import {
  archiveSamples,
  collectSamples,
  METRICS,
  onboardingSamples,
  renderSamples,
} from '../../../src/worker/metrics.js';

const NOW = new Date('2026-12-03T22:00:00Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000).toISOString();

/** An archive with only these records. */
function archiveOf(records: Record<RecordKey, unknown>) {
  return {
    async *listRecords(prefix: string) {
      yield* Object.keys(records).filter((key) => key.startsWith(prefix));
    },
    readRecord: async (key: RecordKey) => records[key],
  };
}
const STATUS = {
  mailbox: 'main',
  connected: true,
  sweptUpTo: ago(90),
  lastMailAt: ago(3600),
  counts: { unmovable: 2 },
};
const RECORDS = {
  [mailboxStatus.key('main')]: STATUS,
  [reviews.key('a'.repeat(64))]: { mailId: 'a', since: ago(1) },
  [sendStops.key('ace@broker.example')]: { mailbox: 'x', since: ago(600), reason: '535', probeAt: ago(0) },
  [lastDigests.key('digest-main')]: { workflowId: 'digest-main', morning: '2026-12-03', at: ago(32_400), emails: 3 },
};

describe('what is measured', () => {
  test('the server counts stages, turns, reasons, ages and past due, with queries it understands', async () => {
    const asked: string[] = [];
    const samples = await onboardingSamples(
      { count: async (query = '') => ({ count: asked.push(query), groups: [] }) },
      NOW,
    );
    expect(asked).toContain(
      'WorkflowType="onboardImporter" AND ExecutionStatus="Running" AND NeedsAttention="send-unknown"',
    );
    expect(asked).toContain(
      'WorkflowType="onboardImporter" AND ExecutionStatus="Running" AND DueAt < "2026-12-03T21:50:00.000Z"',
    );
    expect(samples.map(({ value }) => value)).toEqual(asked.map((_, index) => index + 1));
  });

  test('the archive tells how old the last sweep is, what waits for people, and whether email goes out', async () => {
    expect(await renderSamples(await archiveSamples(archiveOf(RECORDS), NOW))).toMatchInlineSnapshot(`
      "# HELP ace_onboarding_mail_lag_seconds Age of the last complete sweep. Email that has arrived since then has not been processed.
      # TYPE ace_onboarding_mail_lag_seconds gauge
      ace_onboarding_mail_lag_seconds{mailbox="main"} 90

      # HELP ace_onboarding_mailbox_connected 1 while the watcher is connected to the mailbox, otherwise 0.
      # TYPE ace_onboarding_mailbox_connected gauge
      ace_onboarding_mailbox_connected{mailbox="main"} 1

      # HELP ace_onboarding_mailbox_silence_seconds Time since the last email arrived.
      # TYPE ace_onboarding_mailbox_silence_seconds gauge
      ace_onboarding_mailbox_silence_seconds{mailbox="main"} 3600

      # HELP ace_onboarding_mailbox_messages Messages that the last sweep left in the mailbox, by state: waiting, unmovable, unfetchable, blocked.
      # TYPE ace_onboarding_mailbox_messages gauge
      ace_onboarding_mailbox_messages{mailbox="main",state="waiting"} 0
      ace_onboarding_mailbox_messages{mailbox="main",state="unmovable"} 2
      ace_onboarding_mailbox_messages{mailbox="main",state="unfetchable"} 0
      ace_onboarding_mailbox_messages{mailbox="main",state="blocked"} 0

      # HELP ace_onboarding_review_queue Emails that wait for a person to assign them to an onboarding.
      # TYPE ace_onboarding_review_queue gauge
      ace_onboarding_review_queue 1

      # HELP ace_onboarding_digest_age_seconds Time since the last morning's digests were sent. Over a long weekend it reaches four days.
      # TYPE ace_onboarding_digest_age_seconds gauge
      ace_onboarding_digest_age_seconds 32400

      # HELP ace_onboarding_sending_stopped_seconds Time since the mail server stopped accepting our email or answering. 0: it accepts it.
      # TYPE ace_onboarding_sending_stopped_seconds gauge
      ace_onboarding_sending_stopped_seconds 600
      "
    `);
  });

  test('a mailbox that was never swept counts from when the watcher first connected', async () => {
    const { sweptUpTo: _, ...never } = STATUS;
    const records = { [mailboxStatus.key('main')]: { ...never, watchedSince: ago(7200) } };
    const page = await renderSamples(await archiveSamples(archiveOf(records), NOW));
    expect(page).toContain('ace_onboarding_mail_lag_seconds{mailbox="main"} 7200');
  });

  test('a source that does not answer is a metric, and the other source still counts', async () => {
    const workflows = { count: () => Promise.reject(new Error('unavailable')) };
    const page = await renderSamples(await collectSamples({ workflows, archive: archiveOf(RECORDS), now: () => NOW }));
    expect(page).toContain('ace_onboarding_metrics_up{source="temporal"} 0');
    expect(page).toContain('ace_onboarding_metrics_up{source="archive"} 1');
    expect(page).toContain('ace_onboarding_review_queue 1');
  });

  test('every sample belongs to a described metric and has its labels', async () => {
    const workflows = { count: async () => ({ count: 0, groups: [] }) };
    const samples = await collectSamples({ workflows, archive: archiveOf(RECORDS), now: () => NOW });
    for (const { name, labels = {} } of samples)
      expect(Object.keys(labels).sort()).toEqual([...METRICS[name].labels].sort());
    expect(new Set(samples.map(({ name }) => name))).toEqual(new Set(Object.keys(METRICS)));
  });
});

describe("a page in Prometheus' text format", () => {
  const lag = (mailbox: string, value: number) => ({
    name: 'ace_onboarding_mail_lag_seconds' as const,
    labels: { mailbox },
    value,
  });

  test('has one line for each sample, no matter what a label contains', async () => {
    const page = await renderSamples([lag('a "b" \\ c\nd', 0.5), lag('main', 90)]);
    expect(page.trimEnd().split('\n').slice(2)).toEqual([
      'ace_onboarding_mail_lag_seconds{mailbox="a \\"b\\" \\\\ c\\nd"} 0.5',
      'ace_onboarding_mail_lag_seconds{mailbox="main"} 90',
    ]);
  });

  test('has only its own samples: no metrics of the process or of an earlier page', async () => {
    await renderSamples([lag('earlier', 1)]);
    const page = await renderSamples([{ name: 'ace_onboarding_review_queue', value: 2 }]);
    expect(page.match(/^\w+.*$/gm)).toEqual(['ace_onboarding_review_queue 2']);
  });

  test('cannot have a label that the metric does not have', async () => {
    const stray = { ...lag('main', 1), labels: { mailbox: 'main', stage: 'open' } };
    await expect(renderSamples([stray])).rejects.toThrow(/stage/);
  });
});

describe('the health server', () => {
  let ready = false;
  let asked = 0;
  const started = startHealthServer({
    host: '127.0.0.1',
    port: 0,
    ready: () => ready,
    metrics: async () => `ours ${++asked}\n`,
    engineMetricsUrl: 'http://127.0.0.1:1/metrics',
  });
  afterAll(async () => (await started).close());
  const get = async (path: string, method = 'GET') => {
    const answer = await fetch(`${(await started).url}${path}`, { method });
    return { status: answer.status, text: await answer.text() };
  };

  test('is alive while the process is, and ready only while it takes work', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    ready = true;
    expect((await get('/readyz')).status).toBe(200);
  });

  test('gives our metrics even without the engine’s, and does not collect them again for each reader', async () => {
    expect(await get('/metrics')).toEqual({ status: 200, text: 'ours 1\n' });
    expect((await get('/metrics')).text).toBe('ours 1\n');
  });

  test('changes nothing and serves nothing else', async () => {
    expect((await get('/metrics', 'POST')).status).toBe(405);
    expect((await get('/etc/passwd')).status).toBe(404);
  });
});
