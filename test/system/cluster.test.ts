import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Case, differences } from '../../simulator/rehearsal/rehearsal.js';
import { workflowIdOf } from '../../src/application/reference.js';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/contract/search-attributes.js';
import { CHECKOUT } from '../support/checkout.js';
import { startCluster } from '../support/cluster/cluster.mjs';
import { clusterIsPossible } from '../support/cluster-possible.js';
import { type ClusterWorld, openClusterWorld, type Version } from '../support/cluster-world.js';
import { nextVersion } from '../support/next-version.js';
import { goOn, waitForWord } from '../support/waiting-workflow.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** `CLUSTER_ONBOARDINGS=200 npx vitest run --project system test/system/cluster.test.ts` takes some minutes. */
const CLIENTS = Number(process.env.CLUSTER_ONBOARDINGS ?? 20);
const ROLLED_OUT_AFTER = Math.ceil(CLIENTS * 0.75);
/** The more there are, the longer they wait: most of them shall be parked at the upgrade. */
const SECONDS_PER_BUSINESS_DAY = CLIENTS > 50 ? 20 : 1.5;
const PATIENCE = 60 + CLIENTS * 2;

describe.skipIf(!clusterIsPossible())('on the production topology, Temporal on PostgreSQL,', () => {
  let folder: string;
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  let world: ClusterWorld;
  let next: Version;
  const one: Version = { buildId: 'one', checkout: CHECKOUT };
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ace-cluster-'));
    await chmod(folder, 0o755); // PostgreSQL runs as another user when this is root.
    [cluster, next] = await Promise.all([
      startCluster({ folder, ui: false }),
      nextVersion(folder, 'patched').then((checkout) => ({ buildId: 'two', checkout })),
    ]);
    world = await openClusterWorld({
      folder,
      temporalAddress: cluster.address,
      count: CLIENTS,
      secondsPerBusinessDay: SECONDS_PER_BUSINESS_DAY,
    });
  }, 900_000);
  afterAll(async () => {
    await world?.close();
    await cluster?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 90_000);

  /** Looks again and again, as an operator's screen does, until something is so. */
  async function until(what: string, isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE * 1000;
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(`It did not come to this in ${PATIENCE} s: ${what}. ${stages(world)}`);
      await world.look().catch(() => undefined); // Temporal is down for a moment.
      await delay(200);
    }
    say(what, world);
  }
  const received = (cases = world.cases) => cases.filter(({ applications }) => applications.length > 0).length;
  const closed = () => world.cases.filter((one) => one.closed).length;

  async function start(cases: Case[]): Promise<void> {
    const answers = await world.client.startMany(cases.map(({ application }) => application));
    expect(answers.map((answer) => ('error' in answer ? answer.error.message : answer.status))).toEqual(
      cases.map(() => 'started'),
    );
  }

  /** As an operator does: until the new workers were seen on every task queue it is refused. */
  async function promote(version: Version): Promise<void> {
    const deadline = Date.now() + PATIENCE * 1000;
    for (;;) {
      const { exitCode, said } = await world.commandLine(version, ['deploy', 'promote', version.buildId]);
      say(said.trim(), world);
      if (exitCode === 0) return;
      if (exitCode === 6 || Date.now() > deadline) throw new Error(`Not promoted, ${exitCode}: ${said}`);
      await delay(200);
    }
  }

  test('acknowledged data survives when Temporal and PostgreSQL are killed', async () => {
    const connection = await Connection.connect({ address: cluster.address });
    const { workflow } = new Client({ connection });
    const handle = await workflow.start(waitForWord, {
      taskQueue: 'cluster',
      workflowId: 'survivor',
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.onboardingStage, value: 'awaiting-decision' },
        { key: SEARCH_ATTRIBUTES.needsAttention, value: ['late'] },
      ],
    });
    await handle.signal(goOn, 'kept');

    await cluster.temporal.kill();
    const goOnLater = await freezeOneOfPostgres(folder);
    await cluster.postgres.kill();
    const started = cluster.postgres.start();
    await expect.poll(() => readFile(path.join(folder, 'logs/postgres.log'), 'utf8')).toContain('still in use');
    goOnLater();
    await started;
    await cluster.temporal.start();

    const native = await NativeConnection.connect({ address: cluster.address });
    const workflowsPath = fileURLToPath(new URL('../support/waiting-workflow.ts', import.meta.url));
    const worker = await Worker.create({ connection: native, taskQueue: 'cluster', workflowsPath });
    expect(await worker.runUntil(handle.result())).toBe('kept');
    await native.close();

    const found = "OnboardingStage = 'awaiting-decision' AND NeedsAttention = 'late'";
    await expect.poll(async () => (await workflow.count(found)).count, { timeout: 20_000 }).toBe(1);
    await connection.close();
  });

  test(
    'two workers finish every onboarding and send each application once, whatever is killed or upgraded meanwhile',
    async () => {
      const [killed, upgraded] = [world.startWorker(one), world.startWorker(one)];
      await promote(one);
      const [before, after] = [world.cases.slice(0, ROLLED_OUT_AFTER), world.cases.slice(ROLLED_OUT_AFTER)];
      await start(before);

      await until('a third of the applications are with CBP', () => received() >= CLIENTS / 3);
      killed.kill();

      await until('most applications are with CBP', () => received() >= before.length * 0.8);
      for (const _ of [killed, upgraded]) world.startWorker(next);
      await promote(next);
      for (const old of [killed, upgraded]) await old.stop();
      await start(after);

      await until('all applications are with CBP', () => received() === CLIENTS);
      await cluster.temporal.kill();
      await cluster.temporal.start();

      await until('half have closed', () => closed() >= CLIENTS / 2);
      await cluster.postgres.kill();
      await cluster.postgres.start();

      await until('all have closed', () => closed() === CLIENTS);
      expect(world.cases.map((one) => [one.application.reference, ...differences(one)])).toEqual(
        world.cases.map((one) => [one.application.reference]),
      );
      expect(world.workers.map(({ starts }) => starts)).toEqual([2, 1, 1, 1]);
      expect(await versionsOf(after)).toEqual(after.map(() => 'began on the next'));
      expect(await versionsOf(before)).toContain('went on with the next');
    },
    PATIENCE * 5_000,
  );

  /** Which version had an onboarding in the end, and whether it had it from the beginning: only then it has the novelty. */
  async function versionsOf(cases: Case[]): Promise<string[]> {
    const connection = await Connection.connect({ address: cluster.address });
    const { workflow } = new Client({ connection });
    const versions = cases.map(async ({ application }) => {
      const handle = workflow.getHandle(workflowIdOf(application.reference));
      const { events } = await handle.fetchHistory();
      const { raw } = await handle.describe();
      const buildId = raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
      const novelty = events?.some((event) => event.workflowPropertiesModifiedEventAttributes);
      if (novelty) return `began on ${buildId === next.buildId ? 'the next' : 'neither'}`;
      return buildId === next.buildId ? 'went on with the next' : 'ended before';
    });
    return await Promise.all(versions).finally(() => connection.close());
  }
});

/** One of its processes leaves late after a crash, as on a busy machine: it uses the shared memory until it goes on. */
async function freezeOneOfPostgres(folder: string): Promise<() => void> {
  const [postmaster] = (await readFile(path.join(folder, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', `${postmaster}`]);
  const frozen = Number(stdout.trim().split('\n')[0]);
  process.kill(frozen, 'SIGSTOP');
  return () => process.kill(frozen, 'SIGCONT');
}

/** What a run of many is read by. */
function say(what: string, world: ClusterWorld): void {
  if (process.env.CLUSTER_ONBOARDINGS)
    process.stderr.write(`${Math.round(performance.now() / 1000)} s: ${what}. ${stages(world)}\n`);
}

function stages({ cases }: ClusterWorld): string {
  const count = new Map<string, number>();
  for (const { row } of cases) {
    const stage = [row?.stage ?? 'not listed', ...(row?.attention ?? [])].join(' ');
    count.set(stage, (count.get(stage) ?? 0) + 1);
  }
  return [...count].map(([stage, number]) => `${number} × ${stage}`).join(', ');
}
