import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../../../src/temporal/workflow-bundle.js';
import { mailQueueOf, type Notice, type NoticeSent } from '../../../src/workflows/contract/mail-activities.js';
import { mailboxAlerts, type watchMailbox } from '../../../src/workflows/mailbox/watch-mailbox.js';

/** The history of one run of a mailbox watcher, with an alert that comes and goes, until it continues as new. */
export async function watchedMailbox(environment: TestWorkflowEnvironment) {
  const { client, nativeConnection: connection, namespace = 'default' } = environment;
  const taskQueue = 'watched-mailbox';
  const workflowId = 'mailbox-main';
  let told = () => {};
  const alerted = new Promise<void>((resolve) => {
    told = resolve;
  });
  let read = () => {};
  const enough = new Promise<void>((resolve) => {
    read = resolve;
  });
  const activities = {
    watch: () => enough,
    async sendNotice({ template }: Notice): Promise<NoticeSent> {
      told();
      return { result: { kind: 'accepted', messageId: `${template}@broker.example`, at: new Date().toISOString() } };
    },
  };
  const shared = { connection, namespace, activities };
  const worker = await Worker.create({ ...shared, taskQueue, workflowBundle: await workflowBundle() });
  const mailer = await Worker.create({ ...shared, taskQueue: mailQueueOf(taskQueue) });
  const first: WorkflowHandle<typeof watchMailbox> & { firstExecutionRunId: string } = await client.workflow.start<
    typeof watchMailbox
  >('watchMailbox', { workflowId, taskQueue, args: [{ mailbox: 'main' }] });
  return await mailer.runUntil(
    worker.runUntil(async () => {
      await first.signal(mailboxAlerts, [{ kind: 'mailbox-unread', says: 'It does not answer.' }]);
      await alerted;
      await first.signal(mailboxAlerts, []);
      read();
      const run = client.workflow.getHandle(workflowId, first.firstExecutionRunId, { followRuns: false });
      await run.result().catch(() => undefined);
      const history = await run.fetchHistory();
      await client.workflow.getHandle(workflowId).terminate('recorded');
      return history;
    }),
  );
}
