import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import type { WorkflowClient } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Archive } from '../archive/archive.js';
import { aliasGuesses, type MailboxStatus, mailboxStatus, read, sendDelays, sendStops } from '../archive/records.js';
import type { Config } from '../config/config.js';
import {
  type AliasTester,
  type AliasTestState,
  aliasTestFailure,
  aliasTestIsDue,
  lastAliasTest,
} from '../mail/alias-test/alias-test.js';
import { failureFor, type ImapFailure } from '../mail/incoming/mailbox/imap-backoff.js';
import {
  IMAP_PATIENCE,
  type ImapPatience,
  type ImapSession,
  type ImapSettings,
  openImapSession,
} from '../mail/incoming/mailbox/imap-session.js';
import { alertsOf } from '../mail/incoming/mailbox/mailbox-alerts.js';
import { FolderSweep, type SweepReport } from '../mail/incoming/mailbox/sweep-folder.js';
import type { MailJudge } from '../mail/judging/judgement.js';
import type { LetterStore } from '../mail/judging/letters/letter-store.js';
import { caseFacts } from '../mail/judging/text/case-facts.js';
import { createTokenProvider, secretOf, type TokenProvider } from '../mail/outgoing/token-provider.js';
import { signalOnce } from '../temporal/signal-once.js';
import type {
  AwaitSweepInput,
  SweepAwaited,
  WatcherActivities,
  WatchInput,
} from '../workflows/contract/mailbox-activities.js';
import type { MailboxAlert } from '../workflows/contract/mailbox-alerts.js';
import { watcherIdOf } from '../workflows/contract/watcher.js';
import { withAliasTests } from './receive-alias-test.js';
import { createMailReceiver, RECEIVER_PATIENCE, type ReceiverPatience } from './receive-mail.js';
import { retryWaitingLetters } from './retry-letters.js';

export const MAIN_MAILBOX = 'main';

/** Thrown by `watch` for a mailbox this worker has no settings for. */
export const MAILBOX_NOT_CONFIGURED = 'MAILBOX_NOT_CONFIGURED';
/** Thrown by `watch` when it stands still, so that it is begun anew, here or by another worker. */
export const WATCHER_STUCK = 'WATCHER_STUCK';
/** Thrown when the worker shuts down: another worker takes over at once. */
export const WATCHER_STOPPED = 'WATCHER_STOPPED';

export interface WatcherDependencies {
  /** The letters that people taught; without them nothing is tried again. */
  letters?: Pick<LetterStore, 'book'>;
  config: Pick<Config, 'imap' | 'furtherMailboxes' | 'smtp' | 'oauth' | 'policy' | 'mail' | 'trust'>;
  archive: Archive;
  judge: MailJudge;
  client: WorkflowClient;
  /** Settings by name; default: as configured. */
  mailboxes?: ReadonlyMap<string, ImapSettings>;
  patience?: Partial<WatcherPatience>;
  /**
   * Aborts as soon as the worker is told to stop. Without it the watcher hears of that only when the grace for activities
   * that end by themselves is over, which a watcher never does.
   */
  stopping?: AbortSignal;
  /** Who logs in to the first mailbox and how; default: as configured, apart from what sends. */
  logins?: TokenProvider;
  /** Given, reply addresses are tested once a day: that they lead into the first mailbox, or another that is watched. */
  aliasTester?: AliasTester;
}

export interface WatcherPatience {
  imap: ImapPatience;
  receiver: ReceiverPatience;
  /** Heartbeats go out this often, milliseconds. */
  heartbeatMs: number;
  /** The junk folder is read this often, milliseconds. */
  junkMs: number;
  /** A mailbox without a connection for so long is a trouble, milliseconds. */
  unreadMs: number;
  /** A watcher that takes no step for this long is given up. Longer than any deadline within a step. */
  stuckMs: number;
}

export function createWatcherActivities(dependencies: WatcherDependencies): WatcherActivities {
  const { archive, client, config } = dependencies;
  const mailboxes = dependencies.mailboxes ?? mailboxSettings(config, dependencies.logins);
  const patience: WatcherPatience = {
    imap: IMAP_PATIENCE,
    receiver: {
      ...RECEIVER_PATIENCE,
      ownCopyMs: Math.min(RECEIVER_PATIENCE.ownCopyMs, (config.policy.sendReconcileSeconds * 1000) / 3),
    },
    heartbeatMs: 2_000,
    stuckMs: 5 * 60_000,
    junkMs: 5 * 60_000,
    unreadMs: 5 * 60_000,
    ...dependencies.patience,
  };
  const receiver = withAliasTests(
    createMailReceiver({
      ...dependencies,
      trust: config.trust,
      patience: patience.receiver,
      signal: (workflowId, mail) => signalOnce(client, workflowId, 'mailReceived', mail, mail.mailId),
    }),
    { archive, ownAddress: () => config.mail.from },
  );
  const [firstMailbox] = mailboxes.keys();
  /** The letters that mail which waits was last compared with, and when it is to be compared once more. */
  let compared: { version: string; again?: number } | undefined;
  /** Kept beyond one activity: what waits, or could not be moved, need not be fetched again each hour. */
  const sweeps = new Map<string, FolderSweep>();
  /** Sessions of this process by mailbox, so that those who wait for a sweep can wake them. */
  const open = new Map<string, ImapSession>();

  async function watch({ mailbox, forSeconds, troubles = [] }: WatchInput): Promise<void> {
    const settings = mailboxes.get(mailbox);
    if (!settings)
      throw ApplicationFailure.create({
        type: MAILBOX_NOT_CONFIGURED,
        message: `This worker has no settings for the mailbox "${mailbox}". Configure it, or terminate the workflow mailbox-${mailbox}.`,
      });
    const watchdog = startWatchdog(Context.current(), patience, dependencies.stopping);
    const testing = new AbortController();
    const watching: Watching = {
      mailbox,
      aliasTests: { signal: testing.signal, underWay: false },
      settings,
      until: Date.now() + forSeconds * 1000,
      signal: watchdog.signal,
      progress: watchdog.progress,
      status: await statusOf(mailbox),
      junkDueAt: 0,
      junkUnread: troubles.includes('mailbox-junk-unread'),
      shownAlerts: troubles.join(),
    };
    try {
      await Promise.race([watchUntilDone(watching), rejectionOf(watchdog.signal)]);
    } finally {
      watchdog.stop();
      open.get(mailbox)?.close();
      open.delete(mailbox);
      testing.abort();
    }
  }

  /** Beside the sweeps, which do not wait for a mail server. What it comes to is seen by later reports. */
  async function testAliases(watching: Watching): Promise<void> {
    const { aliasTester } = dependencies;
    const { mailbox, aliasTests } = watching;
    if (!aliasTester || mailbox !== firstMailbox || aliasTests.underWay) return;
    if (!aliasTestIsDue(await lastAliasTest(archive, mailbox), new Date())) return;
    aliasTests.underWay = true;
    void aliasTester
      .send(mailbox, aliasTests.signal)
      .then(
        () => undefined,
        (error: unknown) => log.warn('Reply addresses could not be tested', { mailbox, error }),
      )
      .finally(() => {
        aliasTests.underWay = false;
      });
  }

  /**
   * What was taught is tried at once on all mail that waits, and once more a minute later: a mail that was being judged by
   * the letters of before may not have been on record yet. A mail that cannot be compared is no trouble of the mailbox:
   * all of them are tried again a minute later.
   */
  async function retryLetters(watching: Watching): Promise<void> {
    const { letters } = dependencies;
    if (!letters) return;
    const { version } = await letters.book();
    const isDue = compared?.version !== version || (compared.again !== undefined && Date.now() >= compared.again);
    if (!isDue) return;
    const isNew = compared?.version !== version;
    const again = Date.now() + LETTERS_AGAIN_MS;
    compared = { version, ...(isNew ? { again } : {}) };
    const done = await retryWaitingLetters({
      archive,
      store: letters,
      signal: (workflowId, mail, requestId) => signalOnce(client, workflowId, 'mailReceived', mail, requestId),
      factsOf: (workflowId) => caseFacts(archive, { workflowId }),
      now: () => new Date(),
      progress: () => {
        watching.signal.throwIfAborted();
        watching.progress();
      },
    }).catch((error: unknown) => {
      compared = { version, again: Date.now() + LETTERS_AGAIN_MS };
      watching.signal.throwIfAborted();
      log.warn('Not all mail that waits could be compared with the letters', { mailbox: watching.mailbox, error });
    });
    if (done && done.known.length > 0) log.info('Mail that waited is a known letter now', { mails: done.known.length });
  }

  async function watchUntilDone(watching: Watching): Promise<void> {
    let failures = 0;
    while (Date.now() < watching.until) {
      watching.signal.throwIfAborted();
      try {
        await attend(watching, () => {
          failures = 0;
        });
      } catch (error) {
        watching.signal.throwIfAborted();
        failures += 1;
        const failure = failureFor(error, failures);
        log.warn('The mailbox could not be read', { mailbox: watching.mailbox, kind: failure.kind, failures });
        await report(watching, { connected: false }, failure);
        await waitOut(failure.waitMs, watching);
      }
    }
  }

  /** One connection, from login until it is lost or the time is over. */
  async function attend(watching: Watching, worked: () => void): Promise<void> {
    const { mailbox, settings, signal } = watching;
    const session: ImapSession & { junk: string | undefined } = await openImapSession(settings, signal, patience.imap);
    open.set(mailbox, session);
    try {
      while (Date.now() < watching.until) {
        const begun = new Date();
        // Before the inbox, which must be open when we wait for mail.
        if (session.junk && Date.now() >= watching.junkDueAt) await sweepJunk(session.junk, session, watching);
        const found = await sweepFolder(settings.inbox, session, watching);
        worked();
        await report(watching, afterSweep(watching.status, found, begun));
        await testAliases(watching);
        await retryLetters(watching);
        const quiet = begun.getTime() + settings.sweepSeconds * 1000 - Date.now();
        const due = (found.nextLookAt ?? Number.POSITIVE_INFINITY) - Date.now();
        await rest(session, Math.max(0, Math.min(quiet, due, watching.until - Date.now())), watching);
        signal.throwIfAborted();
        if (session.ended) throw session.ended;
      }
    } finally {
      session.close();
      open.delete(mailbox);
    }
  }

  async function sweepFolder(
    folder: string,
    session: ImapSession,
    watching: Watching,
    how: { suspected?: true } = {},
  ): Promise<SweepReport> {
    const { mailbox, settings, progress, signal } = watching;
    const name = `${mailbox}/${folder}`;
    const sweep = sweeps.get(name) ?? new FolderSweep(receiver);
    sweeps.set(name, sweep);
    const { processed, review } = settings;
    return await sweep.sweep(session, { mailbox, folder, processed, review, progress, signal, ...how });
  }

  /** Due again later whatever becomes of it: what is wrong with suspected mail must not hold up the inbox. */
  async function sweepJunk(folder: string, session: ImapSession, watching: Watching): Promise<void> {
    watching.junkDueAt = Date.now() + patience.junkMs;
    watching.junkUnread = await session.open(folder).then(
      () => false,
      (error: unknown) => {
        if (session.ended) throw error;
        return true;
      },
    );
    if (!watching.junkUnread) await sweepFolder(folder, session, watching, { suspected: true });
  }

  async function statusOf(mailbox: string): Promise<MailboxStatus> {
    return (await read(archive, mailboxStatus, mailbox)) ?? { mailbox, connected: false, counts: {} };
  }

  /** Writes down where the watcher stands, and tells its workflow when there is something else to worry about. */
  async function report(watching: Watching, change: Partial<MailboxStatus>, failure?: ImapFailure): Promise<void> {
    const now = new Date();
    const { problem: _, troubles: __, aliasTest: ___, ...before } = watching.status;
    const aliasTest = await lastAliasTest(archive, watching.mailbox);
    const connected = change.connected ?? before.connected;
    const status: MailboxStatus = {
      ...before,
      ...change,
      sweepSeconds: watching.settings.sweepSeconds,
      watchedSince: before.watchedSince ?? now.toISOString(),
      connectionSince:
        connected === before.connected ? (before.connectionSince ?? now.toISOString()) : now.toISOString(),
      ...(aliasTest ? { aliasTest: shownAliasTest(aliasTest, now) } : {}),
    };
    const policy = { unreadMs: patience.unreadMs, silentHours: watching.settings.silentHours ?? 0 };
    const alerts = alertsOf(status, policy, now, failure, {
      stop: await read(archive, sendStops, config.mail.from),
      delay: await read(archive, sendDelays, config.mail.from),
      inReview: await countRecords('review/'),
      junkUnread: watching.junkUnread,
      aliasFailure: aliasTestFailure(aliasTest, now),
      guesses: await countRecords(aliasGuesses.key(now.toISOString().slice(0, 10), '')),
    });
    const problem = failure?.says ?? alerts[0]?.says;
    watching.status = {
      ...status,
      ...(alerts.length > 0 ? { troubles: alerts } : {}),
      ...(problem ? { problem } : {}),
    };
    await archive.replaceRecord(mailboxStatus.key(watching.mailbox), watching.status);
    await signalWorkflow(watching, alerts);
  }

  async function countRecords(prefix: string): Promise<number> {
    let count = 0;
    for await (const _ of archive.listRecords(prefix)) count += 1;
    return count;
  }

  async function signalWorkflow(watching: Watching, alerts: MailboxAlert[]): Promise<void> {
    const kinds = alerts.map(({ kind }) => kind).join();
    if (kinds === watching.shownAlerts) return;
    try {
      await signalOnce(client, watcherIdOf(watching.mailbox), 'mailboxTroubles', alerts, randomUUID());
      watching.shownAlerts = kinds;
    } catch (error) {
      // Told with the next report. The trouble itself may be that Temporal does not answer.
      log.warn('The mailbox workflow could not be told of its alerts', { mailbox: watching.mailbox, kinds, error });
    }
  }

  async function awaitSweep(input: AwaitSweepInput): Promise<SweepAwaited> {
    const { after, mailbox, atMostSeconds = 300 } = input;
    const names = mailbox ? [mailbox] : [...mailboxes.keys()];
    const context = Context.current();
    const { stopping } = dependencies;
    const stop = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
    const until = Date.now() + atMostSeconds * 1000;
    for (;;) {
      const sweptUpTo = await earliestSweep(names);
      if (sweptUpTo && Date.parse(sweptUpTo) >= Date.parse(after)) return { swept: true };
      if (Date.now() >= until) return { swept: false, ...(sweptUpTo ? { unreadSince: sweptUpTo } : {}) };
      for (const name of names) open.get(name)?.wake();
      context.heartbeat();
      await delay(AWAIT_STEP_MS, undefined, { signal: stop }).catch(() => {
        throw whyStopped(context, stopping);
      });
    }
  }

  /** The instant up to which all of these mailboxes are read; undefined when one never was. */
  async function earliestSweep(names: string[]): Promise<string | undefined> {
    const sweeps = await Promise.all(names.map(async (name) => (await statusOf(name)).sweptUpTo));
    if (sweeps.some((at) => at === undefined)) return undefined;
    return sweeps.sort((a, b) => Date.parse(a ?? '') - Date.parse(b ?? ''))[0];
  }

  return { watch, awaitSweep };
}

interface Watching {
  mailbox: string;
  /** A test mail that has not left with the activity does not leave any more. */
  aliasTests: { signal: AbortSignal; underWay: boolean };
  settings: ImapSettings;
  until: number;
  signal: AbortSignal;
  progress: () => void;
  status: MailboxStatus;
  junkDueAt: number;
  /** The junk folder is there by name only. */
  junkUnread: boolean;
  /** Kinds of trouble its workflow shows. */
  shownAlerts: string;
}

const AWAIT_STEP_MS = 250;
/** What waits is compared with the letters once more after this long. */
const LETTERS_AGAIN_MS = 60_000;

/** The names of all mailboxes to watch, `main` first. */
export function mailboxNames({ furtherMailboxes }: Pick<Config, 'furtherMailboxes'>): string[] {
  return [MAIN_MAILBOX, ...Object.keys(furtherMailboxes)];
}

/** How to read each mailbox, by name. */
export function mailboxSettings(
  config: Pick<Config, 'imap' | 'furtherMailboxes' | 'smtp' | 'oauth'>,
  logins?: TokenProvider,
): Map<string, ImapSettings> {
  return new Map(
    mailboxNames(config).map((name) => {
      const further = config.furtherMailboxes[name];
      const imap = further ?? config.imap;
      const provider = further ? undefined : logins;
      const { imap: login } = provider ?? createTokenProvider({ ...config, imap });
      return [name, { ...imap, credentials: () => secretOf(login()) }];
    }),
  );
}

function shownAliasTest(test: AliasTestState, now: Date): MailboxStatus['aliasTest'] {
  const { startedAt, arrivedAt } = test;
  const reason = aliasTestFailure(test, now);
  return { startedAt, ...(arrivedAt ? { arrivedAt } : {}), ...(reason ? { reason } : {}) };
}

function afterSweep(before: MailboxStatus, found: SweepReport, begun: Date): Partial<MailboxStatus> {
  const counted = (name: string, more: number) => (before.counts[name] ?? 0) + more;
  return {
    connected: true,
    sweptUpTo: begun.toISOString(),
    lastSweepFinishedAt: new Date().toISOString(),
    ...(found.lastMailAt && found.lastMailAt > (before.lastMailAt ?? '') ? { lastMailAt: found.lastMailAt } : {}),
    counts: {
      signalled: counted('signalled', found.signalled),
      review: counted('review', found.reviewed),
      ignored: counted('ignored', found.ignored),
      waiting: found.waiting,
      unmovable: found.unmovable,
      unfetchable: found.unfetchable,
      flagged: found.flagged,
    },
  };
}

/**
 * Beats the heart of an activity while its steps go on. When they stop, or the activity is cancelled, the signal aborts
 * everything underneath, and the heart stands still.
 */
function startWatchdog(context: Context, patience: WatcherPatience, stopping?: AbortSignal) {
  const stopped = new AbortController();
  let lastStep = Date.now();
  const beat = setInterval(() => {
    if (Date.now() - lastStep < patience.stuckMs) return context.heartbeat();
    stopped.abort(
      ApplicationFailure.create({
        type: WATCHER_STUCK,
        message: 'The watcher took no step for too long and begins anew.',
      }),
    );
  }, patience.heartbeatMs);
  const end = () => stopped.abort(whyStopped(context, stopping));
  whenAborted(context.cancellationSignal, end);
  if (stopping) whenAborted(stopping, end);
  return {
    signal: stopped.signal,
    progress: () => {
      lastStep = Date.now();
    },
    stop: () => {
      clearInterval(beat);
      context.cancellationSignal.removeEventListener('abort', end);
      stopping?.removeEventListener('abort', end);
      stopped.abort();
    },
  };
}

/**
 * What an activity throws when it must stop: the cancellation somebody asked for, or, when the worker shuts down, a failure
 * that has it tried again elsewhere at once. The server takes no cancellation that nobody asked for.
 */
function whyStopped(context: Context, stopping?: AbortSignal): unknown {
  const reason: unknown = context.cancellationSignal.reason;
  const cancelled = reason instanceof Error && reason.message !== 'WORKER_SHUTDOWN';
  if (cancelled || !(context.cancellationSignal.aborted || stopping?.aborted)) return reason;
  return ApplicationFailure.create({
    type: WATCHER_STOPPED,
    message: 'The worker shuts down; another one goes on.',
    category: ApplicationFailureCategory.BENIGN,
  });
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}

/** Rejects with the signal's reason once it aborts. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    whenAborted(signal, () => reject(signal.reason));
  });
}

/** Waits for mail. Waiting is no standing still, however long the sweeps are apart. */
async function rest(session: ImapSession, atMostMs: number, { progress }: Watching): Promise<void> {
  const alive = setInterval(progress, 10_000);
  try {
    await session.waitForMail(atMostMs);
  } finally {
    clearInterval(alive);
    progress();
  }
}

/** A wait that counts as a step now and then: a server that asks for an hour of rest does not make us stuck. */
async function waitOut(ms: number, { signal, progress, until }: Watching): Promise<void> {
  const end = Math.min(Date.now() + ms, until);
  while (Date.now() < end) {
    await delay(Math.min(10_000, end - Date.now()), undefined, { signal });
    progress();
  }
}
