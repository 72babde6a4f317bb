import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { expect, inject, test } from 'vitest';
import { workflowIdOf } from '../src/application/reference.js';
import { deadlinesOf } from '../src/calendar/schedule.js';
import { updateOnce } from '../src/temporal/update-once.js';
import { workflowBundle } from '../src/temporal/workflow-bundle.js';
import { formQueueOf } from '../src/workflows/contract/application-activities.js';
import { mailQueueOf, type Notice, type NoticeSent } from '../src/workflows/contract/mail-activities.js';
import * as messages from '../src/workflows/contract/messages.js';
import type { ReceivedMail } from '../src/workflows/contract/received-mail.js';
import { CHECKOUT } from '../test/support/checkout.js';
import { POLICY } from '../test/support/usual-policy.js';
import { sampleApplication } from '../test/temporal/onboarding/sample-application.js';
import { acknowledged, approved, granted } from './bare/bare-onboarding.js';

/**
 * Complete onboardings per second with empty activities, compared with a bare workflow that has as many activities,
 * signals, timers and updates. They alternate on one server. It shows what our own workflow code costs.
 */

const EACH = Number(process.env.BENCH_ONBOARDINGS ?? 150);
const AT_ONCE = 30;
const ROUNDS = 3;
/** The activities run in this process and report here when a workflow reaches its last wait. */
const instructed = new Map<string, () => void>();
const activities = {
  async prepareApplication() {
    return {
      kind: 'ready',
      applicationSha256: 'b',
      form: { sha256: 'c', pages: 1, edition: 'e' },
      warnings: [],
      timeZone: 'America/New_York',
      listed: { company: 'Lakeside Candles Inc.', importerKey: 'KEY' },
    };
  },
  async sendApplication({ workflowId }: { workflowId: string }) {
    const now = new Date();
    return {
      kind: 'accepted',
      messageId: workflowId,
      at: now.toISOString(),
      deadlines: deadlinesOf({ wait: 'decision', at: now.toISOString() }, POLICY),
    };
  },
  async sendNotice({ workflowId, template, starts }: Notice): Promise<NoticeSent> {
    const at = new Date().toISOString();
    if (template === 'grant-instructions') instructed.get(workflowId)?.();
    return {
      result: { kind: 'accepted', messageId: 'x', at },
      ...(starts ? { deadlines: deadlinesOf({ ...starts, at }, POLICY) } : {}),
      brokerAceEmail: 'ace@broker.example',
    };
  },
};

test('orchestration compared with a bare workflow', async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporalAddress');
  const connection = await NativeConnection.connect({ address });
  const { workflow: client } = new Client({ connection: await Connection.connect({ address }) });
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const bare = await bundleWorkflowCode({ workflowsPath: `${CHECKOUT}bench/bare/bare-onboarding.ts`, logger: quiet });
  const workers = await Promise.all([
    Worker.create({
      connection,
      taskQueue: 'bench-ours',
      workflowBundle: await workflowBundle(),
      activities,
      maxCachedWorkflows: 500,
    }),
    Worker.create({ connection, taskQueue: formQueueOf('bench-ours'), activities }),
    Worker.create({ connection, taskQueue: mailQueueOf('bench-ours'), activities }),
    Worker.create({ connection, taskQueue: 'bench-bare', workflowBundle: bare, activities, maxCachedWorkflows: 500 }),
    Worker.create({ connection, taskQueue: formQueueOf('bench-bare'), activities }),
    Worker.create({ connection, taskQueue: mailQueueOf('bench-bare'), activities }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  let references = 0;
  const thisRun = Math.random()
    .toString(36)
    .replace(/[^a-z]/g, '')
    .slice(0, 6);

  const ours = async () => {
    const application = sampleApplication({ reference: `bench-${thisRun}-n${++references}` });
    const workflowId = workflowIdOf(application.reference);
    const last = new Promise<void>((resolve) => instructed.set(workflowId, resolve));
    const handle = await client.start('onboardImporter', {
      workflowId,
      taskQueue: 'bench-ours',
      args: [application, 1],
    });
    await handle.signal(messages.mailReceived, mail('acknowledgement', workflowId));
    await handle.signal(messages.mailReceived, mail('approved', workflowId));
    await last;
    const seen = {
      actor: 'op',
      importerNumbers: [application.importerNumber],
      role: 'full-access' as const,
      evidence: 'ACE',
    };
    await updateOnce(handle, messages.confirmAccessGranted, seen);
    expect(await handle.result()).toBe('access-granted');
  };
  const theirs = async () => {
    const workflowId = `bare-${thisRun}-${++references}`;
    const last = new Promise<void>((resolve) => instructed.set(workflowId, resolve));
    const handle = await client.start('bareOnboarding', {
      workflowId,
      taskQueue: 'bench-bare',
      args: [sampleApplication()],
    });
    await handle.signal(acknowledged);
    await handle.signal(approved);
    await last;
    await updateOnce(handle, granted, 'op');
    expect(await handle.result()).toBe('granted');
  };

  await Promise.all([perSecond(ours, 10), perSecond(theirs, 10)]);
  const rounds: { ours: number; bare: number; ratio: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const a = await perSecond(first, EACH);
    const b = await perSecond(second, EACH);
    const [o, t] = round % 2 === 0 ? [a, b] : [b, a];
    rounds.push({ ours: o, bare: t, ratio: o / t });
  }
  for (const worker of workers) worker.shutdown();
  await running;
  const median = rounds.map(({ ratio }) => ratio).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  console.log(
    rounds
      .map((r) => `ours ${r.ours.toFixed(1)}/s, bare ${r.bare.toFixed(1)}/s, ratio ${r.ratio.toFixed(2)}`)
      .join('\n'),
  );
  console.log(
    `complete onboardings per second, empty activities: median ratio to a bare workflow ${median.toFixed(2)} (${EACH} each, ${AT_ONCE} at once)`,
  );
});

async function perSecond(one: () => Promise<void>, count: number): Promise<number> {
  const began = performance.now();
  const todo = Array.from({ length: count }).keys();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const _ of todo) await one();
    }),
  );
  return count / ((performance.now() - began) / 1000);
}

let mails = 0;
function mail(kind: ReceivedMail['kind'], aboutMessageId: string): ReceivedMail {
  return {
    mailId: `mail-${++mails}`,
    receivedAt: new Date().toISOString(),
    mailbox: 'main',
    kind,
    confidence: 0.95,
    evidence: [],
    authenticity: { verdict: 'authentic', reasons: [] },
    alias: 'cbp',
    from: 'ace.applications@cbp.dhs.gov',
    subject: 'RE: ACE Portal Account Application',
    excerpt: 'what the sender newly wrote',
    doubts: [],
    documentSha256: 'a'.repeat(64),
    aboutMessageId,
  };
}
