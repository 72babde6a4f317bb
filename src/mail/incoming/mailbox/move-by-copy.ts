import { createHash } from 'node:crypto';
import type { ImapFlow } from 'imapflow';

/**
 * Moves messages on a server without MOVE (RFC 6851): COPY, flag as deleted, EXPUNGE. The server may refuse any of the
 * three, and the connection may end after any of them, so we check two things on the server, which alone remembers:
 *
 *   before a COPY      is this message already in the target? Then only the rest of the move is left.
 *   before an EXPUNGE  without UIDPLUS it removes all flagged messages: did someone else flag any? Then ours stay,
 *                      flagged, until a person or a mail program compacts the folder.
 *
 * Two deliveries with exactly the same bytes count as one.
 */
export class MoveByCopy {
  readonly #client: ImapFlow;
  /** The folders that have the copies of the messages we flagged. */
  readonly #targets: readonly string[];
  readonly #folders = new Map<string, Flagged>();

  constructor(client: ImapFlow, targets: readonly string[]) {
    this.#client = client;
    this.#targets = targets;
  }

  /** How many messages we copied and flagged but cannot remove, in all folders opened so far. */
  get leftFlagged(): number {
    return [...this.#folders.values()].reduce((sum, { left }) => sum + left, 0);
  }

  /** Moves from the open folder, which is open again afterward. False if the server declines a step; gone is not a failure. */
  async move(uids: number[], target: string): Promise<boolean> {
    const messages = await this.#describe(uids);
    if (messages.length === 0) return true;
    const there = await this.#copiesIn(target, messages);
    if (!there) return false;
    const missing = messages.filter(({ uid }) => !there.has(uid)).map(({ uid }) => uid);
    if (missing.length > 0 && !(await this.#client.messageCopy(missing.join(','), target, { uid: true }))) return false;
    const range = messages.map(({ uid }) => uid).join(',');
    if (!(await this.#client.messageFlagsAdd(range, ['\\Deleted'], { uid: true, silent: true }))) return false;
    const { ours } = this.#flagged();
    for (const { uid } of messages) ours.add(uid);
    await this.tidy();
    // Some servers reply OK without setting the flag.
    return (await this.#search({ uid: range, deleted: false })).length === 0;
  }

  /** Removes the messages we flagged in the open folder, including before a reconnect, unless others would go with them. */
  async tidy(): Promise<void> {
    const flagged = this.#flagged();
    const deleted = await this.#search({ deleted: true });
    await this.#recognize(deleted, flagged);
    const ours = deleted.filter((uid) => flagged.ours.has(uid));
    flagged.left = ours.length;
    if (ours.length === 0) return;
    const foreign = deleted.length - ours.length;
    if (foreign > 0 && !this.#client.capabilities.has('UIDPLUS')) return;
    // Flags them again, which changes nothing, then expunges: by UID if the server can.
    if (!(await this.#client.messageDelete(ours.join(','), { uid: true }))) return;
    const remaining = new Set(await this.#search({ deleted: true }));
    flagged.left = ours.filter((uid) => remaining.has(uid)).length;
  }

  /** A flagged message is ours if we flagged it, or if a copy is in a target folder: then our move was interrupted. */
  async #recognize(deleted: number[], flagged: Flagged): Promise<void> {
    const unknown = deleted.filter((uid) => !flagged.ours.has(uid) && !flagged.foreign.has(uid));
    if (unknown.length > 0 && unknown.length <= MAX_RECOGNIZED) {
      const messages = await this.#describe(unknown);
      for (const target of this.#targets)
        for (const uid of (await this.#copiesIn(target, messages)) ?? []) flagged.ours.add(uid);
    }
    for (const uid of unknown) if (!flagged.ours.has(uid)) flagged.foreign.add(uid);
  }

  /** Which of these messages of the open folder are also in the target. Undefined if the target can't be opened. */
  async #copiesIn(target: string, messages: Message[]): Promise<Set<number> | undefined> {
    const source = this.#open();
    let alike: Map<string, string[]> | undefined;
    try {
      alike = await this.#likenessesIn(target, messages);
    } finally {
      const { uidValidity } = await this.#client.mailboxOpen(source.path);
      if (String(uidValidity) !== source.uidValidity)
        // biome-ignore lint/correctness/noUnsafeFinally: our UIDs are invalid, whatever else went wrong
        throw new Error('The folder was renumbered while messages were being moved.');
    }
    if (!alike) return undefined;
    const found = new Set<number>();
    for (const { uid, likeness } of messages) {
      const bytes = alike.get(likeness);
      if (bytes?.includes((await this.#bytesOf(uid)) ?? 'gone')) found.add(uid);
    }
    return found;
  }

  /** Messages in the target with the same size and header as one of these: a map from likeness to hashes of the whole. */
  async #likenessesIn(target: string, messages: Message[]): Promise<Map<string, string[]> | undefined> {
    const opened = await this.#client.mailboxOpen(target, { readOnly: true }).catch((error: unknown) => {
      if (!this.#client.usable) throw error;
      return undefined;
    });
    if (!opened) return undefined;
    const wanted = new Set(messages.map(({ likeness }) => likeness));
    const sizes = [...new Set(messages.map(({ bytes }) => bytes))].filter((bytes) => bytes > 0);
    const found = new Map<string, string[]>();
    for (const some of chunks(sizes, SIZES_AT_ONCE)) {
      const [first, ...others] = some.map((bytes) => ({ larger: bytes - 1, smaller: bytes + 1 }));
      const candidates = await this.#search(others.length === 0 ? { ...first } : { or: [first ?? {}, ...others] });
      for (const uids of chunks(candidates, DESCRIBED_AT_ONCE))
        for (const { uid, likeness } of await this.#describe(uids)) {
          if (!wanted.has(likeness)) continue;
          found.set(likeness, [...(found.get(likeness) ?? []), (await this.#bytesOf(uid)) ?? '']);
        }
    }
    return found;
  }

  async #describe(uids: number[]): Promise<Message[]> {
    if (uids.length === 0) return [];
    const wanted = { uid: true, size: true, headers: true };
    const found = await this.#client.fetchAll(uids.join(','), wanted, { uid: true });
    return found.map(({ uid, size = 0, headers }) => ({
      uid,
      bytes: size,
      likeness: `${size} ${sha256(headers ?? Buffer.alloc(0))}`,
    }));
  }

  async #bytesOf(uid: number): Promise<string | undefined> {
    const found = await this.#client.fetchOne(String(uid), { uid: true, source: true }, { uid: true });
    return found === false || !found.source ? undefined : sha256(found.source);
  }

  async #search(query: Parameters<ImapFlow['search']>[0]): Promise<number[]> {
    const found = await this.#client.search(query, { uid: true });
    if (!found) throw new Error('The IMAP server refused SEARCH in the open folder.');
    return found;
  }

  #open(): { path: string; uidValidity: string } {
    const { mailbox } = this.#client;
    if (!mailbox) throw new Error('No folder is open on the IMAP server.');
    return { path: mailbox.path, uidValidity: String(mailbox.uidValidity) };
  }

  #flagged(): Flagged {
    const { path, uidValidity } = this.#open();
    const known = this.#folders.get(path);
    if (known?.uidValidity === uidValidity) return known;
    const fresh: Flagged = { uidValidity, ours: new Set(), foreign: new Set(), left: 0 };
    this.#folders.set(path, fresh);
    return fresh;
  }
}

/** The messages flagged as deleted in a folder, by us and by others. */
interface Flagged {
  uidValidity: string;
  ours: Set<number>;
  foreign: Set<number>;
  /** How many of our flagged messages are still there. */
  left: number;
}

interface Message {
  uid: number;
  bytes: number;
  /** Size and hash of the header: equal for copies and for hardly anything else. */
  likeness: string;
}

/** More than an interrupted move leaves behind: someone else flags messages here. */
const MAX_RECOGNIZED = 200;
const SIZES_AT_ONCE = 40;
const DESCRIBED_AT_ONCE = 500;

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function* chunks<T>(items: T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
