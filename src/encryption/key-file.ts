import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createExclusively, isSystemError, makeDirectory, replaceDurably } from '../files/durable-file.js';
import { newKey } from './keyring.js';

/**
 * The file that `ENCRYPTION_KEYS_FILE` names: one key a line, the writing key first, mode 0600.
 */

/** Makes the file with a new key if there is none. Processes that start at the same time get the same key. */
export async function makeKeyFile(file: string, now = new Date()): Promise<void> {
  const path = resolve(file);
  await makeDirectory(dirname(path));
  await createExclusively(path, line(newKey(), now), dirname(path));
}

/**
 * Adds a new key: after the others for reading, so that every process can read with it before any writes with it, or
 * before them for writing.
 */
export async function addKey(file: string, place: 'for reading' | 'for writing', now = new Date()): Promise<void> {
  const path = resolve(file);
  const present = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (present === undefined) return await makeKeyFile(path, now);
  const before = present === '' || present.endsWith('\n') ? present : `${present}\n`;
  const added = line(newKey(), now);
  await replaceDurably(path, place === 'for writing' ? `${added}${before}` : `${before}${added}`, dirname(path));
}

function line(key: string, now: Date): string {
  return `${key} # made ${now.toISOString().slice(0, 10)}\n`;
}
