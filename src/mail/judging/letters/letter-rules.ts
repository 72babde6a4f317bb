import { problemWithActor } from '../../../application/actor-validation.js';
import { MAX_TEXT, overLimit } from '../../../workflows/contract/limits.js';
import { fillerId } from './letter.js';
import {
  entryOf,
  type FillerEntry,
  type LetterAct,
  type LetterEntry,
  type LetterShelf,
  letterActSchema,
  letterDecidedBy,
  samePerson,
} from './letter-acts.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'at'> : never;
/** An act before it is on record. */
export type NewAct = WithoutTime<LetterAct>;

export interface ActAdded {
  changed: boolean;
  /** Why it added nothing, if `changed` is false. */
  why?: string;
}

export class LetterRefused extends Error {
  constructor(
    readonly code: 'not-found' | 'revoked' | 'actor-refused' | 'filler-decides' | 'invalid',
    message: string,
  ) {
    super(message);
    this.name = 'LetterRefused';
  }
}

/**
 * Checks whether an act may be recorded, and whether it would add anything.
 * @throws LetterRefused
 */
export function checkedAct(shelf: LetterShelf, act: LetterAct): { act: LetterAct; nothingNew?: string } {
  const by = act.by.trim();
  const problem = by
    ? (overLimit({ actor: by }) ?? problemWithActor(by))
    : 'The actor is missing. Give your name with --actor NAME.';
  if (problem) throw new LetterRefused('actor-refused', problem);
  const parsed = letterActSchema.safeParse({ ...act, by });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new LetterRefused('invalid', `${issue?.path.join('.') || 'It'}: ${issue?.message ?? 'has the wrong shape'}.`);
  }
  const nothingNew = problemOrNothingNew(shelf, parsed.data);
  return { act: parsed.data, ...(nothingNew ? { nothingNew } : {}) };
}

function problemOrNothingNew(shelf: LetterShelf, act: LetterAct): string | undefined {
  switch (act.act) {
    case 'teach': {
      const known = shelf.letters.get(act.letter.id);
      if (!known || known.revoked || !known.addresses.includes(act.address)) return undefined;
      return agreedAlready(known, act.by);
    }
    case 'filler': {
      refuseDeciding(shelf, act);
      const known = shelf.fillers.get(fillerId(act.domain, act.paragraph));
      return known && !known.revoked && known.agreed.length > 0 ? 'It is already known as filler.' : undefined;
    }
    case 'import':
      return importedAlready(shelf.letters.get(act.letter.id));
    case 'import-filler':
      return importedAlready(shelf.fillers.get(fillerId(act.domain, act.paragraph)));
    case 'address': {
      const known = present(shelf.letters.get(act.letter), act.letter);
      return known.addresses.includes(act.address) ? `${act.letter} may already come from ${act.address}.` : undefined;
    }
    case 'confirm': {
      const known = present(entryOf(shelf, act.what), act.what);
      if ('paragraph' in known) refuseDeciding(shelf, known);
      else refuseFiller(shelf, known);
      return agreedAlready(known, act.by);
    }
    case 'revoke': {
      const known = entryOf(shelf, act.what);
      if (known?.revoked) return `${act.what} was already revoked by ${known.revoked.by}: ${known.revoked.reason}`;
      present(known, act.what);
      if (!act.reason.trim()) throw new LetterRefused('invalid', 'The reason is missing. Give it with --reason WHY.');
      if (act.reason.length > MAX_TEXT)
        throw new LetterRefused(
          'invalid',
          `The reason has ${act.reason.length} characters; at most ${MAX_TEXT} are allowed.`,
        );
      return undefined;
    }
  }
}

function present<T extends LetterEntry | FillerEntry>(entry: T | undefined, id: string): T {
  if (!entry)
    throw new LetterRefused(
      'not-found',
      `There is no letter or filler block "${id}". Run "ace-onboarding letters list" to see them.`,
    );
  if (entry.revoked)
    throw new LetterRefused(
      'revoked',
      `${id} was revoked by ${entry.revoked.by} on ${entry.revoked.at.slice(0, 10)}: ${entry.revoked.reason}. If that was a mistake, teach it again from an email with "ace-onboarding letters add".`,
    );
  return entry;
}

function agreedAlready({ agreed, state }: LetterEntry | FillerEntry, by: string): string | undefined {
  const before = agreed.find((one) => samePerson(one.by, by));
  if (!before) return undefined;
  const wanted = state === 'needs-second-person' ? ' Someone else has to confirm it.' : '';
  return `${before.by} already agreed on ${before.at.slice(0, 10)}.${wanted}`;
}

function importedAlready(entry: LetterEntry | FillerEntry | undefined): string | undefined {
  if (entry?.revoked) return `It was revoked here by ${entry.revoked.by}: ${entry.revoked.reason}`;
  return entry ? 'It is already here.' : undefined;
}

/** A decisive paragraph must not be filler, which may be absent: an approval without its condition is another letter. */
function refuseDeciding(shelf: LetterShelf, { domain, paragraph }: { domain: string; paragraph: string }): void {
  const letter = letterDecidedBy(shelf, domain, paragraph);
  if (letter)
    throw new LetterRefused('filler-decides', `This paragraph decides in ${letter.id}, so it cannot be filler.`);
}

/** The reverse check, for a letter from another archive or one taught at the same time. */
function refuseFiller({ fillers }: LetterShelf, { letter }: LetterEntry): void {
  for (const { id, state, domain, paragraph } of fillers.values())
    for (const part of Object.values(letter.parts))
      if (state === 'known' && letter.domain === domain && part?.paragraphs[part.decisive] === paragraph)
        throw new LetterRefused(
          'filler-decides',
          `The decisive paragraph of ${letter.id} is filler here (${id}). If it does decide, revoke that filler block first.`,
        );
}
