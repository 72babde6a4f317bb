import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CACHE_DIR, CHECKOUT } from '../support/checkout.js';

/** A compiled product with a guard taken out, to see that the verdict notices. Never a switch in the product. */
export interface Mutant {
  checkout: string;
  remove(): Promise<void>;
}

interface Change {
  /** The source. Its compiled file is changed, which has the same text there. */
  file: string;
  text: string;
  instead: string;
}

export const MUTANTS: Record<string, Change[]> = {
  /** An email is sent whether or not it was claimed before or its result is known. */
  'no-claim': [
    {
      file: 'src/mail/outgoing/send-once.ts',
      text: 'const known = await knownResult(once.archive, mail.messageId);',
      instead: 'const known = undefined;',
    },
    {
      file: 'src/mail/outgoing/send-once.ts',
      text: 'const { created } = await once.archive.createRecord(sends.key(messageId), record);',
      instead: 'const created = true;',
    },
  ],
};

/** @throws Error if there is no such mutant, or the product's text has changed */
export async function makeMutant(name: string): Promise<Mutant> {
  const changes = MUTANTS[name];
  if (!changes) throw new Error(`There is no mutant "${name}". Use one of: ${Object.keys(MUTANTS).join(', ')}.`);
  const checkout = await mkdtemp(path.join(CACHE_DIR, 'chaos-mutant-'));
  for (const entry of await readdir(CHECKOUT))
    if (entry !== 'dist' && !entry.startsWith('.'))
      await symlink(path.join(CHECKOUT, entry), path.join(checkout, entry));
  await cp(path.join(CHECKOUT, 'dist'), path.join(checkout, 'dist'), { recursive: true });
  for (const { file, text, instead } of changes) {
    const place = path.join(checkout, 'dist', file.replace(/\.ts$/, '.js'));
    const before = await readFile(place, 'utf8');
    if (before.split(text).length !== 2)
      throw new Error(`${file} does not have "${text}" exactly once. Change test/chaos/mutant.ts with it.`);
    await writeFile(place, before.replace(text, instead));
  }
  return { checkout, remove: () => rm(checkout, { recursive: true, force: true }) };
}
