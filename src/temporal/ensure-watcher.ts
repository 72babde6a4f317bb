import type { WorkflowClient } from '@temporalio/client';
import { digestIdOf } from '../workflows/contract/digest-activities.js';
import { WATCHER_MEMO, watcherIdOf } from '../workflows/contract/watcher.js';
import type { tasksDigest } from '../workflows/digest/tasks-digest.js';
import type { watchMailbox } from '../workflows/mailbox/watch-mailbox.js';

/** Starts the watcher of a mailbox unless it is running. Every worker does this at start. */
export async function ensureWatcher(client: WorkflowClient, taskQueue: string, mailbox: string): Promise<void> {
  await client.start<typeof watchMailbox>('watchMailbox', {
    workflowId: watcherIdOf(mailbox),
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue,
    args: [{ mailbox }],
    memo: WATCHER_MEMO,
    staticSummary: `Mailbox ${mailbox}: reads mail and tells the onboardings`,
  });
}

/** Starts the workflow that sends the morning's digests unless it is running. Every worker does this at start. */
export async function ensureDigest(client: WorkflowClient, taskQueue: string): Promise<void> {
  await client.start<typeof tasksDigest>('tasksDigest', {
    workflowId: digestIdOf(taskQueue),
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue,
    args: [{}],
    memo: WATCHER_MEMO,
    staticSummary: 'Digests: tells people each morning what there is to do',
  });
}
