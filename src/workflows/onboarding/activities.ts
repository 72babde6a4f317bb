import { type ActivityOptions, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ApplicationActivities } from '../contract/application-activities.js';
import type { MailActivities } from '../contract/mail-activities.js';
import type { WatcherActivities } from '../contract/mailbox-activities.js';
import type { DeadlineActivities } from '../contract/waits.js';

/** The activities as the workflow calls them: one block for each retry policy, with the reason. */

/**
 * Idempotent, so retried without limit. The heartbeat detects a dead worker; the long timeout allows for a hundred
 * onboardings that start at once and wait for each other.
 */
export const preparation = proxyActivities<ApplicationActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});
export const calendar = proxyActivities<DeadlineActivities>({ startToCloseTimeout: '30 seconds' });

/**
 * Sending, on its own task queue, limited to the rate that the mail provider allows. Retries are safe because each
 * message is claimed outside of history: a retry of one that may already be out returns `unknown` and sends nothing.
 */
const mail = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
} as const;

/** Named after the workflow's own queue, so that each mailbox can have its own. */
const onMailQueue = <A extends object>(options: Pick<ActivityOptions, 'cancellationType'> = {}) =>
  proxyActivities<A>({ ...mail, ...options, taskQueue: `${workflowInfo().taskQueue}-mail` });

/** A canceled send is waited for, because the outcome matters. */
export const submission = () =>
  onMailQueue<Pick<MailActivities, 'sendApplication'>>({ cancellationType: 'WAIT_CANCELLATION_COMPLETED' });
export const notices = () =>
  onMailQueue<Pick<MailActivities, 'sendNotice'>>({ cancellationType: 'WAIT_CANCELLATION_COMPLETED' });

/** Waits up to five minutes for the watcher, then reports that the mailbox was not read. */
export const mailbox = proxyActivities<Pick<WatcherActivities, 'awaitSweep'>>({
  startToCloseTimeout: '7 minutes',
  heartbeatTimeout: '30 seconds',
});
