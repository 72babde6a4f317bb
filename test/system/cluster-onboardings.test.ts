import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster } from '../../scripts/cluster.mjs';
import { differences } from '../../simulator/rehearsal.js';
import { clusterIsPossible } from './cluster-possible.js';
import { type ClusterWorld, openClusterWorld } from './cluster-world.js';

const CLIENTS = 20;

describe.skipIf(!clusterIsPossible())('two workers on the cluster', () => {
  let folder: string;
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  let world: ClusterWorld;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ace-cluster-'));
    await chmod(folder, 0o755); // PostgreSQL runs as another user when this is root.
    cluster = await startCluster({ folder, ui: false });
    world = await openClusterWorld({ folder, temporalAddress: cluster.address, count: CLIENTS, workers: 2 });
  }, 900_000);
  afterAll(async () => {
    await world?.close();
    await cluster?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 90_000);

  /** Looks again and again, as an operator's screen does, until something is so. */
  async function until(what: string, isSo: () => boolean, seconds: number): Promise<void> {
    const deadline = Date.now() + seconds * 1000;
    while (!isSo()) {
      if (Date.now() > deadline) throw new Error(`It did not come to this in ${seconds} s: ${what}. ${stages(world)}`);
      await world.look().catch(() => undefined); // Temporal is down for a moment.
      await delay(200);
    }
  }
  const received = () => world.cases.filter((one) => one.applications.length > 0).length;
  const closed = () => world.cases.filter((one) => one.closed).length;

  test('finish every onboarding and send each application once, whoever is killed meanwhile', async () => {
    const answers = await world.client.startMany(world.cases.map(({ application }) => application));
    expect(answers.map((answer) => ('error' in answer ? answer.error.message : answer.status))).toEqual(
      world.cases.map(() => 'started'),
    );

    await until('a third of the applications are with CBP', () => received() >= CLIENTS / 3, 60);
    world.workers[0]?.kill();

    await until('all applications are with CBP', () => received() === CLIENTS, 120);
    await cluster.temporal.kill();
    await cluster.temporal.start();

    await until('the first onboarding has closed', () => closed() > 0, 90);
    await cluster.postgres.kill();
    await cluster.postgres.start();

    await until('all have closed', () => closed() === CLIENTS, 120);
    expect(world.cases.map((one) => [one.application.reference, ...differences(one)])).toEqual(
      world.cases.map((one) => [one.application.reference]),
    );
    expect(world.workers.map(({ starts }) => starts)).toEqual([2, 1]);
  });
});

function stages({ cases }: ClusterWorld): string {
  const count = new Map<string, number>();
  for (const { row } of cases) {
    const stage = [row?.stage ?? 'not listed', ...(row?.attention ?? [])].join(' ');
    count.set(stage, (count.get(stage) ?? 0) + 1);
  }
  return [...count].map(([stage, number]) => `${number} × ${stage}`).join(', ');
}
