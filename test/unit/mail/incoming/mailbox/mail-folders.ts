import type { ImapSession } from '../../../../../src/mail/incoming/mailbox/imap-session.js';

/** An in-memory mailbox with the watcher's interface and the faults of real ones. */
export class MailFolders {
  readonly folders = new Map<string, Map<number, Stored>>();
  uidValidity = 1;
  /** How often a message's bytes were fetched. */
  fetched = 0;
  /** Folders that the server will not move mail to. */
  readonly closedTo = new Set<string>();
  /** Messages whose fetching makes the server close the connection. */
  readonly poisonous = new Set<number>();
  /** Messages that the server lists but returns nothing for: no size, or no bytes. */
  readonly sizeless = new Set<number>();
  readonly hollow = new Set<number>();
  #nextUid = 1;

  put(raw: string, folder = 'INBOX', bytes = raw.length): number {
    const uid = this.#nextUid++;
    this.#folder(folder).set(uid, { raw: Buffer.from(raw), bytes });
    return uid;
  }

  contents(folder: string): string[] {
    return [...this.#folder(folder).values()].map(({ raw }) => raw.toString());
  }

  /** Makes all UIDs invalid. */
  renumber(): void {
    this.uidValidity += 1;
    for (const [name, messages] of this.folders) {
      this.folders.set(name, new Map([...messages.values()].reverse().map((stored, i) => [i + 1, stored])));
    }
    this.#nextUid = 1_000_000;
  }

  session(): ImapSession {
    let open = this.#folder('INBOX');
    const there = (uids: number[]) =>
      uids.flatMap((uid) => {
        const stored = open.get(uid);
        return stored ? [{ uid, ...stored }] : [];
      });
    return {
      open: async (folder) => {
        open = this.#folder(folder);
        return { uidValidity: String(this.uidValidity) };
      },
      uids: async () => [...open.keys()],
      describe: async (uids) =>
        there(uids.filter((uid) => !this.sizeless.has(uid))).map(({ uid, bytes }) => ({
          uid,
          bytes,
          receivedAt: '2026-03-02T15:00:00.000Z',
        })),
      sources: async (uids) => {
        if (uids.some((uid) => this.poisonous.has(uid))) throw new Error('hung up');
        this.fetched += uids.length;
        return new Map(there(uids.filter((uid) => !this.hollow.has(uid))).map(({ uid, raw }) => [uid, raw]));
      },
      header: async (uid) => there([uid])[0]?.raw,
      move: async (uids, to) => {
        if (this.closedTo.has(to)) return false;
        for (const { uid, raw, bytes } of there(uids)) {
          open.delete(uid);
          this.put(raw.toString(), to, bytes);
        }
        return true;
      },
      waitForMail: async () => undefined,
      wake: () => undefined,
      ended: undefined,
      close: () => undefined,
    };
  }

  #folder(name: string): Map<number, Stored> {
    const found = this.folders.get(name) ?? new Map<number, Stored>();
    this.folders.set(name, found);
    return found;
  }
}

interface Stored {
  raw: Buffer;
  bytes: number;
}
