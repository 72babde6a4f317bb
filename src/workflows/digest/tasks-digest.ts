import {
  ApplicationFailure,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type DigestActivities,
  type DigestState,
  type DigestsSent,
  digestIdOf,
} from '../contract/digest-activities.js';
import { mailQueueOf } from '../contract/mail-activities.js';
import { WATCHER_MEMO } from '../contract/watcher.js';

/**
 * Sends the morning's digests, with the id `digest-<task queue>`. Every worker tries to start it, and the first one wins.
 * The activities know the calendar, so each change of the configuration counts from the next morning on.
 */
export async function tasksDigest(input: DigestState): Promise<void> {
  assertWorkflowId();
  const { workflowId } = workflowInfo();
  let { last } = input ?? {};
  for (let mornings = 0; mornings < MORNINGS_PER_RUN; mornings++) {
    const { at } = await calendar.nextDigest.executeWithOptions({ summary: 'when the next digests are due' }, [
      last ? { last } : {},
    ]);
    const ms = Date.parse(at) - Date.now();
    if (ms > 0) await sleep(ms, { summary: 'until the next digests' });
    const sent = await digests().sendDigests.executeWithOptions({ summary: 'the digests of the morning' }, [
      { workflowId, ...(last ? { last } : {}) },
    ]);
    last = { morning: sent.morning, week: sent.week };
    show(sent);
  }
  // The memo is written again, so that it is encrypted with the current key and not with a retired one.
  await makeContinueAsNewFunc<typeof tasksDigest>({ memo: WATCHER_MEMO })(last ? { last } : {});
}

/** A week: keeps the history small, and moves the workflow to a new worker version. */
const MORNINGS_PER_RUN = 5;

/** Under another id it would send every digest a second time. */
function assertWorkflowId(): void {
  const { workflowId, taskQueue } = workflowInfo();
  if (workflowId === digestIdOf(taskQueue)) return;
  throw ApplicationFailure.nonRetryable(
    `${workflowId} is not the id of the digests of the task queue ${taskQueue}, which is ${digestIdOf(taskQueue)}. You need not do anything: workers start the right one.`,
    'not-a-digest',
  );
}

function show({ morning, emails, cases, unanswered, undelivered }: DigestsSent): void {
  setCurrentDetails(
    [
      `The last digests: **${morning}**, ${emails} emails about ${cases} cases.`,
      ...(unanswered > 0 ? [`- ${unanswered} cases did not answer and were listed as such.`] : []),
      ...(undelivered > 0 ? [`- ${undelivered} emails were not delivered. Operations has their tasks.`] : []),
      '',
      'Leave this workflow running: if you terminate it, the next worker that starts will start it again.',
    ].join('\n'),
  );
}

const calendar = proxyActivities<Pick<DigestActivities, 'nextDigest'>>({ startToCloseTimeout: '1 minute' });

/**
 * On the mail queue. Retried for as long as it takes: each try sends the digests of its own morning, and no email twice.
 */
const digests = () =>
  proxyActivities<Pick<DigestActivities, 'sendDigests'>>({
    taskQueue: mailQueueOf(workflowInfo().taskQueue),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '30 seconds',
    retry: { initialInterval: '10 seconds', maximumInterval: '10 minutes' },
  });
