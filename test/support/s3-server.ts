import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BucketSettings } from '../../src/config/config.js';
import { CHECKOUT } from './checkout.js';
import { S3_SERVER_VERSION, s3Program, startS3Server } from './cluster/s3-server.mjs';

const BUCKET = 'onboardings';
const CACHE_DIR = path.join(CHECKOUT, '.cache');

export interface S3Server {
  port: number;
  /** A separate location for each call. */
  place(changes?: Partial<BucketSettings>): BucketSettings;
  /** The folder that has the objects of a location as files. */
  folderOf(place: BucketSettings): string;
  /** Kills it, runs the callback, and restarts it with everything that it had acknowledged. */
  crash(meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Whether this machine can run an S3 server. Prints a message if its tests will be skipped. */
export function s3IsPossible(): boolean {
  const built = existsSync(path.join(CACHE_DIR, `versitygw-${S3_SERVER_VERSION}`));
  const possible = built || spawnSync('go', ['version']).status === 0;
  if (!possible) process.stderr.write('!!! SKIPPED: the archive in an S3 bucket, whose server needs Go.\n');
  return possible;
}

/** A real S3 server over files. Building it takes minutes if `npm test` has not done it yet. */
export async function openS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-s3-'));
  const credentials = { accessKeyId: 'the-worker', secretAccessKey: 'a secret of the worker' };
  const options = { program: s3Program(CACHE_DIR), folder, bucket: BUCKET, credentials };
  let server = await startS3Server(options);
  let places = 0;
  return {
    port: server.port,
    place(changes = {}) {
      places += 1;
      const { endpoint } = server;
      return {
        bucket: BUCKET,
        prefix: `place-${places}/`,
        region: 'us-east-1',
        pathStyle: true,
        endpoint,
        credentials,
        ...changes,
      };
    },
    folderOf: ({ bucket, prefix }) => path.join(server.buckets, bucket, prefix),
    async crash(meanwhile) {
      await server.kill();
      await meanwhile();
      server = await startS3Server({ ...options, port: server.port });
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
