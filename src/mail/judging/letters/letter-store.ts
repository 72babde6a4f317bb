import { createHash } from 'node:crypto';
import type { Archive } from '../../../archive/archive.js';
import { checkedRecord } from '../../../archive/records.js';
import type { LetterBook } from './letter.js';
import { bookOf, type LetterAct, type LetterShelf, letterActSchema, letterActs, shelfOf } from './letter-acts.js';
import { type ActAdded, checkedAct, type NewAct } from './letter-rules.js';

/** The letters that people taught, and who agreed. Names are stated, not verified. */
export interface LetterStore {
  /** What counts now. The version changes with every act. */
  book(): Promise<{ version: string; book: LetterBook }>;
  /** Everything that ever existed, with agreements and revocations. */
  entries(): Promise<LetterShelf>;
  /**
   * Records an act. If it would add nothing, it is not recorded, and the result says why.
   * @throws LetterRefused
   */
  add(act: NewAct): Promise<ActAdded>;
}

/**
 * The letters of an archive: one immutable record for each act. If the list of keys is unchanged, nothing is read again.
 * @param managers people who may teach an approval alone
 */
export function createLetterStore(
  archive: Archive,
  { managers, now = () => new Date() }: { managers: readonly string[]; now?: () => Date },
): LetterStore {
  const acts = new Map<string, LetterAct>();
  let last: { listed: string | undefined; version: string; shelf: LetterShelf; book: LetterBook } | undefined;

  async function current() {
    const keys: string[] = [];
    for await (const key of archive.listRecords('letter-acts/')) keys.push(key);
    keys.sort();
    const listed = keys.join('\n');
    if (last?.listed === listed) return last;
    const there = new Set(keys);
    for (const key of acts.keys()) if (!there.has(key)) acts.delete(key);
    const missing = keys.filter((key) => !acts.has(key));
    await Promise.all(
      missing.map(async (key) => {
        const found = await archive.readRecord(key);
        if (found !== undefined) acts.set(key, checkedRecord(letterActSchema, key, found));
      }),
    );
    // A record being written may be listed before it can be read. The result then lacks it and is not cached.
    const read = keys.filter((key) => acts.has(key));
    const version = createHash('sha256').update(read.join('\n')).digest('hex').slice(0, 16);
    const shelf = shelfOf(
      read.flatMap((key) => acts.get(key) ?? []),
      managers,
    );
    last = { listed: read.length === keys.length ? listed : undefined, version, shelf, book: bookOf(shelf) };
    return last;
  }

  /** An instant after all recorded acts, even if machines' clocks differ, so that revoked letters stay revoked. */
  function next(): string {
    const latest = [...acts.values()].reduce((most, { at }) => Math.max(most, Date.parse(at)), 0);
    return new Date(Math.max(now().getTime(), latest + 1)).toISOString();
  }

  return {
    async book() {
      const { version, book } = await current();
      return { version, book };
    },

    async entries() {
      return (await current()).shelf;
    },

    async add(act) {
      const { shelf } = await current();
      const { act: checked, nothingNew } = checkedAct(shelf, { ...act, at: next() } as LetterAct);
      if (nothingNew) return { changed: false, why: nothingNew };
      await archive.createRecord(letterActs.key(checked), checked);
      return { changed: true };
    },
  };
}

/** How long a change may take to count, milliseconds. */
const BOOK_AGE_MS = 5_000;

/** Caches the book for a few seconds, for callers that need it for each email. */
export function cachedBriefly(store: LetterStore, ageMs = BOOK_AGE_MS): Pick<LetterStore, 'book'> {
  let last: { at: number; book: ReturnType<LetterStore['book']> } | undefined;
  return {
    book() {
      const now = performance.now();
      if (!last || now - last.at > ageMs) {
        const lookup = { at: now, book: store.book() };
        last = lookup;
        // Callers that wait for it see a failure, but it is not cached.
        lookup.book.catch(() => {
          if (last === lookup) last = undefined;
        });
      }
      return last.book;
    },
  };
}
