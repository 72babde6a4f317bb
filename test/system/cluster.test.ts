import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCluster } from '../../scripts/cluster.mjs';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/search-attributes.js';
import { goOn, waitForWord } from '../servers/waiting-workflow.js';
import { clusterIsPossible } from './cluster-possible.js';

describe.skipIf(!clusterIsPossible())('the production topology: Temporal on PostgreSQL', () => {
  let folder: string;
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ace-cluster-'));
    await chmod(folder, 0o755); // PostgreSQL runs as another user when this is root.
    cluster = await startCluster({ folder, ui: false });
    connection = await Connection.connect({ address: cluster.address });
    client = new Client({ connection });
  }, 900_000); // The first time the servers are built.
  afterAll(async () => {
    await connection?.close();
    await cluster?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test('keeps what it acknowledged when Temporal and PostgreSQL are killed', async () => {
    const handle = await client.workflow.start(waitForWord, {
      taskQueue: 'cluster',
      workflowId: 'survivor',
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.onboardingStage, value: 'awaiting-decision' },
        { key: SEARCH_ATTRIBUTES.needsAttention, value: ['late'] },
      ],
    });
    await handle.signal(goOn, 'kept');

    await cluster.temporal.kill();
    await cluster.postgres.kill();
    await cluster.postgres.start();
    await cluster.temporal.start();

    const worker = await NativeConnection.connect({ address: cluster.address });
    try {
      const running = await Worker.create({
        connection: worker,
        taskQueue: 'cluster',
        workflowsPath: fileURLToPath(new URL('../servers/waiting-workflow.ts', import.meta.url)),
      });
      expect(await running.runUntil(handle.result())).toBe('kept');
    } finally {
      await worker.close();
    }
  });

  test('finds onboardings by stage and by what needs attention', async () => {
    const found = "OnboardingStage = 'awaiting-decision' AND NeedsAttention = 'late'";
    await expect.poll(async () => (await client.workflow.count(found)).count, { timeout: 20_000 }).toBe(1);
  });
});
