import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Client, Connection, isGrpcServiceError, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, type LogEntry, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createDeadlineActivities } from '../../src/activities/deadlines.js';
import { workflowIdOf } from '../../src/application/reference.js';
import { deadlinesOf } from '../../src/calendar/schedule.js';
import type { Encryption } from '../../src/encryption/keyring.js';
import { dataConverter } from '../../src/temporal/data-converter/data-converter.js';
import { versioning } from '../../src/temporal/deployment.js';
import { workflowBundle } from '../../src/temporal/workflow-bundle.js';
import { createFormWorker } from '../../src/worker/form-worker.js';
import type {
  ApplicationActivities,
  Preparation,
  PrepareOrder,
} from '../../src/workflows/contract/application-activities.js';
import {
  type ApplicationMail,
  type ApplicationSent,
  mailQueueOf,
  type Notice,
  type NoticeSent,
} from '../../src/workflows/contract/mail-activities.js';
import * as messages from '../../src/workflows/contract/messages.js';
import type { OnboardingStage, Outcome } from '../../src/workflows/contract/stages.js';
import type { onboardImporter } from '../../src/workflows/onboarding/onboard-importer.js';
import { sampleApplication } from '../temporal/onboarding/sample-application.js';
import { POLICY } from './usual-policy.js';

/**
 * Onboardings with our workflows and encryption on a real server, but with fake mail and forms, for tests of what is
 * between workflow and server. They wait for the decision.
 */

/** The log of the workers in this process. */
export const logged: LogEntry[] = [];
Runtime.install({
  logger: new DefaultLogger('WARN', (entry) => {
    logged.push(entry);
  }),
});

const activities = {
  ...createDeadlineActivities({ policy: POLICY }),
  async prepareApplication({ application }: PrepareOrder): Promise<Preparation> {
    return {
      kind: 'ready',
      applicationSha256: 'b'.repeat(64),
      form: { sha256: 'c'.repeat(64), pages: 6, edition: 'replica' },
      warnings: [],
      timeZone: 'America/New_York',
      listed: { company: application.company.legalName, importerKey: 'KEY' },
    };
  },
  async sendApplication({ reference, attempt }: ApplicationMail): Promise<ApplicationSent> {
    const now = new Date();
    return {
      kind: 'accepted',
      messageId: `${reference}.${attempt}@broker.example`,
      at: now.toISOString(),
      deadlines: deadlinesOf({ wait: 'decision', at: now.toISOString() }, POLICY),
    };
  },
  async sendNotice({ template, starts }: Notice): Promise<NoticeSent> {
    const at = new Date().toISOString();
    return {
      result: { kind: 'accepted', messageId: `${template}@broker.example`, at },
      ...(starts ? { deadlines: deadlinesOf({ ...starts, at }, POLICY) } : {}),
      ...(template === 'grant-instructions' ? { brokerAceEmail: 'ace@broker.example' } : {}),
    };
  },
  async awaitSweep() {
    return { swept: true };
  },
  async watch() {
    for (;;) {
      Context.current().heartbeat();
      await Context.current().sleep(500);
    }
  },
};

const bundles = new Map<boolean, ReturnType<typeof workflowBundle>>();
function workflows(encrypted: boolean): ReturnType<typeof workflowBundle> {
  const bundle = bundles.get(encrypted) ?? workflowBundle({ encrypted });
  bundles.set(encrypted, bundle);
  return bundle;
}

/** Workers for all task queues, with these keys and, if given, this build and these activities. Call `stop` at the end. */
export async function startWorker(
  address: string,
  taskQueue: string,
  encryption: Encryption | undefined,
  { buildId, own }: { buildId?: string; own?: Partial<ApplicationActivities> } = {},
) {
  const connection = await NativeConnection.connect({ address });
  const missing: string[] = [];
  const shared = {
    connection,
    dataConverter: dataConverter(encryption, ({ message }) => missing.push(message)),
    activities: { ...activities, ...own },
    ...versioning(taskQueue, buildId),
  };
  const workers = [
    await Worker.create({
      ...shared,
      taskQueue,
      workflowBundle: await workflows(encryption !== undefined),
      stickyQueueScheduleToStartTimeout: '1 second',
    }),
    await createFormWorker(shared, taskQueue, shared.activities),
    await Worker.create({ ...shared, taskQueue: mailQueueOf(taskQueue) }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    /** What it logged about missing keys. */
    missing,
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

export async function connect(address: string, encryption: Encryption | undefined) {
  const connection = await Connection.connect({ address });
  return { connection, client: new Client({ connection, dataConverter: dataConverter(encryption) }) };
}

/** Starts one onboarding of the sample client. */
export async function startOnboarding(client: Client, taskQueue: string, reference: string) {
  return await client.workflow.start<typeof onboardImporter>('onboardImporter', {
    workflowId: workflowIdOf(reference),
    taskQueue,
    args: [sampleApplication({ reference })],
    staticSummary: 'ACE account for Lakeside Candles Inc.',
  });
}
type Handle = WorkflowHandle<typeof onboardImporter>;

export async function reaches(handle: Handle, stage: OnboardingStage): Promise<void> {
  for (;;) {
    const progress = await handle.query(messages.progress).catch(() => undefined);
    if (progress?.stage === stage) return;
    await delay(100);
  }
}

/**
 * Sends an update again if Temporal asks for that: it refuses one that arrives at the end of a task while something else has
 * just come in.
 */
async function retried<T>(update: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await update();
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (!isGrpcServiceError(cause) || cause.code !== FAILED_PRECONDITION) throw error;
    }
  }
}
const FAILED_PRECONDITION = 9;

/** From the decision to the end: a person approves, the client grants access, the broker sees it. */
export async function finish(handle: Handle): Promise<Outcome> {
  const approved: messages.Decide = { actor: 'jo', evidence: 'ACE', decision: 'approved', verification: 'seen-in-ace' };
  await retried(() => handle.executeUpdate(messages.decide, { args: [approved] }));
  await reaches(handle, 'awaiting-access-grant');
  const seen: messages.ConfirmAccessGranted = {
    actor: 'jo',
    importerNumbers: ['07-123456700'],
    role: 'full-access',
    evidence: 'ACE',
  };
  await retried(() => handle.executeUpdate(messages.confirmAccessGranted, { args: [seen] }));
  return await handle.result();
}
