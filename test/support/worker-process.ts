import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { CHECKOUT } from './checkout.js';
import { sharedDevServer } from './temporal-dev-server.js';

/** Settings of a worker on its own task queue. No email goes out or comes in, because nothing listens on port 9. */
export function workerSettings(
  folder: string,
  settings: { TASK_QUEUE: string } & Record<string, string>,
): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: sharedDevServer().address,
    ARCHIVE_DIR: path.join(folder, 'archive'),
    IMPORTER_KEY_FILE: path.join(folder, 'importer-key'),
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: '9',
    SMTP_SECURITY: 'none',
    IMAP_HOST: '127.0.0.1',
    IMAP_PORT: '9',
    IMAP_SECURITY: 'none',
    IMAP_USER: 'ace@broker.example',
    IMAP_PASSWORD: 'unused',
    BROKER_PHONE: '+1 555 0100',
    BROKER_ACE_EMAIL: 'cross-account@broker.example',
    MAIL_FROM: 'ace@broker.example',
    MAIL_REPLY_ALIAS: 'ace+{token}@broker.example',
    OPERATIONS_ADDRESS: 'operations@broker.example',
    MANAGER_ADDRESS: 'manager@broker.example',
    ...settings,
  };
}

interface WorkerOptions {
  program?: string;
  cwd?: string;
  /** File descriptors that get its output instead. */
  stdout?: number;
  stderr?: number;
}

/** The built worker, or another program in its place, with all its output. */
export function startWorker(
  settings: Record<string, string>,
  { program = path.join(CHECKOUT, 'dist/src/worker.js'), cwd = CHECKOUT, stdout, stderr }: WorkerOptions = {},
): { process: ChildProcess; log: () => string } {
  const worker = spawn(process.execPath, [program], {
    cwd,
    stdio: ['ignore', stdout ?? 'pipe', stderr ?? 'pipe'],
    env: { PATH: process.env.PATH, ...settings },
  });
  let log = '';
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (chunk) => (log += chunk));
  return { process: worker, log: () => log };
}
