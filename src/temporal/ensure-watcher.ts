import type { WorkflowClient } from '@temporalio/client';
import { WATCHER_MEMO, watcherIdOf } from '../workflows/contract/watcher.js';
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
