import type { Client } from '@temporalio/client';
import { Gauge, Registry } from 'prom-client';
import type { Archive } from '../archive/archive.js';
import { lastDigests, mailboxStatus, recordsBelow, sendDelays, sendStops } from '../archive/records.js';
import { STAGES, WAITING_ON } from '../workflows/contract/stages.js';
import { ATTENTION_HELP } from '../workflows/contract/tasks.js';

/**
 * Metrics about the onboardings for a monitoring system, in Prometheus text format: counts and seconds, no personal data.
 * Except for the space in the archive, every worker gives the same answer, because the numbers come from the server and
 * the archive.
 */

interface Metric {
  help: string;
  labels: readonly string[];
}
const metric = (help: string, ...labels: string[]): Metric => ({ help, labels });

/** All our metrics. Alert rules may use no others. */
export const METRICS = {
  ace_onboarding_open: metric('Open onboardings by stage.', 'stage'),
  ace_onboarding_waiting: metric('Open onboardings by who has to act next.', 'on'),
  ace_onboarding_attention: metric('Open onboardings that need a person, by reason.', 'reason'),
  ace_onboarding_older: metric('Open onboardings that started more than this many days ago.', 'days'),
  ace_onboarding_past_due: metric(
    'Open onboardings whose next step was due more than ten minutes ago but was not taken by a worker.',
  ),
  ace_onboarding_failed: metric('Onboardings that failed. This is always a bug: business outcomes complete.'),
  ace_onboarding_stuck: metric(
    'Open onboardings whose workflow task fails again and again because this code cannot continue them.',
  ),
  ace_onboarding_watchers: metric('Mailbox watchers that are running.'),
  ace_onboarding_mail_lag_seconds: metric(
    'Age of the last complete sweep. Email that has arrived since then has not been processed.',
    'mailbox',
  ),
  ace_onboarding_mailbox_connected: metric('1 while the watcher is connected to the mailbox, otherwise 0.', 'mailbox'),
  ace_onboarding_mailbox_silence_seconds: metric('Time since the last email arrived.', 'mailbox'),
  ace_onboarding_mailbox_messages: metric(
    'Messages that the last sweep left in the mailbox, by state: waiting, unmovable, unfetchable, blocked.',
    'mailbox',
    'state',
  ),
  ace_onboarding_review_queue: metric('Emails that wait for a person to assign them to an onboarding.'),
  ace_onboarding_digest_age_seconds: metric(
    "Time since the last morning's digests were sent. Over a long weekend it reaches four days.",
  ),
  ace_onboarding_sending_stopped_seconds: metric(
    'Time since the mail server stopped accepting our email or answering. 0: it accepts it.',
  ),
  ace_onboarding_archive_full: metric(
    '1 since this worker could not write to the archive because it is full, until it has space again; otherwise 0.',
  ),
  ace_onboarding_metrics_up: metric('1 if the source answered, otherwise 0: temporal, archive.', 'source'),
} as const satisfies Record<`ace_onboarding_${string}`, Metric>;
export type MetricName = keyof typeof METRICS;

export interface Sample {
  name: MetricName;
  value: number;
  labels?: Record<string, string>;
}

const AGES_IN_DAYS = [14, 30, 60];

const DAY_MS = 86_400_000;
const PAST_DUE_MS = 600_000;

type Counting = Pick<Client['workflow'], 'count'>;

/** From visibility queries: about thirty counts, no matter how many onboardings there are. */
export async function onboardingSamples(workflows: Counting, now: Date): Promise<Sample[]> {
  const open = 'WorkflowType="onboardImporter" AND ExecutionStatus="Running"';
  const before = (ms: number) => `"${new Date(now.getTime() - ms).toISOString()}"`;
  const questions: Question[] = [
    ...STAGES.filter((stage) => stage !== 'closed').map((stage) => ({
      name: 'ace_onboarding_open' as const,
      labels: { stage },
      query: `${open} AND OnboardingStage="${stage}"`,
    })),
    ...WAITING_ON.map((on) => ({
      name: 'ace_onboarding_waiting' as const,
      labels: { on },
      query: `${open} AND WaitingOn="${on}"`,
    })),
    ...Object.keys(ATTENTION_HELP).map((reason) => ({
      name: 'ace_onboarding_attention' as const,
      labels: { reason },
      query: `${open} AND NeedsAttention="${reason}"`,
    })),
    ...AGES_IN_DAYS.map((days) => ({
      name: 'ace_onboarding_older' as const,
      labels: { days: String(days) },
      query: `${open} AND StartTime < ${before(days * DAY_MS)}`,
    })),
    { name: 'ace_onboarding_past_due', query: `${open} AND DueAt < ${before(PAST_DUE_MS)}` },
    { name: 'ace_onboarding_failed', query: 'WorkflowType="onboardImporter" AND ExecutionStatus="Failed"' },
    { name: 'ace_onboarding_stuck', query: `${open} AND TemporalReportedProblems IS NOT NULL`, newServersOnly: true },
    { name: 'ace_onboarding_watchers', query: 'WorkflowType="watchMailbox" AND ExecutionStatus="Running"' },
  ];
  const samples: Sample[] = [];
  // One after another: metrics can wait, and the server has work to do.
  for (const { query, newServersOnly, ...sample } of questions) {
    const counted = workflows.count(query).then(({ count }) => [{ ...sample, value: count }]);
    samples.push(...(await (newServersOnly ? counted.catch(() => []) : counted)));
  }
  return samples;
}

interface Question extends Omit<Sample, 'value'> {
  query: string;
  /** Servers before 1.30 do not know the search attribute, so they have no such metric. */
  newServersOnly?: true;
}

type Reading = Pick<Archive, 'listRecords' | 'readRecord'>;

/** From the archive: how far the watchers are, what waits for a person, and whether email goes out. */
export async function archiveSamples(archive: Reading, now: Date): Promise<Sample[]> {
  const samples: Sample[] = [];
  const since = (at: string) => Math.max(0, (now.getTime() - Date.parse(at)) / 1000);
  for await (const { record: status } of recordsBelow(archive, 'mailboxes/', mailboxStatus)) {
    const labels = { mailbox: status.mailbox };
    const read = status.sweptUpTo ?? status.watchedSince;
    if (read) samples.push({ name: 'ace_onboarding_mail_lag_seconds', labels, value: since(read) });
    const lastMail = status.lastMailAt ?? status.watchedSince;
    if (lastMail) samples.push({ name: 'ace_onboarding_mailbox_silence_seconds', labels, value: since(lastMail) });
    samples.push({ name: 'ace_onboarding_mailbox_connected', labels, value: status.connected ? 1 : 0 });
    for (const state of ['waiting', 'unmovable', 'unfetchable', 'blocked']) {
      const value = status.counts[state] ?? 0;
      samples.push({ name: 'ace_onboarding_mailbox_messages', labels: { ...labels, state }, value });
    }
  }
  let reviews = 0;
  for await (const _ of archive.listRecords('review/')) reviews += 1;
  samples.push({ name: 'ace_onboarding_review_queue', value: reviews });

  const digests: number[] = [];
  for await (const { record } of recordsBelow(archive, 'digests/', lastDigests)) digests.push(since(record.at));
  // Two task queues may have their own. The one that is late counts.
  if (digests.length > 0) samples.push({ name: 'ace_onboarding_digest_age_seconds', value: Math.max(...digests) });

  let stopped = 0;
  for (const [folder, kind] of [
    ['send-stops/', sendStops],
    ['send-delays/', sendDelays],
  ] as const)
    for await (const key of archive.listRecords(folder)) {
      const record = kind.schema.safeParse(await archive.readRecord(key));
      if (record.success) stopped = Math.max(stopped, since(record.data.since));
    }
  samples.push({ name: 'ace_onboarding_sending_stopped_seconds', value: stopped });
  return samples;
}

export interface MetricSources {
  workflows: Counting;
  archive: Reading;
  /** Whether this worker found the archive full. */
  isFull?: boolean;
  now?: () => Date;
}

/** All samples. A source that does not answer is a metric, not an error, so that we still get the other source. */
export async function collectSamples({
  workflows,
  archive,
  isFull = false,
  now = () => new Date(),
}: MetricSources): Promise<Sample[]> {
  const ask = async (source: string, read: () => Promise<Sample[]>): Promise<Sample[]> => {
    const found = await read().catch(() => undefined);
    return [...(found ?? []), { name: 'ace_onboarding_metrics_up', labels: { source }, value: found ? 1 : 0 }];
  };
  return [
    ...(await ask('temporal', () => onboardingSamples(workflows, now()))),
    ...(await ask('archive', () => archiveSamples(archive, now()))),
    { name: 'ace_onboarding_archive_full', value: isFull ? 1 : 0 },
  ];
}

/**
 * Prometheus text format, version 0.0.4: the metrics that have a sample, in the order of `METRICS`.
 * @throws if a sample has a label that its metric does not have
 */
export async function renderSamples(samples: readonly Sample[]): Promise<string> {
  const registry = new Registry();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const mine = samples.filter((one) => one.name === name);
    if (mine.length === 0) continue;
    const { help, labels } = METRICS[name];
    const gauge = new Gauge({ name, help, labelNames: labels, registers: [registry] });
    for (const one of mine) gauge.set(one.labels ?? {}, one.value);
  }
  return await registry.metrics();
}
