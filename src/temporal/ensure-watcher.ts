import type { WorkflowClient } from '@temporalio/client';
import type { watchMailbox } from '../workflows/watch-mailbox.js';

/** The id of the workflow that watches a mailbox: `mailbox-<name>`. */
export function watcherIdOf(mailbox: string): string {
  return `mailbox-${mailbox}`;
}

/** Starts the watcher of a mailbox unless it runs. Every worker does so at its start. */
export async function ensureWatcher(client: WorkflowClient, taskQueue: string, mailbox: string): Promise<void> {
  await client.start<typeof watchMailbox>('watchMailbox', {
    workflowId: watcherIdOf(mailbox),
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue,
    args: [{ mailbox }],
    staticSummary: `Mailbox ${mailbox}: reads mail and tells the onboardings`,
  });
}
