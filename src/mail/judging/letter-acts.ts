import { z } from 'zod';
import { DECISION_KINDS } from '../received-mail.js';
import type { Letter } from './letter.js';

/**
 * What people did with letters, one entry each, never changed: who taught which from which mail, who agreed, who took one
 * back. What is known at a time is what these add up to.
 */
const who = { by: z.string(), at: z.string() };
const part = z.object({ paragraphs: z.array(z.string()).min(1), decisive: z.number().int().min(0) });
export const letterSchema = z.object({
  id: z.string(),
  kind: z.enum(DECISION_KINDS),
  domain: z.string(),
  parts: z.object({ text: part.optional(), html: part.optional() }),
  attachments: z.array(z.string()),
});
export const letterActSchema = z.discriminatedUnion('act', [
  z.object({ act: z.literal('teach'), ...who, letter: letterSchema, address: z.string(), mailId: z.string() }),
  /** From another archive: nobody here has agreed yet. */
  z.object({ act: z.literal('import'), ...who, letter: letterSchema, addresses: z.array(z.string()) }),
  z.object({ act: z.literal('confirm'), ...who, letter: z.string(), mailId: z.string().optional() }),
  z.object({ act: z.literal('address'), ...who, letter: z.string(), address: z.string(), mailId: z.string() }),
  z.object({ act: z.literal('filler'), ...who, domain: z.string(), paragraph: z.string(), mailId: z.string() }),
  z.object({ act: z.literal('revoke'), ...who, what: z.string(), reason: z.string() }),
]);
export type LetterAct = z.infer<typeof letterActSchema>;

export type LetterState = 'known' | 'needs-confirmation' | 'needs-second-person' | 'revoked';

export interface LetterEntry {
  letter: Letter;
  state: LetterState;
  addresses: string[];
  /** Who agreed, as stated, the first first. */
  agreed: { by: string; at: string; mailId?: string }[];
  revoked?: { by: string; at: string; reason: string };
}

/**
 * @param managers who may teach an approval alone, as they state their names
 * @returns every letter there ever was, by id
 */
export function letterEntries(acts: readonly LetterAct[], managers: readonly string[]): Map<string, LetterEntry> {
  const entries = new Map<string, LetterEntry>();
  for (const act of [...acts].sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0)))
    apply(entries, act);
  for (const entry of entries.values()) entry.state = stateOf(entry, managers);
  return entries;
}

function apply(entries: Map<string, LetterEntry>, act: LetterAct): void {
  if (act.act === 'filler') return;
  if (act.act === 'teach' || act.act === 'import') {
    const known = entries.get(act.letter.id);
    const entry: LetterEntry =
      known && !known.revoked
        ? known
        : { letter: act.letter as Letter, state: 'needs-confirmation', addresses: [], agreed: [] };
    entries.set(act.letter.id, entry);
    for (const address of act.act === 'teach' ? [act.address] : act.addresses)
      if (!entry.addresses.includes(address)) entry.addresses.push(address);
    if (act.act === 'teach') agree(entry, act);
    return;
  }
  const entry = entries.get(act.act === 'revoke' ? act.what : act.letter);
  if (!entry || entry.revoked) return;
  if (act.act === 'confirm') agree(entry, act);
  else if (act.act === 'address') entry.addresses.push(act.address);
  else entry.revoked = { by: act.by, at: act.at, reason: act.reason };
}

function agree(
  { agreed }: LetterEntry,
  { by, at, mailId }: { by: string; at: string; mailId?: string | undefined },
): void {
  if (!agreed.some((one) => samePerson(one.by, by))) agreed.push({ by, at, ...(mailId ? { mailId } : {}) });
}

function stateOf({ letter, agreed, revoked }: LetterEntry, managers: readonly string[]): LetterState {
  if (revoked) return 'revoked';
  if (agreed.length === 0) return 'needs-confirmation';
  const isEnough =
    letter.kind !== 'approved' ||
    agreed.length > 1 ||
    agreed.some(({ by }) => managers.some((manager) => samePerson(manager, by)));
  return isEnough ? 'known' : 'needs-second-person';
}

const samePerson = (one: string, other: string) => one.trim().toLowerCase() === other.trim().toLowerCase();
