import { type ChildProcess, fork } from 'node:child_process';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { workflowIdOf } from '../src/application/reference.js';
import { makeArchive } from '../src/archive/open-archive.js';
import { cases, read } from '../src/archive/records.js';
import { newKey, readKeys } from '../src/encryption/keyring.js';
import { aliasAddress } from '../src/mail/outgoing/reply-alias.js';
import { dataConverter } from '../src/temporal/data-converter/data-converter.js';
import { CHECKOUT } from '../test/support/checkout.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../test/support/dovecot.js';
import { startDevServer } from '../test/support/temporal-dev-server.js';
import { POLICY } from '../test/support/usual-policy.js';
import { sampleApplication } from '../test/temporal/onboarding/sample-application.js';

/**
 * What waiting costs: the memory of one worker with thousands of parked onboardings, and the time from a decision's
 * arrival in the mailbox to the workflow's next activity. The worker is a separate process with a limited heap, and uses
 * real workflows, encryption, archive and Temporal with a database file. The decisions go through real IMAP, judge and
 * watcher.
 */
const PARKED = Number(process.env.BENCH_PARKED ?? 5_000);
/** How many workflows stay in memory between tasks, as in src/worker.ts. */
const CACHED = Number(process.env.BENCH_CACHED ?? 500);
const HEAP_MEGABYTES = Number(process.env.BENCH_HEAP_MEGABYTES ?? 1_024);
const WAITING = Number(process.env.BENCH_WAITING ?? 1_000);
const DECISIONS = Number(process.env.BENCH_DECISIONS ?? 300);
const SECONDS_BETWEEN = 0.5;
const PATTERN = 'ace+{token}@broker.example';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dns = {
  'bench._domainkey.cbp.example': {
    TXT: [`v=DKIM1; k=rsa; p=${keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`],
  },
  '_dmarc.cbp.example': { TXT: ['v=DMARC1; p=reject'] },
};

test(`${PARKED} parked onboardings on one worker`, async () => {
  const world = await openWorld();
  const idle = await world.memory();
  const began = Date.now();
  await world.park(PARKED);
  const seconds = (Date.now() - began) / 1_000;
  const parked = await world.memory();
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  console.log(
    JSON.stringify({
      'onboardings parked': PARKED,
      'workflows cached': CACHED,
      'heap limit, MB': HEAP_MEGABYTES,
      'worker, resident MB': {
        idle: megabytes(idle.rss),
        parked: megabytes(parked.rss),
        peak: megabytes(parked.peak),
      },
      'parked per second': Number((PARKED / seconds).toFixed(1)),
      'machine load': loadavg().map((load) => load.toFixed(1)),
    }),
  );
  expect(world.alive()).toBe(true);
});

test.skipIf(dovecotIsMissing())(`from a decision in the mailbox to the next activity, ${WAITING} parked`, async () => {
  const dovecot = await startDovecot();
  onTestFinished(() => dovecot.stop());
  const world = await openWorld(dovecot);
  const workflowIds = await world.park(WAITING);

  const delivered = new Map<string, number>();
  const chosen = workflowIds.sort(() => Math.random() - 0.5).slice(0, DECISIONS);
  for (const workflowId of chosen) {
    const mail = await decisionFor(await world.aliasOf(workflowId));
    delivered.set(workflowId, Date.now());
    await dovecot.deliver(mail);
    await delay(Math.random() * 2 * SECONDS_BETWEEN * 1_000);
  }
  while (chosen.some((workflowId) => !world.instructed.has(workflowId))) await delay(200);

  const took = chosen
    .map((workflowId) => (world.instructed.get(workflowId) ?? Number.NaN) - (delivered.get(workflowId) ?? Number.NaN))
    .sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  console.log(
    JSON.stringify({
      'milliseconds from delivery to the next activity': {
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        max: took.at(-1),
      },
      decisions: took.length,
      parked: WAITING,
      'workflows cached': CACHED,
      'machine load': loadavg().map((load) => load.toFixed(1)),
    }),
  );
});

interface Memory {
  rss: number;
  peak: number;
}

async function openWorld(dovecot?: Dovecot) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ace-parked-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const server = await startDevServer({ db: path.join(folder, 'temporal.db') });
  onTestFinished(() => server.stop());
  const encryptionKey = newKey();
  const keyring = readKeys(encryptionKey);
  if ('problems' in keyring) throw new Error(keyring.problems.join());
  const archiveDir = path.join(folder, 'archive');
  const importerKeyFile = path.join(folder, 'importer-key');
  const { archive, encryption } = await makeArchive({ archiveDir, importerKeyFile, encryptionKeys: keyring });
  const connection = await Connection.connect({ address: server.address });
  onTestFinished(() => connection.close());
  const { workflow: client } = new Client({ connection, dataConverter: dataConverter(encryption) });
  const taskQueue = 'parked';
  const { credentials: _, ...imap } = dovecot?.settings() ?? { credentials: undefined };

  const told = {
    address: server.address,
    taskQueue,
    archiveDir,
    importerKeyFile,
    encryptionKey,
    maxCachedWorkflows: CACHED,
    from: 'ace@broker.example',
    replyAlias: PATTERN,
    dns,
    policy: POLICY,
    ...(dovecot ? { imap, imapPassword: 'secret' } : {}),
  };
  const worker: ChildProcess = fork(`${CHECKOUT}bench/parked/worker.mjs`, [JSON.stringify(told)], {
    execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
  });
  onTestFinished(async () => {
    if (worker.exitCode !== null || worker.signalCode !== null) return;
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  });
  const instructed = new Map<string, number>();
  worker.on('message', (said: { began?: string; workflowId?: string; at?: number }) => {
    if (said.began === 'grant-instructions' && said.workflowId && said.at) instructed.set(said.workflowId, said.at);
  });
  await once(worker, 'message');

  return {
    instructed,
    alive: () => worker.exitCode === null && worker.signalCode === null,

    async memory(): Promise<Memory> {
      worker.send('memory');
      for (;;) {
        const [said] = (await once(worker, 'message')) as [Partial<Memory>];
        if (said.rss && said.peak) return { rss: said.rss, peak: said.peak };
      }
    },

    /** Starts that many, and resolves once CBP has all their applications. */
    async park(count: number): Promise<string[]> {
      const workflowIds: string[] = [];
      const todo = Array.from({ length: count }).keys();
      const start = async () => {
        for (const index of todo) {
          const application = sampleApplication({
            reference: `parked-no-${index}`,
            importerNumber: `07-${String(1_000_000 + index)}00`,
          });
          const workflowId = workflowIdOf(application.reference);
          await client.start('onboardImporter', { workflowId, taskQueue, args: [application, 1] });
          workflowIds.push(workflowId);
        }
      };
      await Promise.all(Array.from({ length: 30 }, start));
      const parked = async () => (await client.count('OnboardingStage = "awaiting-acknowledgement"')).count;
      // A server this busy does not always answer.
      while ((await parked().catch(() => 0)) < count) {
        if (worker.exitCode !== null) throw new Error(`The worker ended with ${worker.exitCode}.`);
        await delay(500);
      }
      return workflowIds;
    },

    async aliasOf(workflowId: string): Promise<string> {
      const found = await read(archive, cases, workflowId);
      if (!found) throw new Error(`${workflowId} was not started.`);
      return aliasAddress(PATTERN, found.aliases.cbp);
    },
  };
}

const composer = createTransport({
  streamTransport: true,
  buffer: true,
  newline: 'windows',
  dkim: {
    domainName: 'cbp.example',
    keySelector: 'bench',
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  },
});

async function decisionFor(alias: string): Promise<Buffer> {
  const { message } = await composer.sendMail({
    from: 'ACE Applications <ace.applications@cbp.example>',
    to: alias,
    subject: `ACE Portal Account ${randomUUID()}`,
    text: 'Good afternoon,\n\nYour application for an ACE Portal account has been approved.\n',
  });
  return message as Buffer;
}
