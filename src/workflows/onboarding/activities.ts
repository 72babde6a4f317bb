import { type ActivityOptions, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { ApplicationActivities } from '../contract/application-activities.js';
import type { DeadlineActivities } from '../contract/deadline-activities.js';
import type { MailActivities } from '../contract/mail-activities.js';
import type { WatcherActivities } from '../contract/mailbox-activities.js';

/** The activities as the workflow calls them: one block for each way of trying again, with the reason beside it. */

/**
 * Pure functions of their input, idempotent: tried again as often as it takes. Heartbeats tell of a dead worker; the
 * time is for a hundred that were started at once and wait for one another.
 */
export const preparation = proxyActivities<ApplicationActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});
export const calendar = proxyActivities<DeadlineActivities>({ startToCloseTimeout: '30 seconds' });

/**
 * Mail, on a task queue of its own whose rate the mailbox's provider sets. Trying again is safe because the claim of a
 * message stands outside of history: a second try of what may be out already answers `unknown` and sends nothing.
 */
const mail = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
} as const;

/** Named after the queue the workflow runs on, so that several mailboxes can have several. */
const onMailQueue = <A extends object>(options: Pick<ActivityOptions, 'cancellationType'> = {}) =>
  proxyActivities<A>({ ...mail, ...options, taskQueue: `${workflowInfo().taskQueue}-mail` });

/** Whoever stops it wants to know what became of it. */
export const submission = () =>
  onMailQueue<Pick<MailActivities, 'sendApplication'>>({ cancellationType: 'WAIT_CANCELLATION_COMPLETED' });
export const notices = () => onMailQueue<Pick<MailActivities, 'sendNotice'>>();

/** Waits for the watcher: five minutes at most, then says that the mailbox was not read. */
export const mailbox = proxyActivities<Pick<WatcherActivities, 'awaitSweep'>>({
  startToCloseTimeout: '7 minutes',
  heartbeatTimeout: '30 seconds',
});
