// @ts-nocheck: it runs compiled code, whose types are already checked.
import { readFileSync } from 'node:fs';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createDeadlineActivities } from '../../dist/src/activities/deadlines.js';
import { createApplicationActivities } from '../../dist/src/activities/prepare-application.js';
import { createWatcherActivities } from '../../dist/src/activities/watch-mailbox.js';
import { makeArchive } from '../../dist/src/archive/open-archive.js';
import { deadlinesOf } from '../../dist/src/calendar/schedule.js';
import { readKeys } from '../../dist/src/encryption/keyring.js';
import { archiveIndex } from '../../dist/src/mail/judging/correlation/correlation-index.js';
import { createMailJudge } from '../../dist/src/mail/judging/judge.js';
import { recordsResolver } from '../../dist/src/mail/judging/origin/dns.js';
import { installLogger } from '../../dist/src/process/logger.js';
import { connectClient } from '../../dist/src/temporal/connect.js';
import { dataConverter } from '../../dist/src/temporal/data-converter/data-converter.js';
import { ensureWatcher } from '../../dist/src/temporal/ensure-watcher.js';
import { workflowBundle } from '../../dist/src/temporal/workflow-bundle.js';
import { createFormWorker } from '../../dist/src/worker/form-worker.js';
import { mailQueueOf } from '../../dist/src/workflows/contract/mail-activities.js';

/**
 * Our worker with its workflows, encryption, archive and watcher, but with forms and outgoing email that cost nothing. It
 * runs as a separate process, so that its memory can be measured. The first argument is its task as JSON. It reports when
 * the activity of a notice begins.
 */
const told = JSON.parse(process.argv[2]);
const { policy } = told;
process.env.TEMPORAL_ADDRESS = told.address;
installLogger('error');
const { archive, encryption, importerKeys } = await makeArchive({
  archiveDir: told.archiveDir,
  importerKeyFile: told.importerKeyFile,
  encryptionKeys: readKeys(told.encryptionKey),
});
const { client } = await connectClient(encryption, { claim: true });
const connection = await NativeConnection.connect({ address: told.address });
const form = { pdf: Buffer.alloc(40_000, 'form'), sha256: 'c'.repeat(64), pages: 6, edition: 'bench' };

const watching = told.imap && {
  config: { imap: told.imap, policy, mail: { from: told.from } },
  mailboxes: new Map([['main', { ...told.imap, credentials: async () => ({ password: told.imapPassword }) }]]),
  archive,
  judge: createMailJudge({
    trust: { fromDomains: ['cbp.example'], dkimDomains: ['cbp.example'] },
    resolver: recordsResolver(told.dns),
    index: archiveIndex(archive, importerKeys, told.replyAlias),
    ownAddress: told.from,
  }),
  client: client.workflow,
};
const application = createApplicationActivities({
  archive,
  importerKeys,
  filler: { fingerprint: 'bench', fill: async () => ({ kind: 'filled', ...form, picture: Buffer.from('picture') }) },
  companyInSearchAttributes: true,
  brokerDomains: [],
  policy,
});
const activities = {
  ...createDeadlineActivities({ policy }),
  ...application,
  ...(watching ? createWatcherActivities(watching) : {}),
};
const mail = {
  async sendApplication({ workflowId }) {
    const now = new Date();
    return {
      kind: 'accepted',
      messageId: `${workflowId}@broker.example`,
      at: now.toISOString(),
      deadlines: deadlinesOf({ wait: 'decision', at: now.toISOString() }, policy),
    };
  },
  async sendNotice({ workflowId, template, starts }) {
    process.send({ began: template, workflowId, at: Date.now() });
    const at = new Date().toISOString();
    return {
      result: { kind: 'accepted', messageId: 'x', at },
      ...(starts ? { deadlines: deadlinesOf({ ...starts, at }, policy) } : {}),
      brokerAceEmail: 'ace@broker.example',
    };
  },
};
const shared = { connection, dataConverter: dataConverter(encryption) };
const workers = await Promise.all([
  Worker.create({
    ...shared,
    taskQueue: told.taskQueue,
    workflowBundle: await workflowBundle(),
    activities,
    maxCachedWorkflows: told.maxCachedWorkflows,
  }),
  createFormWorker(shared, told.taskQueue, application),
  Worker.create({ ...shared, taskQueue: mailQueueOf(told.taskQueue), activities: mail }),
]);
if (watching) await ensureWatcher(client.workflow, told.taskQueue, 'main');

process.on('message', () => {
  const [, peakKilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  process.send({ rss: process.memoryUsage().rss, peak: Number(peakKilobytes) * 1024 });
});
process.send({ ready: true });
await Promise.all(workers.map((worker) => worker.run()));
process.exit();
