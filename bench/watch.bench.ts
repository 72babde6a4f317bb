import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { createMailReceiver } from '../src/activities/receive-mail.js';
import type { Archive } from '../src/archive/archive.js';
import { openDirectoryArchive } from '../src/archive/directory.js';
import { aliasIndex } from '../src/archive/records.js';
import { openImapSession } from '../src/mail/incoming/mailbox/imap-session.js';
import { AT_ONCE, eachOf, FolderSweep } from '../src/mail/incoming/mailbox/sweep-folder.js';
import { archiveIndex } from '../src/mail/judging/correlation/correlation-index.js';
import { createMailJudge } from '../src/mail/judging/judge.js';
import { recordsResolver } from '../src/mail/judging/origin/dns.js';
import { aliasAddress, newAliases } from '../src/mail/outgoing/reply-alias.js';
import { signalOnce } from '../src/temporal/signal-once.js';
import type { ReceivedMail } from '../src/workflows/contract/received-mail.js';
import { type Dovecot, dovecotIsMissing, startDovecot } from '../test/support/dovecot.js';
import { sharedDevServer } from '../test/support/temporal-dev-server.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';
import { startWatching } from '../test/support/watching.js';

/**
 * The time from the delivery of a decision to the signal in its onboarding's history: with the watcher, and, on another
 * mailbox with the same email, with a sweep every minute. Uses a real IMAP server, the real judge with DKIM and DMARC, and
 * real Temporal.
 */
const SECONDS = Number(process.env.BENCH_SECONDS ?? 180);
const HEAP = Number(process.env.BENCH_HEAP ?? 1_000);
const ONBOARDINGS = 50;
const PATTERN = 'ace+{token}@broker.example';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const dns = {
  'bench._domainkey.cbp.example': {
    TXT: [`v=DKIM1; k=rsa; p=${keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`],
  },
  '_dmarc.cbp.example': { TXT: ['v=DMARC1; p=reject'] },
};

test.skipIf(dovecotIsMissing())('time from delivery to the signal', async () => {
  const [watched, polled] = await Promise.all([startDovecot(), startDovecot()]);
  onTestFinished(async () => {
    await Promise.all([watched.stop(), polled.stop()]);
  });
  const judge = createMailJudge({
    trust: { fromDomains: ['cbp.example'], dkimDomains: ['cbp.example'] },
    resolver: recordsResolver(dns),
    index: { byRecipient: (address) => index.byRecipient(address), ...nothingElse },
    ownAddress: 'ace@broker.example',
  });
  onTestFinished(() => judge.close());
  const watching = await startWatching(sharedDevServer().address, watched.settings(), { judge });
  onTestFinished(async () => {
    await watching.stop();
  });
  const index = archiveIndex(watching.archive, { keyOf: (number: string) => number } as never, PATTERN);
  const byWatcher = await people(watching);
  const byPolling = await people(watching);

  const over = new AbortController();
  const polling = poll(polled, watching.archive, over.signal, {
    judge,
    signal: (workflowId, mail) => signalOnce(watching.client.workflow, workflowId, 'mailReceived', mail, mail.mailId),
  });
  // Leave out the first login and the start of the judging thread.
  while (!(await watching.status())?.connected) await delay(50);
  await judge.judge((await decisionFor(pick(byWatcher))).raw, new Date().toISOString(), 'warm');
  const delivered = new Map<string, number>();
  const until = Date.now() + SECONDS * 1_000;
  while (Date.now() < until) {
    await deliver(watched, byWatcher, delivered);
    await deliver(polled, byPolling, delivered);
    await delay(200 + Math.random() * 600);
  }
  const each = delivered.size / 2;
  const figures = {
    watcher: summary(await latencies(byWatcher, delivered, each)),
    'polling every minute': summary(await latencies(byPolling, delivered, each)),
  };
  over.abort();
  await polling;

  console.log(JSON.stringify({ 'milliseconds from delivery to signal': figures }, null, 2));
  expect(figures.watcher.mails).toBe(each);
});

/**
 * How fast a full inbox is processed (each email judged, archived, signaled and moved), compared with sending only the same
 * signals, by the same call and as many at once. They alternate, so that other load on the machine affects both.
 */
test.skipIf(dovecotIsMissing())('a full inbox compared with bare signals', async () => {
  const dovecot = await startDovecot();
  onTestFinished(() => dovecot.stop());
  // A watcher on an empty mailbox, only for its worker and recipients.
  const idle = await startDovecot();
  onTestFinished(() => idle.stop());
  const watching = await startWatching(sharedDevServer().address, idle.settings());
  onTestFinished(async () => {
    await watching.stop();
  });
  const archives = { memory: watching.archive, folder: await openDirectoryArchive(temporaryFolder('bench-archive')) };
  const byPerson = await people(watching, Object.values(archives));
  const figures: Record<string, unknown> = {};
  for (const [where, archive] of Object.entries(archives)) {
    const index = archiveIndex(archive, { keyOf: (number: string) => number } as never, PATTERN);
    const judge = createMailJudge({
      trust: { fromDomains: ['cbp.example'], dkimDomains: ['cbp.example'] },
      resolver: recordsResolver(dns),
      index: { byRecipient: (address) => index.byRecipient(address), ...nothingElse },
      ownAddress: 'ace@broker.example',
    });
    onTestFinished(() => judge.close());
    const told: [workflowId: string, mail: ReceivedMail][] = [];
    const signal = (workflowId: string, mail: ReceivedMail, requestId: string) =>
      signalOnce(watching.client.workflow, workflowId, 'mailReceived', mail, requestId);
    const receiver = createMailReceiver({
      archive,
      judge,
      patience: { unmatchedMs: 0, ownCopyMs: 0 },
      signal: async (workflowId, mail) => {
        told.push([workflowId, mail]);
        return await signal(workflowId, mail, mail.mailId);
      },
    });
    const session = await openImapSession(dovecot.settings(), new AbortController().signal);
    const drain = async (count: number): Promise<number> => {
      const heap = await Promise.all(Array.from({ length: count }, () => decisionFor(pick(byPerson))));
      await Promise.all(heap.map(({ raw }) => dovecot.drop(raw)));
      return await seconds(async () => {
        const options = { mailbox: 'bench', folder: 'INBOX', processed: 'Processed', review: 'Review' };
        expect(await new FolderSweep(receiver).sweep(session, options)).toMatchObject({ signalled: count });
      });
    };
    await drain(50);
    const rounds: { drained: number; bare: number }[] = [];
    for (let round = 0; round < 3; round += 1) {
      told.length = 0;
      const drained = HEAP / (await drain(HEAP));
      const bare =
        HEAP /
        (await seconds(() => eachOf(told, AT_ONCE, async ([id, mail]) => void (await signal(id, mail, randomUUID())))));
      rounds.push({ drained, bare });
    }
    session.close();
    const mean = (of: 'drained' | 'bare') => rounds.reduce((sum, round) => sum + round[of], 0) / rounds.length;
    figures[where] = {
      'emails per second, processed': Math.round(mean('drained')),
      'bare signals per second': Math.round(mean('bare')),
      ratio: Math.round((100 * mean('drained')) / mean('bare')) / 100,
    };
  }
  console.log(
    JSON.stringify({ emails: HEAP, 'at once': AT_ONCE, 'by archive': figures, 'required ratio': 0.5 }, null, 2),
  );
});

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

const nothingElse = {
  byMessageId: async () => undefined,
  byImporterNumber: async () => [],
  nearImporterNumber: async () => [],
  namedIn: async () => [],
  caseOf: async () => undefined,
  wordsOf: async () => [],
};

interface Person {
  handle: WorkflowHandle;
  alias: string;
}

async function people(
  watching: Awaited<ReturnType<typeof startWatching>>,
  archives: Archive[] = [watching.archive],
): Promise<Person[]> {
  return await Promise.all(
    Array.from({ length: ONBOARDINGS }, async () => {
      const handle = await watching.recipient();
      const { cbp } = newAliases();
      const entry = { workflowId: handle.workflowId, reference: handle.workflowId, alias: 'cbp' };
      for (const archive of archives) await archive.createRecord(aliasIndex.key(cbp), entry);
      return { handle, alias: aliasAddress(PATTERN, cbp) };
    }),
  );
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

async function decisionFor({ alias }: Person): Promise<{ raw: Buffer; subject: string }> {
  const subject = `ACE Portal Account ${randomUUID()}`;
  const { message } = await composer.sendMail({
    from: 'ACE Applications <ace.applications@cbp.example>',
    to: alias,
    subject,
    text: `Good afternoon,\n\nYour application for an ACE Portal account has been approved.\n\n${'Please keep this message. '.repeat(40)}\n`,
  });
  return { raw: message as Buffer, subject };
}

async function deliver(dovecot: Dovecot, to: Person[], delivered: Map<string, number>): Promise<void> {
  const { raw, subject } = await decisionFor(pick(to));
  await dovecot.deliver(raw);
  delivered.set(subject, Date.now());
}

function pick(from: Person[]): Person {
  const one = from[Math.floor(Math.random() * from.length)];
  if (!one) throw new Error('The list is empty.');
  return one;
}

/** Polls: logs in, looks and logs out, every minute. */
async function poll(
  dovecot: Dovecot,
  archive: Archive,
  signal: AbortSignal,
  how: Pick<Parameters<typeof createMailReceiver>[0], 'judge' | 'signal'>,
): Promise<void> {
  const sweep = new FolderSweep(createMailReceiver({ archive, patience: { unmatchedMs: 0, ownCopyMs: 0 }, ...how }));
  while (!signal.aborted) {
    const session = await openImapSession(dovecot.settings(), signal);
    await sweep.sweep(session, { mailbox: 'polled', folder: 'INBOX', processed: 'Processed', review: 'Review' });
    session.close();
    await delay(60_000, undefined, { signal }).catch(() => {});
  }
}

/** Every signaled email, with the time at which the server got the signal. */
async function signalsOf(people: Person[]): Promise<{ subject: string; at: number }[]> {
  const histories = await Promise.all(people.map(({ handle }) => handle.fetchHistory()));
  return histories.flatMap(({ events }) =>
    (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal, eventTime }) => {
      const payload = signal?.input?.payloads?.[0]?.data;
      if (!payload) return [];
      const { subject } = JSON.parse(Buffer.from(payload).toString('utf8')) as { subject: string };
      return [{ subject, at: Number(eventTime?.seconds) * 1_000 + Math.round((eventTime?.nanos ?? 0) / 1e6) }];
    }),
  );
}

async function latencies(people: Person[], delivered: Map<string, number>, expected: number): Promise<number[]> {
  for (;;) {
    const signals = await signalsOf(people);
    if (signals.length >= expected)
      return signals.map(({ subject, at }) => at - (delivered.get(subject) ?? Number.NaN));
    await delay(500);
  }
}

function summary(latencies: number[]) {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { mails: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1) };
}
