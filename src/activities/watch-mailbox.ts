import { setTimeout as delay } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import type { WorkflowClient } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Archive } from '../archive/archive.js';
import type { Config } from '../config/config.js';
import type { AliasTester } from '../mail/alias-test/alias-test.js';
import { IMAP_PATIENCE, type ImapPatience, type ImapSettings } from '../mail/incoming/mailbox/imap-session.js';
import { mailboxSettings } from '../mail/incoming/mailbox/mailbox-settings.js';
import { MailboxWatch } from '../mail/incoming/mailbox/mailbox-watch.js';
import { FolderSweep } from '../mail/incoming/mailbox/sweep-folder.js';
import type { MailJudge } from '../mail/judging/judgement.js';
import type { LetterStore } from '../mail/judging/letters/letter-store.js';
import { caseFacts } from '../mail/judging/text/case-facts.js';
import type { TokenProvider } from '../mail/outgoing/token-provider.js';
import { signalOnce } from '../temporal/signal-once.js';
import type {
  AwaitSweepInput,
  SweepAwaited,
  WatcherActivities,
  WatchInput,
} from '../workflows/contract/mailbox-activities.js';
import { dailyAliasTest, withAliasTests } from './alias-tests.js';
import { rejectionOf, startWatchdog, whyStopped } from './heartbeats.js';
import { MailboxReport, statusOf } from './mailbox-report.js';
import { createMailReceiver, RECEIVER_PATIENCE, type ReceiverPatience } from './receive-mail.js';
import { retryWhenTaught } from './retry-letters.js';

/** Thrown by `watch` for a mailbox that this worker has no settings for. */
export const MAILBOX_NOT_CONFIGURED = 'MAILBOX_NOT_CONFIGURED';

export interface WatcherDependencies {
  config: Pick<Config, 'imap' | 'furtherMailboxes' | 'smtp' | 'oauth' | 'policy' | 'mail' | 'trust'>;
  archive: Archive;
  judge: MailJudge;
  client: WorkflowClient;
  /** The letters that people taught. Undefined: no waiting email is compared again, which only a test may want. */
  letters: Pick<LetterStore, 'book'> | undefined;
  /** Settings by name; default: as configured. */
  mailboxes?: ReadonlyMap<string, ImapSettings>;
  patience?: Partial<WatcherPatience>;
  /**
   * Aborts as soon as the worker is told to stop. Without it, the watcher learns of the shutdown only when the grace period
   * for activities ends, since a watcher does not finish on its own.
   */
  stopping?: AbortSignal;
  /** Logs in to the main mailbox; default: as configured, separately from the sender. */
  logins?: TokenProvider;
  /** If given, tests once a day that reply addresses lead into the first mailbox, or another one that is watched. */
  aliasTester?: AliasTester;
  /** That the archive is full, and what to do; undefined if it is not. Default: never full. */
  archiveFull?: () => string | undefined;
}

export interface WatcherPatience {
  imap: ImapPatience;
  receiver: ReceiverPatience;
  /** Heartbeats go out this often, milliseconds. */
  heartbeatMs: number;
  /** The junk folder is read this often, milliseconds. */
  junkMs: number;
  /** A mailbox without a connection for this long is an alert, milliseconds. */
  unreadMs: number;
  /** A watcher without progress for this long is restarted, milliseconds. Longer than any deadline within a step. */
  stuckMs: number;
}

const PATIENCE: WatcherPatience = {
  imap: IMAP_PATIENCE,
  receiver: RECEIVER_PATIENCE,
  heartbeatMs: 2_000,
  stuckMs: 5 * 60_000,
  junkMs: 5 * 60_000,
  unreadMs: 5 * 60_000,
};

export function createWatcherActivities(dependencies: WatcherDependencies): WatcherActivities {
  const { archive, client, config, letters, aliasTester, stopping } = dependencies;
  const mailboxes = dependencies.mailboxes ?? mailboxSettings(config, dependencies.logins);
  const [firstMailbox] = mailboxes.keys();
  const ownCopyMs = Math.min(RECEIVER_PATIENCE.ownCopyMs, (config.policy.sendReconcileSeconds * 1000) / 3);
  const patience = { ...PATIENCE, receiver: { ...RECEIVER_PATIENCE, ownCopyMs }, ...dependencies.patience };
  const receiver = withAliasTests(
    createMailReceiver({
      ...dependencies,
      trust: config.trust,
      patience: patience.receiver,
      signal: (workflowId, mail) => signalOnce(client, workflowId, 'mailReceived', mail, mail.mailId),
    }),
    { archive, ownAddress: () => config.mail.from },
  );
  const retryLetters =
    letters &&
    retryWhenTaught({
      archive,
      store: letters,
      signal: (workflowId, mail, requestId) => signalOnce(client, workflowId, 'mailReceived', mail, requestId),
      factsOf: (workflowId) => caseFacts(archive, { workflowId }),
      now: () => new Date(),
    });
  /** Kept from one activity to the next: an email that waits, or could not be moved, need not be fetched each hour. */
  const sweeps = new Map<string, FolderSweep>();
  /** The watches of this process by mailbox, so that `awaitSweep` can wake them. */
  const watches = new Map<string, MailboxWatch>();

  async function watch({ mailbox, forSeconds, troubles = [] }: WatchInput): Promise<void> {
    const settings = mailboxes.get(mailbox);
    if (!settings)
      throw ApplicationFailure.create({
        type: MAILBOX_NOT_CONFIGURED,
        message: `This worker has no settings for the mailbox "${mailbox}". Configure it, or terminate the workflow mailbox-${mailbox}.`,
      });
    const { unreadMs, junkMs, imap: imapPatience } = patience;
    const until = Date.now() + forSeconds * 1000;
    const report = await MailboxReport.open({
      ...{ archive, client, mailbox, settings, unreadMs },
      sender: config.mail.from,
      shownAlerts: troubles,
      archiveFull: dependencies.archiveFull ?? (() => undefined),
    });
    const aliasTest =
      aliasTester && mailbox === firstMailbox ? dailyAliasTest(aliasTester, archive, mailbox) : undefined;
    let lastFailure = '';
    const { signal, progress, stop } = startWatchdog(Context.current(), patience, stopping);
    const watching = new MailboxWatch({
      ...{ mailbox, settings, imapPatience, junkMs, progress, signal },
      junkUnread: troubles.includes('mailbox-junk-unread'),
      sweepOf: (folder) => sweepOf(`${mailbox}/${folder}`),
      async afterSweep(found, begun) {
        await report.swept(found, begun, watching.junkUnread);
        await aliasTest?.sendIfDue();
        await retryLetters?.({ mailbox, signal, progress });
      },
      async afterFailure(failure, failures) {
        // Not once for each retry.
        if (failures === 1 || failure.says !== lastFailure)
          log.warn('The mailbox could not be read', { mailbox, kind: failure.kind, says: failure.says });
        lastFailure = failure.says;
        await report.failed(failure, watching.junkUnread);
      },
    });
    watches.set(mailbox, watching);
    try {
      await Promise.race([watching.run(until), rejectionOf(signal)]);
    } finally {
      stop();
      watching.close();
      if (watches.get(mailbox) === watching) watches.delete(mailbox);
      aliasTest?.stop();
    }
  }

  function sweepOf(name: string): FolderSweep {
    const sweep = sweeps.get(name) ?? new FolderSweep(receiver);
    sweeps.set(name, sweep);
    return sweep;
  }

  async function awaitSweep(input: AwaitSweepInput): Promise<SweepAwaited> {
    const { after, mailbox, atMostSeconds = 300 } = input;
    const names = mailbox ? [mailbox] : [...mailboxes.keys()];
    const context = Context.current();
    const stop = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
    const until = Date.now() + atMostSeconds * 1000;
    for (;;) {
      const sweptUpTo = await earliestSweep(names);
      if (sweptUpTo && Date.parse(sweptUpTo) >= Date.parse(after)) return { swept: true };
      if (Date.now() >= until) return { swept: false, ...(sweptUpTo ? { unreadSince: sweptUpTo } : {}) };
      for (const name of names) watches.get(name)?.wake();
      context.heartbeat();
      await delay(AWAIT_STEP_MS, undefined, { signal: stop }).catch(() => {
        throw whyStopped(context, stopping);
      });
    }
  }

  /** The instant up to which onboardings know all email of these mailboxes; undefined if one was never read. */
  async function earliestSweep(names: string[]): Promise<string | undefined> {
    const statuses = await Promise.all(names.map((name) => statusOf(archive, name)));
    const sweeps = statuses.map(({ counts, sweptUpTo, toldUpTo }) => (counts.blocked ? toldUpTo : sweptUpTo));
    if (sweeps.some((at) => at === undefined)) return undefined;
    return sweeps.sort((a, b) => Date.parse(a ?? '') - Date.parse(b ?? ''))[0];
  }

  return { watch, awaitSweep };
}

const AWAIT_STEP_MS = 250;
