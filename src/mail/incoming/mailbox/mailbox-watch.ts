import { setTimeout as delay } from 'node:timers/promises';
import { failureFor, type ImapFailure } from './imap-backoff.js';
import { type ImapPatience, type ImapSession, type ImapSettings, openImapSession } from './imap-session.js';
import type { FolderSweep, SweepReport } from './sweep-folder.js';

export interface WatchOptions {
  mailbox: string;
  settings: ImapSettings;
  imapPatience: ImapPatience;
  /** The junk folder is read this often, milliseconds. */
  junkMs: number;
  /** Whether the junk folder was unreadable when the last watch ended. */
  junkUnread: boolean;
  /** The sweep of a folder, the same one each time: it remembers what need not be fetched again. */
  sweepOf: (folder: string) => FolderSweep;
  /**
   * Called after each sweep of the inbox, which began at `begun`, with what is blocked in the junk folder, too. What it
   * throws ends the connection.
   */
  afterSweep: (found: SweepReport, begun: Date) => Promise<void>;
  /**
   * Called when the connection is lost or cannot be made, before the wait for the next try.
   * @param failures in a row, this one included
   */
  afterFailure: (failure: ImapFailure, failures: number) => Promise<void>;
  /** Called at each step, so that a long sweep does not look like a stuck one. */
  progress: () => void;
  /** Aborts the watch. */
  signal: AbortSignal;
}

/**
 * Keeps a mailbox read: sweeps the inbox when the server reports new email and at least every `sweepSeconds`, sweeps the
 * junk folder now and then, and connects again whenever the connection is lost.
 */
export class MailboxWatch {
  readonly #options: WatchOptions;
  #session: ImapSession | undefined;
  #failures = 0;
  #junkDueAt = 0;
  #junkUnread: boolean;
  /** From the last sweep of the junk folder. */
  #junkBlocked: Pick<SweepReport, 'blocked' | 'blockedBy'> = { blocked: 0, blockedBy: [] };

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#junkUnread = options.junkUnread;
  }

  /** Whether the server lists the junk folder but cannot open it. */
  get junkUnread(): boolean {
    return this.#junkUnread;
  }

  /** Sweeps at once. */
  wake(): void {
    this.#session?.wake();
  }

  close(): void {
    this.#session?.close();
  }

  /**
   * @param until epoch milliseconds
   * @throws the reason of `signal`; failures of mailbox, archive, and Temporal are waited out
   */
  async run(until: number): Promise<void> {
    const { signal, afterFailure } = this.#options;
    while (Date.now() < until) {
      signal.throwIfAborted();
      try {
        await this.#attend(until);
      } catch (error) {
        signal.throwIfAborted();
        this.#failures += 1;
        const failure = failureFor(error, this.#failures);
        await afterFailure(failure, this.#failures);
        await this.#waitOut(failure.waitMs, until);
      }
    }
  }

  /** One connection, from login until it is lost or the time is over. */
  async #attend(until: number): Promise<void> {
    const { settings, signal, imapPatience, afterSweep } = this.#options;
    const session = await openImapSession(settings, signal, imapPatience);
    this.#session = session;
    try {
      while (Date.now() < until) {
        const begun = new Date();
        // Junk comes first: the inbox must be the open folder while we wait for mail.
        if (session.junk && Date.now() >= this.#junkDueAt) await this.#sweepJunk(session, session.junk);
        const found = await this.#sweep(session, settings.inbox);
        await afterSweep(this.#withJunk(found), begun);
        this.#failures = 0;
        const nextSweepAt = begun.getTime() + settings.sweepSeconds * 1000;
        const restUntil = Math.min(nextSweepAt, found.nextLookAt ?? Number.POSITIVE_INFINITY, until);
        await this.#rest(session, Math.max(0, restUntil - Date.now()));
        signal.throwIfAborted();
        if (session.ended) throw session.ended;
      }
    } finally {
      session.close();
      this.#session = undefined;
    }
  }

  /** Not due again for a while, whatever happens: a problem with the junk folder must not hold up the inbox. */
  async #sweepJunk(session: ImapSession, folder: string): Promise<void> {
    this.#junkDueAt = Date.now() + this.#options.junkMs;
    this.#junkUnread = await session.open(folder).then(
      () => false,
      (error: unknown) => {
        if (session.ended) throw error;
        return true;
      },
    );
    if (!this.#junkUnread) this.#junkBlocked = await this.#sweep(session, folder, { suspected: true });
  }

  /** Email that is blocked in the junk folder may be CBP's answer, too. */
  #withJunk(found: SweepReport): SweepReport {
    const { blocked, blockedBy } = this.#junkBlocked;
    return {
      ...found,
      blocked: found.blocked + blocked,
      blockedBy: [...new Set([...found.blockedBy, ...blockedBy])],
    };
  }

  async #sweep(session: ImapSession, folder: string, how: { suspected?: true } = {}): Promise<SweepReport> {
    const { mailbox, settings, sweepOf, progress, signal } = this.#options;
    const { processed, review } = settings;
    return await sweepOf(folder).sweep(session, { mailbox, folder, processed, review, progress, signal, ...how });
  }

  /** Waits for mail. Waiting counts as progress, however far apart the sweeps are. */
  async #rest(session: ImapSession, atMostMs: number): Promise<void> {
    const { progress } = this.#options;
    const alive = setInterval(progress, PROGRESS_MS);
    try {
      await session.waitForMail(atMostMs);
    } finally {
      clearInterval(alive);
      progress();
    }
  }

  /** Waiting counts as progress: a server that asks for an hour of rest does not make the watcher look stuck. */
  async #waitOut(ms: number, until: number): Promise<void> {
    const { signal, progress } = this.#options;
    const end = Math.min(Date.now() + ms, until);
    while (Date.now() < end) {
      await delay(Math.min(PROGRESS_MS, end - Date.now()), undefined, { signal });
      progress();
    }
  }
}

const PROGRESS_MS = 10_000;
