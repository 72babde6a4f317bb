// An S3-compatible server over a folder, on loopback, for archives in a bucket without a cloud.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startProcess } from './background-process.mjs';
import { clusterPort } from './cluster-port.mjs';
import { goProgram } from './go-program.mjs';
import { portOpen } from './postgres.mjs';

export const S3_SERVER_VERSION = '1.8.0';

/** @param {string} cacheDir */
export function s3Program(cacheDir) {
  const folder = path.join(cacheDir, `versitygw-${S3_SERVER_VERSION}`);
  return goProgram({ folder, module: `github.com/versity/versitygw/cmd/versitygw@v${S3_SERVER_VERSION}` });
}

/**
 * Buckets are the folders in `folder/buckets`, objects the files in them.
 *
 * @param {object} options
 * @param {string} options.program
 * @param {string} options.folder
 * @param {string} options.bucket created if missing
 * @param {{ accessKeyId: string, secretAccessKey: string }} options.credentials
 * @param {number} [options.port] default a free one
 */
export async function startS3Server({ program, folder, bucket, credentials, port: wanted }) {
  const port = wanted ?? (await clusterPort());
  const [buckets, metadata] = [path.join(folder, 'buckets'), path.join(folder, 'metadata')];
  mkdirSync(path.join(buckets, bucket), { recursive: true });
  mkdirSync(metadata, { recursive: true });
  const started = await startProcess({
    name: 'The S3 server',
    command: program,
    // Metadata in separate files, because not every file system has extended attributes.
    args: ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', metadata, buckets],
    env: {
      PATH: process.env.PATH,
      ROOT_ACCESS_KEY: credentials.accessKeyId,
      ROOT_SECRET_KEY: credentials.secretAccessKey,
    },
    logFile: path.join(folder, 'logs/s3-server.log'),
    ready: () => portOpen(port),
  });
  return { ...started, port, endpoint: `http://127.0.0.1:${port}`, buckets };
}
