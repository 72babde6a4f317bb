import { randomUUID } from 'node:crypto';
import { log } from '@temporalio/activity';
import type { WorkflowClient } from '@temporalio/client';
import { type Archive, isFull, isKeyMissing } from '../archive/archive.js';
import { aliasGuesses, type MailboxStatus, mailboxStatus, read, sendDelays, sendStops } from '../archive/records.js';
import { type AliasTestState, aliasTestFailure, lastAliasTest } from '../mail/alias-test/alias-test.js';
import type { ImapFailure } from '../mail/incoming/mailbox/imap-backoff.js';
import type { ImapSettings } from '../mail/incoming/mailbox/imap-session.js';
import { alertsOf } from '../mail/incoming/mailbox/mailbox-alerts.js';
import type { SweepReport } from '../mail/incoming/mailbox/sweep-folder.js';
import { signalOnce } from '../temporal/signal-once.js';
import type { MailboxAlert } from '../workflows/contract/mailbox-alerts.js';
import { watcherIdOf } from '../workflows/contract/watcher.js';

export interface ReportOptions {
  archive: Archive;
  client: WorkflowClient;
  mailbox: string;
  settings: Pick<ImapSettings, 'sweepSeconds' | 'silentHours'>;
  /** The address that sends: its stops and delays are alerts, too. */
  sender: string;
  /** A mailbox that was unread for this long is an alert, milliseconds. */
  unreadMs: number;
  /** Kinds of alerts that the mailbox workflow shows now. */
  shownAlerts: string[];
  /** That the archive is full, and what to do; undefined if it is not. */
  archiveFull: () => string | undefined;
}

/** Records the status of a mailbox, and tells the mailbox workflow when its alerts change. */
export class MailboxReport {
  readonly #options: ReportOptions;
  #status: MailboxStatus;
  #shownAlerts: string;
  #blockedBy: string[] = [];

  /** A status for which the key is missing begins again: it must not keep the mailbox from being read. */
  static async open(options: ReportOptions): Promise<MailboxReport> {
    const { archive, mailbox } = options;
    const status = await statusOf(archive, mailbox).catch((error: unknown) => {
      if (!isKeyMissing(error)) throw error;
      log.warn('The last status of the mailbox cannot be read, so its counts begin at 0', { mailbox, error });
      return unknownStatus(mailbox);
    });
    return new MailboxReport(options, status);
  }

  private constructor(options: ReportOptions, status: MailboxStatus) {
    this.#options = options;
    this.#status = status;
    this.#shownAlerts = options.shownAlerts.join();
  }

  async swept(found: SweepReport, begun: Date, junkUnread: boolean): Promise<void> {
    this.#logBlockers(found);
    await this.#write(afterSweep(this.#status, found, begun), { junkUnread });
  }

  /** Never fails: the archive may be what failed. */
  async failed(failure: ImapFailure, junkUnread: boolean): Promise<void> {
    await this.#write({ connected: false }, { junkUnread, failure }).catch((error: unknown) =>
      log.warn('The status of the mailbox could not be recorded', { mailbox: this.#options.mailbox, error }),
    );
  }

  /** Once for each problem. */
  #logBlockers({ blocked, blockedBy }: SweepReport): void {
    const { mailbox } = this.#options;
    const before = this.#blockedBy;
    this.#blockedBy = blockedBy;
    if (blockedBy.some((blocker) => !before.includes(blocker)))
      log.error('Emails stay in the inbox until a problem on our side is fixed', {
        mailbox,
        emails: blocked,
        blockedBy,
      });
    else if (before.length > 0 && blockedBy.length === 0)
      log.info('No email has to stay in the inbox any more', { mailbox });
  }

  async #write(
    change: Partial<MailboxStatus>,
    { junkUnread, failure }: { junkUnread: boolean; failure?: ImapFailure },
  ): Promise<void> {
    const { archive, mailbox, settings, sender, unreadMs, archiveFull } = this.#options;
    const now = new Date();
    const { problem: _, troubles: __, aliasTest: ___, ...before } = this.#status;
    const aliasTest = await lastAliasTest(archive, mailbox);
    const connected = change.connected ?? before.connected;
    const status: MailboxStatus = {
      ...before,
      ...change,
      sweepSeconds: settings.sweepSeconds,
      watchedSince: before.watchedSince ?? now.toISOString(),
      connectionSince:
        connected === before.connected ? (before.connectionSince ?? now.toISOString()) : now.toISOString(),
      ...(aliasTest ? { aliasTest: shownAliasTest(aliasTest, now) } : {}),
    };
    const aboutMailbox = alertsOf(status, { unreadMs, silentHours: settings.silentHours ?? 0 }, now, failure, {
      stop: await read(archive, sendStops, sender),
      delay: await read(archive, sendDelays, sender),
      inReview: await countRecords(archive, 'review/'),
      junkUnread,
      aliasFailure: aliasTestFailure(aliasTest, now),
      guesses: await countRecords(archive, aliasGuesses.key(now.toISOString().slice(0, 10), '')),
    });
    const withArchive = (): MailboxAlert[] => {
      const says = archiveFull();
      return says ? [{ kind: 'archive-full', says }, ...aboutMailbox] : aboutMailbox;
    };
    const alerts = withArchive();
    const problem = failure?.says ?? alerts[0]?.says;
    this.#status = {
      ...status,
      ...(alerts.length > 0 ? { troubles: alerts } : {}),
      ...(problem ? { problem } : {}),
    };
    try {
      await archive.replaceRecord(mailboxStatus.key(mailbox), this.#status);
    } catch (error) {
      // The mailbox is read on, and the workflow shows what the archive cannot.
      if (!isFull(error)) throw error;
    }
    await this.#tellWorkflow(withArchive());
  }

  async #tellWorkflow(alerts: MailboxAlert[]): Promise<void> {
    const { client, mailbox } = this.#options;
    const kinds = alerts.map(({ kind }) => kind).join();
    if (kinds === this.#shownAlerts) return;
    try {
      await signalOnce(client, watcherIdOf(mailbox), 'mailboxTroubles', alerts, randomUUID());
      this.#shownAlerts = kinds;
    } catch (error) {
      // The next report tries again. The problem itself may be that Temporal does not answer.
      log.warn('The mailbox workflow could not be told of its alerts', { mailbox, kinds, error });
    }
  }
}

export async function statusOf(archive: Archive, mailbox: string): Promise<MailboxStatus> {
  return (await read(archive, mailboxStatus, mailbox)) ?? unknownStatus(mailbox);
}

function unknownStatus(mailbox: string): MailboxStatus {
  return { mailbox, connected: false, counts: {} };
}

async function countRecords(archive: Archive, prefix: string): Promise<number> {
  let count = 0;
  for await (const _ of archive.listRecords(prefix)) count += 1;
  return count;
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
    ...(found.blocked === 0 ? { toldUpTo: begun.toISOString() } : {}),
    lastSweepFinishedAt: new Date().toISOString(),
    blockedBy: found.blockedBy,
    ...(found.lastMailAt && found.lastMailAt > (before.lastMailAt ?? '') ? { lastMailAt: found.lastMailAt } : {}),
    counts: {
      signalled: counted('signalled', found.signalled),
      review: counted('review', found.reviewed),
      ignored: counted('ignored', found.ignored),
      waiting: found.waiting,
      unmovable: found.unmovable,
      unfetchable: found.unfetchable,
      blocked: found.blocked,
      flagged: found.flagged,
    },
  };
}
