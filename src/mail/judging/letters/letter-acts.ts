import { z } from 'zod';
import { hashed, recordKind } from '../../../archive/records.js';
import { DECISION_KINDS } from '../../../workflows/contract/received-mail.js';
import { fillerId, type Letter, type LetterBook, letterId } from './letter.js';

/**
 * What people did with letters, one immutable entry each: who taught a letter from which email, who agreed, who revoked it.
 * The current letters follow from all entries. Names are stated, not verified.
 */
const who = { by: z.string(), at: z.string() };
const paragraph = z.string().min(1).max(20_000);
const part = z
  .object({ paragraphs: z.array(z.string().max(20_000)).max(1_000), decisive: z.number().int().min(1) })
  .refine(({ paragraphs, decisive }) => decisive < paragraphs.length, {
    path: ['decisive'],
    message: 'names a paragraph that does not exist',
  });
const domain = z.string().regex(/^[a-z0-9.-]{1,253}$/, 'must be a domain in lower case');
const address = z.string().regex(/^[^\sA-Z@<>]+@[^\sA-Z@<>]+$/, 'must be a bare email address in lower case');

export const letterSchema = z
  .object({
    id: z.string(),
    kind: z.enum(DECISION_KINDS),
    domain,
    parts: z.object({ text: part.optional(), html: part.optional() }).refine(({ text, html }) => text ?? html, {
      message: 'has neither text nor html',
    }),
    attachments: z.array(z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 of 64 hex digits')),
  })
  .refine((letter) => letter.id === letterId(letter as Letter), {
    path: ['id'],
    message: 'does not match the content of the letter, which was changed after the export',
  });

export const letterActSchema = z.discriminatedUnion('act', [
  z.object({ act: z.literal('teach'), ...who, letter: letterSchema, address, mailId: z.string() }),
  /** From another archive: no one here has agreed yet. */
  z.object({ act: z.literal('import'), ...who, letter: letterSchema, addresses: z.array(address) }),
  z.object({ act: z.literal('import-filler'), ...who, domain, paragraph }),
  /** Here and below, `what` is the ID of a letter or a filler block. */
  z.object({ act: z.literal('confirm'), ...who, what: z.string(), mailId: z.string().optional() }),
  z.object({ act: z.literal('address'), ...who, letter: z.string(), address, mailId: z.string() }),
  z.object({ act: z.literal('filler'), ...who, domain, paragraph, mailId: z.string() }),
  z.object({ act: z.literal('revoke'), ...who, what: z.string(), reason: z.string() }),
]);
export type LetterAct = z.infer<typeof letterActSchema>;

export type LetterState = 'known' | 'needs-confirmation' | 'needs-second-person' | 'revoked';

export interface Agreement {
  /** Name as stated. */
  by: string;
  at: string;
  /** The email in which the person saw it. */
  mailId?: string;
}

interface Entry {
  state: LetterState;
  /** Who agreed, as stated, in order. */
  agreed: Agreement[];
  /** Who imported it from another archive. */
  imported?: { by: string; at: string };
  revoked?: { by: string; at: string; reason: string };
}

export interface LetterEntry extends Entry {
  letter: Letter;
  addresses: string[];
}

export interface FillerEntry extends Entry {
  id: string;
  domain: string;
  /** Masked. */
  paragraph: string;
}

/** Every letter and filler block that ever existed, by ID. */
export interface LetterShelf {
  letters: Map<string, LetterEntry>;
  fillers: Map<string, FillerEntry>;
}

/**
 * The letters that result from all acts.
 * @param acts in order
 * @param managers people who may teach an approval alone, by the names they state
 */
export function shelfOf(acts: Iterable<LetterAct>, managers: readonly string[]): LetterShelf {
  const shelf: LetterShelf = { letters: new Map(), fillers: new Map() };
  for (const act of acts) put(shelf, act);
  for (const entry of shelf.letters.values()) entry.state = stateOf(entry, managers, entry.letter.kind);
  for (const entry of shelf.fillers.values()) entry.state = stateOf(entry, managers);
  return shelf;
}

/**
 * What counts: letters and filler blocks that enough people agreed on and no one revoked. A letter's decisive paragraph is
 * never filler, even if someone declared it filler at the same time.
 */
export function bookOf(shelf: LetterShelf): LetterBook {
  const fillers: Record<string, string[]> = {};
  for (const { state, domain, paragraph } of shelf.fillers.values())
    if (state === 'known' && !letterDecidedBy(shelf, domain, paragraph))
      fillers[domain] = [...(fillers[domain] ?? []), paragraph];
  const letters = [...shelf.letters.values()]
    .filter(({ state }) => state === 'known')
    .map(({ letter, addresses }) => ({ ...letter, addresses }));
  return { letters, fillers };
}

/** A letter, not revoked, in which this paragraph decides. */
export function letterDecidedBy({ letters }: LetterShelf, domain: string, paragraph: string): Letter | undefined {
  for (const { letter, revoked } of letters.values())
    for (const part of Object.values(letter.parts))
      if (!revoked && letter.domain === domain && part?.paragraphs[part.decisive] === paragraph) return letter;
  return undefined;
}

function put(shelf: LetterShelf, act: LetterAct): void {
  switch (act.act) {
    case 'teach': {
      const entry = letterEntry(shelf, act.letter as Letter, true);
      addAddress(entry, act.address);
      agree(entry, act);
      return;
    }
    case 'import': {
      // An import does not change what someone here agreed on, and does not bring back what was revoked here.
      const entry = letterEntry(shelf, act.letter as Letter, false);
      if (entry.agreed.length > 0 || entry.revoked) return;
      entry.imported ??= { by: act.by, at: act.at };
      for (const address of act.addresses) addAddress(entry, address);
      return;
    }
    case 'filler':
      agree(fillerEntry(shelf, act, true), act);
      return;
    case 'import-filler': {
      const entry = fillerEntry(shelf, act, false);
      if (entry.agreed.length === 0 && !entry.revoked) entry.imported ??= { by: act.by, at: act.at };
      return;
    }
    case 'address': {
      const entry = shelf.letters.get(act.letter);
      if (entry && !entry.revoked) addAddress(entry, act.address);
      return;
    }
    case 'confirm': {
      const entry = entryOf(shelf, act.what);
      if (entry && !entry.revoked) agree(entry, act);
      return;
    }
    case 'revoke': {
      const entry = entryOf(shelf, act.what);
      if (entry && !entry.revoked) entry.revoked = { by: act.by, at: act.at, reason: act.reason };
    }
  }
}

export function entryOf(shelf: LetterShelf, id: string): LetterEntry | FillerEntry | undefined {
  return shelf.letters.get(id) ?? shelf.fillers.get(id);
}

/** @param again a revoked letter starts over */
function letterEntry({ letters }: LetterShelf, letter: Letter, again: boolean): LetterEntry {
  const known = letters.get(letter.id);
  if (known && !(again && known.revoked)) return known;
  const entry: LetterEntry = { letter, state: 'needs-confirmation', addresses: [], agreed: [] };
  letters.set(letter.id, entry);
  return entry;
}

function fillerEntry(
  { fillers }: LetterShelf,
  { domain, paragraph }: { domain: string; paragraph: string },
  again: boolean,
): FillerEntry {
  const id = fillerId(domain, paragraph);
  const known = fillers.get(id);
  if (known && !(again && known.revoked)) return known;
  const entry: FillerEntry = { id, domain, paragraph, state: 'needs-confirmation', agreed: [] };
  fillers.set(id, entry);
  return entry;
}

function addAddress({ addresses }: LetterEntry, address: string): void {
  if (!addresses.includes(address)) addresses.push(address);
}

function agree({ agreed }: Entry, { by, at, mailId }: { by: string; at: string; mailId?: string | undefined }): void {
  if (!agreed.some((one) => samePerson(one.by, by))) agreed.push({ by, at, ...(mailId ? { mailId } : {}) });
}

/** A new approval needs two people or a manager, anything else one person. */
export function stateOf({ agreed, revoked }: Entry, managers: readonly string[], kind?: Letter['kind']): LetterState {
  if (revoked) return 'revoked';
  if (agreed.length === 0) return 'needs-confirmation';
  const isManager = ({ by }: Agreement) => managers.some((manager) => samePerson(manager, by));
  return kind !== 'approved' || peopleIn(agreed) > 1 || agreed.some(isManager) ? 'known' : 'needs-second-person';
}

function peopleIn(agreed: readonly Agreement[]): number {
  return new Set(agreed.map(({ by }) => plainName(by))).size;
}

export function samePerson(one: string, other: string): boolean {
  return plainName(one) === plainName(other);
}

function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase();
}

/**
 * The record of one act, immutable: `letter-acts/<epoch milliseconds>-<hash of the act>`. The order of the keys is the order
 * of the acts.
 */
export const letterActs = recordKind(
  (act: LetterAct) =>
    `letter-acts/${String(Date.parse(act.at)).padStart(15, '0')}-${hashed(JSON.stringify(act)).slice(0, 16)}`,
  letterActSchema,
);
