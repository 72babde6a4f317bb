import { continueAsNew, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { WatcherActivities } from '../activities/watch-mailbox.js';

/**
 * Keeps one watcher per mailbox alive for ever: `mailbox-<name>`, started by every worker, of which the first wins. All
 * work is in the activity; a worker that dies is noticed by its heartbeat, and another takes over.
 */
export async function watchMailbox(input: WatchMailbox): Promise<void> {
  setCurrentDetails(
    `Reads the mailbox **${input.mailbox}** and tells each onboarding of its mail. Where it stands: \`ace-onboarding mailbox status\`. Leave it running: terminated, it is started again with the next worker.`,
  );
  await watcher.watch.executeWithOptions({ summary: `reading the mailbox ${input.mailbox}` }, [
    { mailbox: input.mailbox, forSeconds: WATCH_SECONDS },
  ]);
  await continueAsNew<typeof watchMailbox>(input);
}

export interface WatchMailbox {
  /** Name of the mailbox in the configuration, `main` unless there are several. */
  mailbox: string;
}

/** Histories stay small, and a changed worker gets the watcher within the hour. */
const WATCH_SECONDS = 3_600;

// Everything that goes wrong with mail is dealt with inside; what gets out is the worker's own end, and is tried again for ever.
const watcher = proxyActivities<Pick<WatcherActivities, 'watch'>>({
  startToCloseTimeout: '90 minutes',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});
