import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../../simulator/rehearsal/rehearsal.js';
import { newKey } from '../../src/encryption/keyring.js';
import { type ClusterWorld, openClusterWorld } from '../support/cluster-world.js';
import { openS3Server, type S3Server, s3IsPossible } from '../support/s3-server.js';
import { startDevServer } from '../support/temporal-dev-server.js';

const CLIENTS = 4;
const PATIENCE_MS = 120_000;

describe.skipIf(!s3IsPossible())('two workers that share an archive in a bucket', () => {
  let folder: string;
  let s3: S3Server;
  /** Of its own: each server has one watcher of a mailbox. */
  let temporal: Awaited<ReturnType<typeof startDevServer>>;
  let world: ClusterWorld;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ace-bucket-'));
    [s3, temporal] = await Promise.all([openS3Server(), startDevServer()]);
    const { bucket, prefix, endpoint = '', credentials } = s3.place();
    world = await openClusterWorld({
      folder,
      temporalAddress: temporal.address,
      count: CLIENTS,
      secondsPerBusinessDay: 0.7,
      settings: {
        ENCRYPTION_KEYS: newKey(),
        ARCHIVE_BUCKET: `s3://${bucket}/${prefix}`,
        ARCHIVE_S3_ENDPOINT: endpoint,
        ARCHIVE_S3_ACCESS_KEY_ID: credentials?.accessKeyId ?? '',
        ARCHIVE_S3_SECRET_ACCESS_KEY: credentials?.secretAccessKey ?? '',
      },
    });
  }, 600_000);
  afterAll(async () => {
    await world?.close();
    await temporal?.stop();
    await s3?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 60_000);

  async function until(isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!isSo()) {
      if (Date.now() > deadline)
        throw new Error(`Not in time: ${world.cases.map(({ row }) => row?.stage ?? '-').join(', ')}`);
      await world.look().catch(() => undefined); // The bucket is away for a moment.
      await delay(200);
    }
  }

  test(
    'finish every onboarding and send each application once, although a worker and the bucket are killed',
    async () => {
      const [killed] = [world.startWorker(), world.startWorker()];
      const answers = await world.client.startMany(world.cases.map(({ application }) => application));
      expect(answers.map((answer) => ('error' in answer ? answer.error.message : answer.status))).toEqual(
        world.cases.map(() => 'started'),
      );
      await until(() => world.cases.filter(({ applications }) => applications.length > 0).length >= CLIENTS / 3);
      killed?.kill();
      await s3.crash(() => delay(2_000));
      await until(() => world.cases.every(({ closed }) => closed));

      // Deadlines may pass while the bucket is away.
      expect(world.cases.flatMap((one) => differences(one, { punctual: false }))).toEqual([]);
      for (const { applications } of world.cases) expect(applications).toHaveLength(1);
      expect(await readdir(folder)).not.toContain('archive');
    },
    PATIENCE_MS * 2,
  );
});
