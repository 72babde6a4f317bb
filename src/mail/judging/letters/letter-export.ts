import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { withItems } from '../../../application/plain-text.js';
import { isSystemError, replaceDurably } from '../../../files/durable-file.js';
import { fillerId, type LetterBook } from './letter.js';
import { bookOf, type LetterAct, type LetterShelf, letterSchema, shelfOf } from './letter-acts.js';
import { checkedAct } from './letter-rules.js';
import type { LetterStore } from './letter-store.js';

/**
 * Letters in a file, to take them to another archive or to judge email without one. The file contains masked paragraphs and
 * the stated names of the people who agreed, and no client data.
 */
const agreed = z.array(z.strictObject({ by: z.string().min(1), at: z.iso.datetime(), mailId: z.string().optional() }));
const exported = z.strictObject({
  version: z.literal(1),
  letters: z.array(
    letterSchema.and(z.object({ addresses: z.array(z.string().regex(/^[^\sA-Z@<>]+@[^\sA-Z@<>]+$/)).min(1), agreed })),
  ),
  fillers: z.array(
    z.strictObject({
      domain: z.string().regex(/^[a-z0-9.-]{1,253}$/),
      paragraph: z.string().min(1).max(20_000),
      agreed,
    }),
  ),
});
export type LetterExport = z.infer<typeof exported>;

export class LetterExportError extends Error {
  constructor(
    message: string,
    /** Each begins with the field: `letters.0.parts.text.decisive: …`. */
    readonly problems: string[] = [],
  ) {
    super(problems.length > 0 ? withItems(`${message} Problems:`, problems) : message);
    this.name = 'LetterExportError';
  }
}

/** Everything that is not revoked, whether it counts yet or not. */
export function exportOf({ letters, fillers }: LetterShelf): LetterExport {
  return {
    version: 1,
    letters: [...letters.values()]
      .filter(({ state }) => state !== 'revoked')
      .map(({ letter, addresses, agreed }) => ({ ...(letter as LetterExport['letters'][number]), addresses, agreed })),
    fillers: [...fillers.values()]
      .filter(({ state }) => state !== 'revoked')
      .map(({ domain, paragraph, agreed }) => ({ domain, paragraph, agreed })),
  };
}

/** @throws LetterExportError */
export async function readLetterFile(file: string): Promise<LetterExport> {
  let data: unknown;
  try {
    data = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : `cannot be read: ${(error as Error).message}`;
    throw new LetterExportError(`${file} ${why}. Use a file that "ace-onboarding letters export" wrote.`);
  }
  const parsed = exported.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new LetterExportError(
    `${file} is not an export of letters. Make a new one with "ace-onboarding letters export".`,
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
  );
}

/**
 * The letters in a file that count, because enough of the people named in it agreed.
 * @param managers people who may teach an approval alone
 * @throws LetterExportError
 */
export async function readLetterExport(file: string, managers: readonly string[] = []): Promise<LetterBook> {
  return bookOf(shelfOf(actsIn(await readLetterFile(file)), managers));
}

/** The acts that lead to the content of the file. */
function actsIn({ letters, fillers }: LetterExport): LetterAct[] {
  const file = { by: 'the file', at: new Date(0).toISOString() };
  return [
    ...letters.flatMap(({ addresses, agreed, ...letter }): LetterAct[] => [
      { act: 'import', ...file, letter, addresses },
      ...agreed.map((one): LetterAct => ({ act: 'confirm', what: letter.id, ...one })),
    ]),
    ...fillers.flatMap(({ domain, paragraph, agreed }): LetterAct[] =>
      agreed.length === 0
        ? [{ act: 'import-filler', ...file, domain, paragraph }]
        : agreed.map((one): LetterAct => ({ act: 'filler', domain, paragraph, ...one, mailId: one.mailId ?? '' })),
    ),
  ];
}

/** Letters in a file instead of an archive. A missing file counts as empty. For one person at a time. */
export function createLetterFile(
  file: string,
  { managers, now = () => new Date() }: { managers: readonly string[]; now?: () => Date },
): LetterStore {
  async function acts(): Promise<LetterAct[]> {
    try {
      return actsIn(await readLetterFile(file));
    } catch (error) {
      if (await isMissing(file)) return [];
      throw error;
    }
  }
  return {
    async book() {
      return { version: '', book: bookOf(shelfOf(await acts(), managers)) };
    },

    async entries() {
      return shelfOf(await acts(), managers);
    },

    async add(act) {
      const before = await acts();
      const wanted = { ...act, at: now().toISOString() } as LetterAct;
      const { act: checked, nothingNew } = checkedAct(shelfOf(before, managers), wanted);
      if (nothingNew) return { changed: false, why: nothingNew };
      const after = exportOf(shelfOf([...before, checked], managers));
      await replaceDurably(file, `${JSON.stringify(after, null, 2)}\n`, path.dirname(file));
      return { changed: true };
    },
  };
}

async function isMissing(file: string): Promise<boolean> {
  return await readFile(file).then(
    () => false,
    (error: unknown) => isSystemError(error, 'ENOENT'),
  );
}

/** The acts for importing a file: each letter and filler block, without anyone's agreement. */
export function importActs({ letters, fillers }: LetterExport, by: string) {
  return [
    ...letters.map(({ addresses, agreed: _, ...letter }) => ({
      id: letter.id,
      act: { act: 'import' as const, by, letter, addresses },
    })),
    ...fillers.map(({ domain, paragraph }) => ({
      id: fillerId(domain, paragraph),
      act: { act: 'import-filler' as const, by, domain, paragraph },
    })),
  ];
}
