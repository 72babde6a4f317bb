import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { CHECKOUT } from './checkout.js';
import { expectEveryDocumentOwned } from './document-owners.js';
import type { Dovecot } from './dovecot.js';
import { recipientBundle } from './recipient-bundle.js';
import { mailsTold, recipient } from './recipient-workflow.js';

export interface Chaos {
  address: string;
  dovecot: Dovecot;
  mails: number;
  recipients: number;
  /** Sends a message to the mail server. */
  deliver: (raw: string) => Promise<void>;
  /** How many messages are delivered at once. */
  deliverAtOnce: number;
  /** The chance of dying, for each email, before and after its record is written. */
  deathRate: number;
  /** How many times Dovecot is killed and restarted with a new UIDVALIDITY during the delivery. */
  restarts: number;
  atMostMs: number;
}

export interface ChaosReport {
  /** Emails that had no effect. */
  missing: number;
  /** Effects beyond the first one of an email. */
  repeated: number;
  deaths: number;
  restarts: number;
  processed: number;
  leftInInbox: number;
  seconds: number;
}

/**
 * Delivers email while watchers are killed between signal and move, and the mail server is killed and renumbered. Then
 * counts the signals of the recipients. Recipients do not remove duplicates, so they show everything that reached them.
 * Every document that is left in the archive has an owner.
 */
export async function runChaos(chaos: Chaos): Promise<ChaosReport> {
  const { address, dovecot } = chaos;
  const begun = Date.now();
  const archiveDir = await mkdtemp(path.join(tmpdir(), 'ace-archive-'));
  const [native, connection] = await Promise.all([
    NativeConnection.connect({ address }),
    Connection.connect({ address }),
  ]);
  const { workflow } = new Client({ connection });
  const taskQueue = `chaos-${randomUUID()}`;
  const worker = await Worker.create({ connection: native, taskQueue, workflowBundle: await recipientBundle() });
  const running = worker.run();
  const handles = await Promise.all(
    Array.from({ length: chaos.recipients }, () => workflow.start(recipient, { workflowId: randomUUID(), taskQueue })),
  );
  const watcher = keepWatching({ address, archiveDir, imap: dovecot.settings(), deathRate: chaos.deathRate });

  const progress = { delivered: 0, restarts: 0, busyUntil: Promise.resolve() };
  const storm = restartNowAndThen(chaos, progress);
  try {
    const ids = handles.map(({ workflowId }) => workflowId);
    await Promise.all([deliverAll(chaos, ids, progress), storm.finished]);
    watcher.spare();
    const deadline = Date.now() + chaos.atMostMs;
    const told = async () =>
      (
        await Promise.all(handles.map(async (handle) => (await handle.query(mailsTold)).map(({ mailId }) => mailId)))
      ).flat();
    while ((await dovecot.count('INBOX')) > 0 || new Set(await told()).size < chaos.mails) {
      if (Date.now() > deadline) break;
      await delay(200);
    }
    const all = await told();
    await expectEveryDocumentOwned(archiveDir);
    return {
      missing: chaos.mails - new Set(all).size,
      repeated: all.length - new Set(all).size,
      deaths: watcher.deaths(),
      restarts: progress.restarts,
      processed: await dovecot.count('Processed'),
      leftInInbox: await dovecot.count('INBOX'),
      seconds: (Date.now() - begun) / 1000,
    };
  } finally {
    await storm.end();
    await watcher.end();
    for (const handle of handles) await handle.terminate().catch(() => undefined);
    worker.shutdown();
    await running;
    await native.close();
    await connection.close();
    await rm(archiveDir, { recursive: true, force: true });
  }
}

interface Progress {
  /** Messages that the mail server accepted. */
  delivered: number;
  /** Restarts of the mail server so far. */
  restarts: number;
  /** Deliveries wait for this. */
  busyUntil: Promise<void>;
}

const AHEAD = 30;

/** How many messages are delivered before the next restart. */
function shareOf({ mails, restarts }: Chaos, { restarts: done }: Progress): number {
  return done < restarts ? ((done + 1) * mails) / (restarts + 1) : mails;
}

async function deliverAll(chaos: Chaos, ids: string[], progress: Progress): Promise<void> {
  const numbers = Array.from({ length: chaos.mails }, (_, number) => number).values();
  const deliverer = async () => {
    for (const number of numbers) {
      // Not too far ahead, so that deaths and restarts happen in the middle of the work.
      while (number >= shareOf(chaos, progress) || number - (await chaos.dovecot.count('Processed')) > AHEAD)
        await delay(50);
      await progress.busyUntil;
      const to = ids[number % ids.length];
      await chaos.deliver(
        `From: desk@cbp.example\r\nTo: ace@broker.example\r\nSubject: mail ${number}\r\nMessage-ID: <${number}@cbp.example>\r\nX-For: ${to}\r\n\r\nDecision ${number}.\r\n`,
      );
      progress.delivered += 1;
    }
  };
  await Promise.all(Array.from({ length: chaos.deliverAtOnce }, deliverer));
}

/** Starts a watcher whenever the last one died. */
function keepWatching(told: { deathRate: number } & Record<string, unknown>) {
  let ended = false;
  let deaths = 0;
  let { deathRate } = told;
  let child: ChildProcess | undefined;
  const loop = (async () => {
    while (!ended) {
      const script = path.join(CHECKOUT, 'test/support/watcher-process.mjs');
      child = spawn(process.execPath, [script, JSON.stringify({ ...told, deathRate })], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      if (ended) return;
      deaths += 1;
      if (signal !== 'SIGKILL') throw new Error('A watcher stopped unexpectedly. See its output above.');
    }
  })();
  loop.catch(() => undefined);
  return {
    deaths: () => deaths,
    /** From now on, watchers are not killed. */
    spare: () => {
      deathRate = 0;
    },
    end: async () => {
      ended = true;
      child?.kill('SIGKILL');
      await loop;
    },
  };
}

function restartNowAndThen(chaos: Chaos, progress: Progress) {
  const { dovecot } = chaos;
  let over = false;
  const loop = (async () => {
    while (progress.restarts < chaos.restarts) {
      const share = shareOf(chaos, progress);
      while (!over && (await dovecot.count('Processed')) < share * 0.8) await delay(100);
      if (over) return;
      // Deliveries wait in the meantime: this tests the watcher, not the delivery agent.
      let free = () => {};
      progress.busyUntil = new Promise<void>((resolve) => {
        free = resolve;
      });
      // What the mail server accepted must be in the mailbox, because its next try would take minutes.
      const settled = Date.now() + 10_000;
      const arrived = async () => (await dovecot.count('INBOX')) + (await dovecot.count('Processed'));
      while ((await arrived()) < progress.delivered && Date.now() < settled) await delay(20);
      await dovecot.kill();
      await dovecot.changeUidValidity('INBOX');
      await dovecot.start();
      progress.restarts += 1;
      free();
    }
  })();
  return {
    finished: loop,
    end: async () => {
      over = true;
      await loop;
    },
  };
}
