import { ArchiveError, isArchiveError, isFull } from '../../../archive/archive.js';
import { type ImapSession, MAX_MESSAGE_BYTES, type MessageAtServer } from './imap-session.js';
import type { Disposition, MailReceiver } from './mail-receiver.js';

/** What one sweep of one folder found and did. */
export interface SweepReport {
  /** Results for messages handled in this sweep. */
  signalled: number;
  reviewed: number;
  ignored: number;
  /** Left in the folder to look at again. */
  waiting: number;
  /** Handled, but the server would not move them: remembered, and never signaled twice. */
  unmovable: number;
  /** They cannot be fetched, although other messages can. */
  unfetchable: number;
  /** Left in the folder because of a problem on our side that has nothing to do with the email itself. */
  blocked: number;
  /** What these problems are and what to do, each once. No text from emails. */
  blockedBy: string[];
  /** Moved, but still here and flagged as deleted: see `ImapSession.leftFlagged`. */
  flagged: number;
  /** Arrival time of the newest message seen, ISO instant. */
  lastMailAt?: string;
  /** When the first waiting message is due, epoch milliseconds. */
  nextLookAt?: number;
}

export interface SweepOptions {
  mailbox: string;
  folder: string;
  processed: string;
  review: string;
  suspected?: boolean;
  /** Called after each step and each message, so that a watchdog can tell a long sweep from a stuck one. */
  progress?: () => void;
  signal?: AbortSignal;
  now?: () => number;
}

/**
 * Reads a whole folder. The folder is the queue: every message in it is new, waits for another look, or could not be
 * moved. So nothing is missed, whatever happens to notifications, UIDs and connections.
 *
 * Reuse the instance for each sweep: as long as UIDVALIDITY is unchanged, it remembers what it need not fetch again.
 */
export class FolderSweep {
  readonly #receiver: MailReceiver;
  #uidValidity: string | undefined;
  #remembered = new Map<number, Remembered>();

  constructor(receiver: MailReceiver) {
    this.#receiver = receiver;
  }

  /**
   * @throws temporary errors of IMAP, the archive or Temporal, after handling the messages they do not affect. Sweep again.
   */
  async sweep(session: ImapSession, options: SweepOptions): Promise<SweepReport> {
    const now = options.now ?? Date.now;
    const report: SweepReport = {
      signalled: 0,
      reviewed: 0,
      ignored: 0,
      waiting: 0,
      unmovable: 0,
      unfetchable: 0,
      blocked: 0,
      blockedBy: [],
      flagged: 0,
    };
    const { uidValidity } = await session.open(options.folder);
    if (uidValidity !== this.#uidValidity) this.#remembered.clear();
    this.#uidValidity = uidValidity;

    const present = await session.uids();
    this.#forgetAllBut(new Set(present));
    const due = present.filter((uid) => this.#isDue(uid, now()));
    const commands = serialized(session);
    for (const uids of chunks(due.filter(this.#isSettled), DESCRIBED_AT_ONCE)) {
      await this.#move(commands, uids, options);
      options.progress?.();
    }
    const unsettled = due.filter((uid) => !this.#isSettled(uid)).sort((a, b) => a - b);
    await this.#receiveSideBySide(
      commands,
      unsettled.filter((uid) => this.#suspicion(uid) < 0),
      options,
      report,
    );
    // Suspects come last, the worst at the end: they may break the connection.
    const suspects = unsettled.filter((uid) => this.#suspicion(uid) >= 0);
    suspects.sort((a, b) => this.#suspicion(a) - this.#suspicion(b));
    for (const suspect of suspects) {
      options.signal?.throwIfAborted();
      for await (const fetched of this.#fetched(commands, [suspect], options, report)) {
        await this.#receiveBatch(commands, fetched, options, report);
        await this.#move(commands, [suspect], options);
        options.progress?.();
      }
    }
    for (const memory of this.#remembered.values()) {
      if (memory.disposition?.to === 'stay') {
        const { lookAgainAt } = memory.disposition;
        if (memory.blockedBy) report.blocked += 1;
        else if (memory.fetchFailures) report.unfetchable += 1;
        else if (lookAgainAt !== Number.POSITIVE_INFINITY) report.waiting += 1;
        report.nextLookAt = Math.min(report.nextLookAt ?? Number.POSITIVE_INFINITY, lookAgainAt);
      } else if (memory.disposition) report.unmovable += 1;
    }
    const blockers = [...this.#remembered.values()].flatMap(({ blockedBy }) => blockedBy ?? []);
    report.blockedBy = [...new Set(blockers)].sort().slice(0, MOST_BLOCKERS);
    report.flagged = session.leftFlagged ?? 0;
    return report;
  }

  #forgetAllBut(present: ReadonlySet<number>): void {
    for (const uid of this.#remembered.keys()) if (!present.has(uid)) this.#remembered.delete(uid);
  }

  #isSettled = (uid: number): boolean => {
    const disposition = this.#remembered.get(uid)?.disposition;
    return disposition !== undefined && disposition.to !== 'stay';
  };

  #isDue(uid: number, now: number): boolean {
    const disposition = this.#remembered.get(uid)?.disposition;
    return disposition?.to !== 'stay' || disposition.lookAgainAt <= now;
  }

  /**
   * While one batch is judged and signaled, the next is fetched and the previous one moved. A message is still moved only
   * after everything else is done with it.
   */
  async #receiveSideBySide(
    commands: Commands,
    uids: number[],
    options: SweepOptions,
    report: SweepReport,
  ): Promise<void> {
    const batches = this.#fetched(commands, uids, options, report);
    let next = quietly(batches.next());
    let moving = Promise.resolve();
    try {
      for (;;) {
        const { done, value: batch } = await next;
        if (done) break;
        next = quietly(batches.next());
        options.signal?.throwIfAborted();
        await this.#receiveBatch(commands, batch, options, report);
        await moving;
        const received = batch.messages.map(({ uid }) => uid);
        moving = quietly(this.#move(commands, received, options));
        options.progress?.();
      }
      await moving;
    } finally {
      // Nothing may still be running when the next sweep begins.
      await Promise.allSettled([next, moving]);
    }
  }

  /** Batches of messages that fit in memory, with their bytes. */
  async *#fetched(
    commands: Commands,
    uids: number[],
    options: SweepOptions,
    report: SweepReport,
  ): AsyncGenerator<FetchedBatch, undefined> {
    const now = options.now ?? Date.now;
    for (const some of chunks(uids, DESCRIBED_AT_ONCE)) {
      options.signal?.throwIfAborted();
      const described = await this.#describe(commands, some, report, now());
      options.progress?.();
      for (const messages of batches(described)) {
        const whole = messages.filter(({ bytes }) => bytes <= MAX_MESSAGE_BYTES).map(({ uid }) => uid);
        const sources = await this.#fetch(commands, whole, now(), options.signal);
        options.progress?.();
        yield { messages, sources };
      }
    }
  }

  /** Sizes and arrival times. */
  async #describe(commands: Commands, uids: number[], report: SweepReport, now: number): Promise<MessageAtServer[]> {
    const described = await commands.describe(uids);
    const found = new Set(described.map(({ uid }) => uid));
    for (const uid of uids) if (!found.has(uid)) this.#missed(uid, now);
    for (const { receivedAt } of described) {
      if (!report.lastMailAt || receivedAt > report.lastMailAt) report.lastMailAt = receivedAt;
    }
    return described;
  }

  async #receiveBatch(
    commands: Commands,
    { messages, sources }: FetchedBatch,
    options: SweepOptions,
    report: SweepReport,
  ): Promise<void> {
    const failures: unknown[] = [];
    await eachOf(messages, AT_ONCE, async (message) => {
      const oversize = message.bytes > MAX_MESSAGE_BYTES;
      const raw = oversize ? await commands.header(message.uid) : sources.get(message.uid);
      if (options.signal?.aborted) return;
      if (!raw) return this.#missed(message.uid, (options.now ?? Date.now)());
      const attempts = this.#remembered.get(message.uid)?.attempts ?? 0;
      try {
        const disposition = await this.#receiver.receive({
          raw,
          receivedAt: message.receivedAt,
          mailbox: options.mailbox,
          attempt: attempts + 1,
          ...(oversize ? { oversizeBytes: message.bytes } : {}),
          ...(options.suspected ? { suspected: true } : {}),
        });
        const isUnjudged = disposition.to === 'stay' && disposition.unjudged === true;
        this.#remembered.set(message.uid, { attempts: attempts + (isUnjudged ? 1 : 0), disposition });
        count(report, disposition);
      } catch (error) {
        const blockedBy = blockerIn(error);
        if (!blockedBy) failures.push(error);
        else {
          const lookAgainAt = (options.now ?? Date.now)() + BLOCKED_REST_MS;
          this.#remembered.set(message.uid, { attempts, disposition: { to: 'stay', lookAgainAt }, blockedBy });
        }
      }
      options.progress?.();
    });
    if (failures.length > 0) {
      const received = messages.map(({ uid }) => uid);
      await this.#move(commands, received, options);
      throw failures[0];
    }
  }

  /**
   * A message that breaks the server must not block the others. Messages that failed together are fetched one by one next
   * time, after all others. A message that fails alone three times is left for a while.
   */
  async #fetch(commands: Commands, uids: number[], now: number, signal?: AbortSignal): Promise<Map<number, Buffer>> {
    if (uids.length === 0) return new Map();
    try {
      return await commands.sources(uids);
    } catch (error) {
      if (signal?.aborted) throw error;
      for (const uid of uids) this.#missed(uid, now, uids.length === 1 ? 1 : 0);
      throw error;
    }
  }

  /**
   * Remembers that a message could not be fetched. The next sweep forgets it if a person, or a brief second watcher, moved
   * it since it was listed, but not if it is still there and the server returns nothing for it.
   */
  #missed(uid: number, now: number, failures = 1): void {
    const memory = this.#remembered.get(uid);
    const fetchFailures = (memory?.fetchFailures ?? 0) + failures;
    this.#remembered.set(uid, {
      attempts: memory?.attempts ?? 0,
      fetchFailures,
      ...(fetchFailures >= FETCH_ATTEMPTS
        ? { disposition: { to: 'stay', lookAgainAt: now + UNFETCHABLE_REST_MS } }
        : {}),
    });
  }

  /** How often fetching failed, or -1 for a message without failures. */
  #suspicion(uid: number): number {
    return this.#remembered.get(uid)?.fetchFailures ?? -1;
  }

  /** Moves handled messages. If the server declines, they stay remembered, and the next sweep tries again. */
  async #move(commands: Commands, uids: number[], options: SweepOptions): Promise<void> {
    const useless = uids.filter((uid) => this.#remembered.get(uid)?.disposition?.to === 'removed');
    if (useless.length > 0) {
      const removed = (await commands.remove(useless)) || (await commands.move(useless, options.processed));
      if (removed) for (const uid of useless) this.#remembered.delete(uid);
    }
    for (const to of ['processed', 'review'] as const) {
      const settled = uids.filter((uid) => this.#remembered.get(uid)?.disposition?.to === to);
      if (settled.length === 0) continue;
      if (await commands.move(settled, to === 'processed' ? options.processed : options.review))
        for (const uid of settled) this.#remembered.delete(uid);
    }
  }
}

interface Remembered {
  /** How often it could not be judged. */
  attempts: number;
  disposition?: Disposition;
  /** Set if fetching failed: how often on its own, so 0 if it only failed together with others. */
  fetchFailures?: number;
  /** The problem on our side that it waits for. */
  blockedBy?: string;
}

/**
 * The problem on our side that keeps one message from being handled, though others can be: a missing key or damaged data. It
 * lasts until a person solves it. Undefined for errors that concern all messages, such as an archive that is full.
 */
function blockerIn(error: unknown): string | undefined {
  const concernsAll = isFull(error) || (error instanceof ArchiveError && error.code === 'unreachable');
  return isArchiveError(error) && !concernsAll ? error.message : undefined;
}

const DESCRIBED_AT_ONCE = 100;
/** Limit for one batch; while it is judged, another one is fetched. */
const FETCHED_AT_ONCE_BYTES = 8 * 1024 * 1024;
/** How many messages are judged and signaled in parallel: enough to hide the latency of DNS, disk and Temporal. */
export const AT_ONCE = 8;
const FETCH_ATTEMPTS = 3;
const UNFETCHABLE_REST_MS = 10 * 60_000;
const BLOCKED_REST_MS = 60_000;
/** Enough to see what is wrong. */
const MOST_BLOCKERS = 3;

/** The part of a session that a sweep uses once the folder is open. */
type Commands = Pick<ImapSession, 'describe' | 'sources' | 'header' | 'move'> & Required<Pick<ImapSession, 'remove'>>;

interface FetchedBatch {
  messages: MessageAtServer[];
  sources: Map<number, Buffer>;
}

/** Runs one command at a time: on a server without MOVE, a move opens other folders, and other commands must wait. */
function serialized(session: ImapSession): Commands {
  let last: Promise<unknown> = Promise.resolve();
  const queued = <T>(command: () => Promise<T>): Promise<T> => {
    const turn = last.then(command);
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    describe: (uids) => queued(() => session.describe(uids)),
    sources: (uids) => queued(() => session.sources(uids)),
    header: (uid) => queued(() => session.header(uid)),
    move: (uids, folder) => queued(() => session.move(uids, folder)),
    remove: (uids) => queued(async () => (await session.remove?.(uids)) ?? false),
  };
}

/** The same promise, whose failure before the first `await` is not an unhandled rejection. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function count(report: SweepReport, disposition: Disposition): void {
  if (disposition.to === 'stay') return;
  if (disposition.outcome === 'signalled') report.signalled += 1;
  if (disposition.outcome === 'review') report.reviewed += 1;
  if (disposition.outcome === 'ignored') report.ignored += 1;
}

function* chunks<T>(items: T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/** Batches that fit in memory. An oversize message counts as nothing, because only its header is fetched. */
function* batches(messages: MessageAtServer[]): Generator<MessageAtServer[]> {
  let batch: MessageAtServer[] = [];
  let bytes = 0;
  for (const message of messages) {
    const fetched = message.bytes <= MAX_MESSAGE_BYTES ? message.bytes : 0;
    if (batch.length > 0 && bytes + fetched > FETCHED_AT_ONCE_BYTES) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += fetched;
  }
  if (batch.length > 0) yield batch;
}

/** Works on at most `atOnce` items in parallel, starting them in order. */
export async function eachOf<T>(items: T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
