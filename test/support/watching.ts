import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createWatcherActivities, type WatcherDependencies } from '../../src/activities/watch-mailbox.js';
import { type MailboxStatus, mailboxStatus, read } from '../../src/archive/records.js';
import type { ImapSettings } from '../../src/mail/incoming/mailbox/imap-session.js';
import { ensureWatcher } from '../../src/temporal/ensure-watcher.js';
import { watcherIdOf } from '../../src/workflows/contract/watcher.js';
import { headerJudge } from './header-judge.mjs';
import { MemoryArchive } from './memory-archive.js';
import { recipientBundle } from './recipient-bundle.js';
import { finish, mailsTold, recipient } from './recipient-workflow.js';

/** A running watcher of a mailbox, with recipients. All have unique names, so that tests do not interfere. */
export interface Watching {
  mailbox: string;
  taskQueue: string;
  archive: MemoryArchive;
  client: Client;
  /** Starts a recipient. An email names the handle's id in `X-For`. */
  recipient(): Promise<WorkflowHandle<typeof recipient>>;
  told(handle: WorkflowHandle<typeof recipient>): Promise<string[]>;
  status(): Promise<MailboxStatus | undefined>;
  /** The watcher's own workflow. */
  watcher(): WorkflowHandle;
  /** Stops worker and watcher. Returns how long the worker took to stop, in milliseconds. */
  stop(): Promise<number>;
}

export async function startWatching(
  address: string,
  settings: ImapSettings,
  change: Partial<WatcherDependencies> = {},
): Promise<Watching> {
  const [workflowBundle, native, connection] = await Promise.all([
    recipientBundle(),
    NativeConnection.connect({ address }),
    Connection.connect({ address }),
  ]);
  const client = new Client({ connection });
  const mailbox = `test-${randomUUID()}`;
  const taskQueue = mailbox;
  const archive = new MemoryArchive();
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle,
    activities: createWatcherActivities({
      config: {
        imap: { ...settings, password: undefined, junk: undefined },
        policy: { sendReconcileSeconds: 900 },
        mail: { from: 'ace@broker.example' },
      } as never,
      mailboxes: new Map([[mailbox, settings]]),
      archive,
      judge: headerJudge(),
      letters: undefined,
      client: client.workflow,
      ...change,
    }),
  });
  const running = worker.run();
  await ensureWatcher(client.workflow, taskQueue, mailbox);
  const recipients: WorkflowHandle[] = [];
  let stopped: Promise<number> | undefined;

  return {
    mailbox,
    taskQueue,
    archive,
    client,
    async recipient() {
      const handle = await client.workflow.start(recipient, { workflowId: `recipient-${randomUUID()}`, taskQueue });
      recipients.push(handle);
      return handle;
    },
    told: async (handle) => (await handle.query(mailsTold)).map(({ mailId }) => mailId),
    status: () => read(archive, mailboxStatus, mailbox),
    watcher: () => client.workflow.getHandle(watcherIdOf(mailbox)),
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };

  async function stop(): Promise<number> {
    const begun = Date.now();
    worker.shutdown();
    await running;
    const took = Date.now() - begun;
    for (const handle of [client.workflow.getHandle(watcherIdOf(mailbox)), ...recipients])
      await handle.terminate('the test is over').catch(() => undefined);
    await native.close();
    await connection.close();
    return took;
  }
}

export { finish };
