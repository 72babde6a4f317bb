import { Client, isGrpcDeadlineError, type WorkflowHandle } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createDeadlineActivities } from '../../../src/activities/deadlines.js';
import type { Application } from '../../../src/application/application.js';
import { refundDeadlineOf } from '../../../src/application/application.js';
import { workflowIdOf } from '../../../src/application/reference.js';
import { timeZoneOf } from '../../../src/application/time-zone.js';
import type { Policy } from '../../../src/calendar/policy.js';
import { deadlinesOf, refundAlarm } from '../../../src/calendar/schedule.js';
import {
  formQueueOf,
  type Preparation,
  type PrepareOrder,
} from '../../../src/workflows/contract/application-activities.js';
import {
  type ApplicationMail,
  type ApplicationSent,
  mailQueueOf,
  type Notice,
  type NoticeSent,
} from '../../../src/workflows/contract/mail-activities.js';
import * as messages from '../../../src/workflows/contract/messages.js';
import type { Progress } from '../../../src/workflows/contract/progress.js';
import type { ReceivedMail } from '../../../src/workflows/contract/received-mail.js';
import type { OnboardingStage } from '../../../src/workflows/contract/stages.js';
import type { onboardImporter } from '../../../src/workflows/onboarding/onboard-importer.js';
import { changedAttributes } from '../../../src/workflows/onboarding/search-attribute-updates.js';
import { CHECKOUT } from '../../support/checkout.js';
import { withDoubts } from '../../support/judged-mail.js';
import { POLICY } from '../../support/usual-policy.js';

/**
 * One onboarding on a Temporal server. The activities replace the mailbox, CBP and the form, because these tests are about
 * what the workflow does with time and messages.
 */

Runtime.install({ logger: new DefaultLogger('WARN') });

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;
/** Bundled once. It takes seconds, which pass on the environment's clock as well. */
export function workflowCode(): Promise<WorkflowBundleWithSourceMap> {
  bundle ??= bundleWorkflowCode({ workflowsPath: `${CHECKOUT}src/workflows/index.ts`, logger: quiet });
  return bundle;
}
const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** What the activities do, unless a test overrides it. */
export interface Parts {
  prepareApplication(order: PrepareOrder): Promise<Preparation>;
  sendApplication(mail: ApplicationMail): Promise<ApplicationSent>;
  sendNotice(notice: Notice): Promise<NoticeSent>;
  awaitSweep(input: { after: string }): Promise<{ swept: boolean; unreadSince?: string }>;
}

export class RehearsedOnboarding {
  readonly prepared: PrepareOrder[] = [];
  readonly applications: ApplicationMail[] = [];
  /** Milliseconds by which the environment's skipped time is ahead of ours at the start. */
  private ahead = 0;
  readonly notices: Notice[] = [];
  readonly sweeps: string[] = [];
  private mails = 0;

  private constructor(
    readonly environment: TestWorkflowEnvironment,
    readonly handle: WorkflowHandle<typeof onboardImporter>,
    private readonly client: Client,
  ) {}

  /** Runs a script against an onboarding, and stops the worker when the script is done. */
  static async run<T>(
    environment: TestWorkflowEnvironment,
    application: Application,
    script: (onboarding: RehearsedOnboarding) => Promise<T>,
    parts: Partial<Parts> = {},
    { policy = POLICY, reopened }: { policy?: Policy; reopened?: messages.Reopened } = {},
  ): Promise<T> {
    const taskQueue = `rehearsal-${++rehearsals}`;
    // Not the environment's own client: while it waits for a result it skips time, by years if nothing else is due, until
    // the server's clock overflows. Here time passes only when a test says so.
    const { connection: office, namespace: space = 'default' } = environment;
    const client = new Client({ connection: office, namespace: space });
    const round = reopened ? 2 : 1;
    const workflowId = workflowIdOf(application.reference, round);
    const onboarding = new RehearsedOnboarding(
      environment,
      client.workflow.getHandle<typeof onboardImporter>(workflowId),
      client,
    );
    onboarding.ahead = (await onboarding.now()).getTime() - Date.now();
    const activities = {
      ...createDeadlineActivities({ policy }),
      ...onboarding.parts(policy),
      ...onboarding.recorded(parts),
    };
    const { nativeConnection: connection, namespace = 'default' } = environment;
    const shared = { connection, namespace, activities };
    const forms = await Worker.create({ ...shared, taskQueue: formQueueOf(taskQueue) });
    const mail = await Worker.create({ ...shared, taskQueue: mailQueueOf(taskQueue) });
    const worker = await Worker.create({ ...shared, taskQueue, workflowBundle: await workflowCode() });
    await client.workflow.start<typeof onboardImporter>('onboardImporter', {
      workflowId,
      taskQueue,
      args: reopened ? [application, round, reopened] : [application, round],
      typedSearchAttributes: asTheClientSets(application),
    });
    try {
      const result = await forms.runUntil(mail.runUntil(worker.runUntil(script(onboarding))));
      await onboarding.replay();
      return result;
    } finally {
      await onboarding.endOfTest();
    }
  }

  /** After a failed test, a running workflow would keep the server busy with tasks that no worker takes. */
  private async endOfTest(): Promise<void> {
    const { status } = await this.handle.describe();
    if (status.name === 'RUNNING') await this.handle.terminate('end of the test');
  }

  /** Replays every history that a test makes: the workflow must do the same again. */
  private async replay(): Promise<void> {
    const history = await this.handle.fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: await workflowCode() }, history, this.handle.workflowId);
  }

  /** An email as the watcher reports it: authentic and clear, unless overridden. */
  mail(kind: ReceivedMail['kind'], overrides: Partial<ReceivedMail> = {}): ReceivedMail {
    const submission = this.applications.at(-1);
    return withDoubts({
      mailId: `mail-${++this.mails}`,
      receivedAt: new Date(Date.now() + this.ahead).toISOString(),
      mailbox: 'main',
      kind,
      confidence: 0.95,
      evidence: ['the words say so'],
      authenticity: { verdict: 'authentic', reasons: ['DKIM of cbp.dhs.gov passes'] },
      alias: 'cbp',
      from: 'ace.applications@cbp.dhs.gov',
      subject: 'RE: ACE Portal Account Application',
      excerpt: 'what the sender newly wrote',
      documentSha256: 'a'.repeat(64),
      ...(submission ? { aboutMessageId: messageIdOf(submission) } : {}),
      ...overrides,
    });
  }

  receive(mail: ReceivedMail): Promise<void> {
    return this.handle.signal(messages.mailReceived, mail);
  }

  /** Waits until the onboarding reaches a state. Time may be skipped until then. */
  async reaches(
    what: Partial<{ stage: OnboardingStage; attention: string; notice: Notice['template'] }>,
  ): Promise<void> {
    for (let tries = 0; tries < 1_500; tries++) {
      const progress = await this.progress();
      if (
        (what.stage === undefined || progress.stage === what.stage) &&
        (what.attention === undefined || progress.attention.some((one) => one === what.attention)) &&
        (what.notice === undefined || this.notices.some(({ template }) => template === what.notice))
      )
        return await this.idle();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`The onboarding never reached ${JSON.stringify(what)}: ${JSON.stringify(await this.progress())}`);
  }

  /** Skips time. Never use it while an activity runs: the server's time might stop for good. */
  async sleep(duration: Parameters<TestWorkflowEnvironment['sleep']>[0]): Promise<void> {
    await this.idle();
    await this.environment.sleep(duration);
  }

  /** The time-skipping server sometimes loses a query, and its time stops while one is open, so this queries again. */
  async progress(tries = 5): Promise<Progress> {
    try {
      const progress = await this.client.withDeadline(Date.now() + 5_000, () => this.handle.query(messages.progress));
      // Whatever a test does, nobody waits unseen.
      if (progress.stage !== 'closed' && !progress.due) throw new Error(`Nothing is due: ${JSON.stringify(progress)}`);
      return progress;
    } catch (error) {
      if (tries <= 1 || !isGrpcDeadlineError(error)) throw error;
      return await this.progress(tries - 1);
    }
  }

  /**
   * Waits until no activity is running, at most two seconds: if an onboarding closes while one is running, the
   * time-skipping server's time stops for good.
   */
  async idle(): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      const { raw } = await this.handle.describe();
      if (!raw.pendingActivities?.length) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  confirmAccess(overrides: Partial<messages.ConfirmAccessGranted> = {}): Promise<messages.Answer> {
    const seen = {
      actor: 'op',
      importerNumbers: ['07-123456700'],
      role: 'full-access' as const,
      evidence: 'ACE',
      ...overrides,
    };
    return this.handle.executeUpdate(messages.confirmAccessGranted, { args: [seen] });
  }

  /** The environment's time, including what was skipped. */
  async now(): Promise<Date> {
    return new Date(await this.environment.currentTimeMs());
  }

  private parts(policy: Policy): Parts {
    return {
      prepareApplication: async (order) => {
        this.prepared.push(order);
        return {
          kind: 'ready',
          applicationSha256: 'b'.repeat(64),
          ...(order.form ? { form: { sha256: 'c'.repeat(64), pages: 6, edition: 'replica' } } : {}),
          warnings: [],
          ...refundAlarmOf(order.application, policy, await this.now()),
          timeZone: timeZoneOf(order.application),
          listed: { company: order.application.company.legalName, importerKey: 'KEY' },
        };
      },
      sendApplication: async (mail) => {
        this.applications.push(mail);
        const at = await this.now();
        return {
          kind: 'accepted',
          messageId: messageIdOf(mail),
          at: at.toISOString(),
          deadlines: deadlinesOf({ wait: 'decision', at: at.toISOString() }, policy),
        };
      },
      sendNotice: async (notice) => {
        this.notices.push(notice);
        const at = await this.now();
        const result = {
          kind: 'accepted',
          messageId: `${notice.template}-${notice.ordinal}`,
          at: at.toISOString(),
        } as const;
        const { starts } = notice;
        return {
          result,
          ...(starts ? { deadlines: deadlinesOf({ ...starts, at: at.toISOString() }, policy) } : {}),
          ...(notice.template === 'grant-instructions' ? { brokerAceEmail: 'ace@broker.example' } : {}),
        };
      },
      awaitSweep: async ({ after }) => {
        this.sweeps.push(after);
        return { swept: true };
      },
    };
  }

  /** Records the calls of a test's own activities, too. */
  private recorded(parts: Partial<Parts>): Partial<Parts> {
    const { sendApplication, prepareApplication, sendNotice, awaitSweep } = parts;
    return {
      ...parts,
      ...(prepareApplication && { prepareApplication: recording(this.prepared, prepareApplication) }),
      ...(sendApplication && { sendApplication: recording(this.applications, sendApplication) }),
      ...(awaitSweep && {
        awaitSweep: (input: { after: string }) => {
          this.sweeps.push(input.after);
          return awaitSweep(input);
        },
      }),
      ...(sendNotice && { sendNotice: recording(this.notices, sendNotice) }),
    };
  }
}

function recording<I, O>(seen: I[], part: (input: I) => O): (input: I) => O {
  return (input) => {
    seen.push(input);
    return part(input);
  };
}

function refundAlarmOf(
  application: Application,
  policy: Policy,
  now: Date,
): Pick<Preparation & { kind: 'ready' }, 'refundAlarm'> {
  const alarm = refundAlarm(application.refundDeadline, policy, now);
  return alarm ? { refundAlarm: alarm } : {};
}

let rehearsals = 0;

function asTheClientSets(application: Application): SearchAttributePair[] {
  const pairs = changedAttributes(
    {},
    {
      onboardingStage: 'preparing',
      waitingOn: 'nobody',
      clientReference: application.reference,
      company: application.company.legalName,
      importerKey: 'KEY',
      refundDeadline: refundDeadlineOf(application),
    },
  );
  return pairs as SearchAttributePair[];
}

export function messageIdOf(mail: Pick<ApplicationMail, 'reference' | 'attempt' | 'transmission'>): string {
  return `${mail.reference}.application.${mail.attempt}.${mail.transmission}@broker.example`;
}
