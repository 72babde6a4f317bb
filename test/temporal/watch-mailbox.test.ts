import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Notice } from '../../src/activities/send-mail.js';
import type { WatchInput } from '../../src/activities/watch-mailbox.js';
import type { MailboxTrouble } from '../../src/mail/mailbox-troubles.js';
import { ensureWatcher } from '../../src/temporal/ensure-watcher.js';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/search-attributes.js';
import { watcherIdOf } from '../../src/temporal/watcher.js';
import { recipientBundle } from '../servers/recipient-bundle.js';
import { sharedDevServer } from '../servers/temporal-dev-server.js';

const soon = { timeout: 10_000, interval: 50 };
const refused: MailboxTrouble = { kind: 'mailbox-login-refused', says: 'Check the password.' };
const silent: MailboxTrouble = { kind: 'mailbox-silent', says: 'Check the aliases.' };

describe('the workflow of a mailbox', () => {
  let native: NativeConnection;
  let client: Client;
  beforeAll(async () => {
    native = await NativeConnection.connect(sharedDevServer());
    client = new Client({ connection: await Connection.connect(sharedDevServer()) });
  });
  afterAll(async () => {
    await client.connection.close();
    await native.close();
  });

  /** A mailbox whose watcher does nothing but wait to be told to return. */
  async function mailbox() {
    const name = `test-${randomUUID()}`;
    const notices: Notice[] = [];
    const watches: WatchInput[] = [];
    let finish = () => {};
    const activities = {
      watch: (input: WatchInput) =>
        new Promise<void>((resolve) => {
          watches.push(input);
          finish = resolve;
        }),
      sendNotice: async (notice: Notice) => {
        notices.push(notice);
      },
    };
    const workers = await Promise.all([
      Worker.create({ connection: native, taskQueue: name, activities, workflowBundle: await recipientBundle() }),
      Worker.create({ connection: native, taskQueue: `${name}-mail`, activities }),
    ]);
    const running = workers.map((worker) => worker.run());
    await ensureWatcher(client.workflow, name, name);
    const handle = client.workflow.getHandle(watcherIdOf(name));
    onTestFinished(async () => {
      await handle.terminate();
      finish();
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    });
    await vi.waitFor(() => expect(watches).toHaveLength(1), soon);
    const attention = async () =>
      (await handle.describe()).typedSearchAttributes.get(SEARCH_ATTRIBUTES.needsAttention) ?? [];
    return { name, handle, notices, watches, attention, finish: () => finish() };
  }

  test('is one, however many workers start it', async () => {
    const { name, watches } = await mailbox();
    await Promise.all([1, 2, 3].map(() => ensureWatcher(client.workflow, name, name)));
    expect(watches).toHaveLength(1);
  });

  test('shows its troubles and tells operations once of each, also from one run to the next', async () => {
    const { handle, notices, watches, attention, finish } = await mailbox();
    await handle.signal('mailboxTroubles', [refused]);
    await vi.waitFor(() => expect(notices).toHaveLength(1), soon);
    await handle.signal('mailboxTroubles', [refused, silent]);
    await vi.waitFor(() => expect(notices).toHaveLength(2), soon);
    expect(notices.map(({ facts, template }) => [template, facts.attention])).toEqual([
      ['operations-task', 'mailbox-login-refused'],
      ['operations-task', 'mailbox-silent'],
    ]);
    expect(await attention()).toEqual(['mailbox-login-refused', 'mailbox-silent']);

    finish();
    await vi.waitFor(() => expect(watches).toHaveLength(2), soon);
    expect(watches[1]?.troubles).toEqual(['mailbox-login-refused', 'mailbox-silent']);
    expect(await attention()).toEqual(['mailbox-login-refused', 'mailbox-silent']);
    await handle.signal('mailboxTroubles', []);
    await vi.waitFor(async () => expect(await attention()).toEqual([]), soon);
    expect(notices).toHaveLength(2);
  });

  test('says in the details what is wrong and what to do, and nothing that a mail server said', async () => {
    const { handle, attention } = await mailbox();
    await handle.signal('mailboxTroubles', [{ ...refused, says: '535 no such user mara.quist@broker.example' }]);
    await vi.waitFor(async () => expect(await attention()).toEqual(['mailbox-login-refused']), soon);
    const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('- **mailbox-login-refused**: the mail server refuses the login.');
    expect(currentDetails).not.toContain('quist');
  });

  test('writes its memo anew with each run, so that it is under the key of then', async () => {
    const { name, handle, watches, finish } = await mailbox();
    const another = { memo: { 'ace-onboarding-data': 'of long ago' }, args: [{ mailbox: name }], taskQueue: name };
    await client.workflow.start('watchMailbox', {
      workflowId: handle.workflowId,
      workflowIdConflictPolicy: 'TERMINATE_EXISTING',
      ...another,
    });
    await vi.waitFor(() => expect(watches).toHaveLength(2), soon);
    expect((await handle.describe()).memo).toEqual(another.memo);
    finish();
    await vi.waitFor(() => expect(watches).toHaveLength(3), soon);
    expect((await handle.describe()).memo).toEqual({ 'ace-onboarding-data': 'rehearsal' });
  });

  test('is harmed by no signal, whatever it holds', async () => {
    const { handle, attention, notices } = await mailbox();
    const long = { ...refused, says: 'x'.repeat(1_500_000) };
    const nonsense = [undefined, null, 'troubles', [null], [{}], { kind: 1 }, [long], [{ ...silent, kind: 'Quist' }]];
    for (const payload of nonsense) {
      await handle.signal('mailboxTroubles', payload);
      // Each has its answer, so that none hides behind the next.
      await handle.query('__temporal_workflow_metadata');
      expect(await attention()).toEqual([]);
    }
    await handle.signal('mailboxTroubles', [silent]);
    await vi.waitFor(async () => expect(await attention()).toEqual(['mailbox-silent']), soon);
    await vi.waitFor(() => expect(notices.map(({ facts }) => facts.attention)).toEqual(['mailbox-silent']), soon);
  });
});
