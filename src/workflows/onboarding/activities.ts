import { type ActivityOptions, proxyActivities, workflowInfo } from '@temporalio/workflow';
import {
  type ApplicationActivities,
  formQueueOf,
  type Preparation,
  type PrepareOrder,
} from '../contract/application-activities.js';
import { type MailActivities, mailQueueOf } from '../contract/mail-activities.js';
import type { WatcherActivities } from '../contract/mailbox-activities.js';
import type { DeadlineActivities } from '../contract/waits.js';

/** The activities as the workflow calls them: one block for each retry policy, with the reason. */

/**
 * Idempotent, so retried without limit. The heartbeat detects a dead worker; the long timeout allows for a large form on a
 * busy machine. A form waits for its turn at the server, for as long as it takes: thousands may start at once. What needs no
 * form does not wait with them.
 */
export const prepareApplication = (order: PrepareOrder, summary: string): Promise<Preparation> =>
  proxyActivities<ApplicationActivities>({
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
    ...(order.form ? { taskQueue: formQueueOf(workflowInfo().taskQueue) } : {}),
  }).prepareApplication.executeWithOptions({ summary }, [order]);

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

const onMailQueue = <A extends object>(options: Pick<ActivityOptions, 'cancellationType'> = {}) =>
  proxyActivities<A>({ ...mail, ...options, taskQueue: mailQueueOf(workflowInfo().taskQueue) });

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
