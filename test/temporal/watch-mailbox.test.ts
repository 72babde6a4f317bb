import { randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ensureWatcher } from '../../src/temporal/ensure-watcher.js';
import { mailQueueOf, type Notice } from '../../src/workflows/contract/mail-activities.js';
import type { WatchInput } from '../../src/workflows/contract/mailbox-activities.js';
import { MAILBOX_ALERTS, type MailboxAlert } from '../../src/workflows/contract/mailbox-alerts.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/contract/search-attributes.js';
import { WATCHER_MEMO, watcherIdOf } from '../../src/workflows/contract/watcher.js';
import { recipientBundle } from '../support/recipient-bundle.js';
import { sharedDevServer } from '../support/temporal-dev-server.js';

const soon = { timeout: 10_000, interval: 50 };
const refused: MailboxAlert = { kind: 'mailbox-login-refused', says: 'Check the password.' };
const silent: MailboxAlert = { kind: 'mailbox-silent', says: 'Check the aliases.' };

describe('the workflow for a mailbox', () => {
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

  const start = (name: string, args: unknown[]) =>
    client.workflow.start('watchMailbox', { workflowId: watcherIdOf(name), taskQueue: name, args });

  const detailsOf = async (handle: WorkflowHandle) =>
    (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;

  /** A mailbox whose watcher only waits to be told to return. `first` runs before any worker starts it. */
  async function mailbox(first?: (name: string) => Promise<void>) {
    const name = `test-${randomUUID()}`;
    const notices: Notice[] = [];
    const watches: WatchInput[] = [];
    const waiting: (() => void)[] = [];
    const finish = () => {
      for (const resolve of waiting.splice(0)) resolve();
    };
    const activities = {
      watch: (input: WatchInput) =>
        new Promise<void>((resolve) => {
          watches.push(input);
          waiting.push(resolve);
        }),
      sendNotice: async (notice: Notice) => {
        notices.push(notice);
      },
    };
    const workers = await Promise.all([
      Worker.create({ connection: native, taskQueue: name, activities, workflowBundle: await recipientBundle() }),
      Worker.create({ connection: native, taskQueue: mailQueueOf(name), activities }),
    ]);
    const running = workers.map((worker) => worker.run());
    await first?.(name);
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
    return { name, handle, notices, watches, attention, finish };
  }

  test('exists once, no matter how many workers start it', async () => {
    const { name, watches } = await mailbox();
    await Promise.all([1, 2, 3].map(() => ensureWatcher(client.workflow, name, name)));
    expect(watches).toHaveLength(1);
  });

  test('shows its alerts and tells operations about each one once, even across runs', async () => {
    const { handle, notices, watches, attention, finish } = await mailbox();
    await handle.signal('mailboxTroubles', [refused]);
    await vi.waitFor(() => expect(notices).toHaveLength(1), soon);
    await handle.signal('mailboxTroubles', [refused, silent]);
    await vi.waitFor(() => expect(notices).toHaveLength(2), soon);
    expect(notices.map(({ facts, template }) => [template, facts.attention])).toEqual([
      ['task', 'mailbox-login-refused'],
      ['task', 'mailbox-silent'],
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

  test('shows in its details what is wrong and what to do, but no text of a mail server', async () => {
    const { handle, attention } = await mailbox();
    await handle.signal('mailboxTroubles', [{ ...refused, says: '535 no such user mara.quist@broker.example' }]);
    await vi.waitFor(async () => expect(await attention()).toEqual(['mailbox-login-refused']), soon);
    const details = await detailsOf(handle);
    expect(details).toContain('- **mailbox-login-refused**: the mail server refuses the login.');
    expect(details).not.toContain('quist');
  });

  test('rewrites its memo with each run, so that it has the current key', async () => {
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
    expect((await handle.describe()).memo).toEqual(WATCHER_MEMO);
  });

  test('survives any signal', async () => {
    const { handle, attention, notices } = await mailbox();
    const long = { ...refused, says: 'x'.repeat(1_500_000) };
    const nonsense = [undefined, null, 'troubles', [null], [{}], { kind: 1 }, [long], [{ ...silent, kind: 'Quist' }]];
    for (const payload of nonsense) {
      await handle.signal('mailboxTroubles', payload);
      // Wait for each answer, so that no signal hides another.
      await handle.query('__temporal_workflow_metadata');
      expect(await attention()).toEqual([]);
    }
    await handle.signal('mailboxTroubles', [silent]);
    await vi.waitFor(async () => expect(await attention()).toEqual(['mailbox-silent']), soon);
    await vi.waitFor(() => expect(notices.map(({ facts }) => facts.attention)).toEqual(['mailbox-silent']), soon);
  });

  test('lists each kind once, in 3,000 bytes of details, no matter how often a signal repeats it', async () => {
    const { handle, attention, notices } = await mailbox();
    const kind = 'mail-to-review';
    await handle.signal('mailboxTroubles', Array(2_100).fill({ kind, says: '' }));
    await vi.waitFor(async () => expect(await attention()).toEqual([kind]), soon);
    const all = MAILBOX_ALERTS.map((kind) => ({ kind, says: '' }));
    await handle.signal('mailboxTroubles', Array(100).fill(all).flat());
    await vi.waitFor(async () => expect((await attention()).toSorted()).toEqual(MAILBOX_ALERTS.toSorted()), soon);
    const details = await detailsOf(handle);
    expect(details.match(/^- /gm)).toHaveLength(MAILBOX_ALERTS.length);
    expect(Buffer.byteLength(details)).toBeLessThanOrEqual(3_000);
    await vi.waitFor(() => expect(notices).toHaveLength(MAILBOX_ALERTS.length), soon);
  });

  test.each([
    { troubles: 'abc' },
    { troubles: 5 },
    { troubles: null },
    { troubles: [null, {}, { kind: 'Quist', says: '' }] },
    { troubles: Array(2_100).fill({ kind: 'Quist', says: '' }) },
    { told: 5 },
    { told: null },
    { told: [null, {}, 'Quist'] },
  ])('survives any start: $troubles, $told', async (more) => {
    const { handle, attention } = await mailbox(async (name) => {
      await start(name, [{ mailbox: name, ...more }]);
    });
    expect(await attention()).toEqual([]);
    expect(await detailsOf(handle)).toContain('is being read.');
  });

  test('takes over from the previous run what it knew and what it told operations, each kind once', async () => {
    const { attention, notices } = await mailbox(async (name) => {
      const troubles = Array(2_100).fill(silent).concat(refused);
      await start(name, [{ mailbox: name, troubles, told: Array(100).fill(silent.kind) }]);
    });
    await vi.waitFor(() => expect(notices.map(({ facts }) => facts.attention)).toEqual([refused.kind]), soon);
    expect(await attention()).toEqual([silent.kind, refused.kind]);
  });

  test.each([
    ['nothing', []],
    ['null', [null]],
    ['a text', ['main']],
    ['a name that is none', [{ mailbox: 5 }]],
    ['the name of another mailbox', [{ mailbox: 'another' }]],
  ])('fails if it was started with %s for a mailbox, so that a proper one can start', async (_, args) => {
    const { name, watches } = await mailbox(async (name) => {
      const improper = await start(name, args);
      await expect(improper.result()).rejects.toMatchObject({ cause: { type: 'not-a-watcher' } });
    });
    expect(watches.map(({ mailbox }) => mailbox)).toEqual([name]);
  });
});
