import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryName } from './temporary-name.js';

/**
 * Files that are either complete or missing, and survive a power cut: they are written under a temporary name, flushed,
 * and given their name in one step. Then the directory is flushed, too. Files have mode 0600, directories 0700.
 */

/**
 * Creates the file `path` if there is none. If several callers try at the same time, in any process, exactly one gets true.
 * @param scratch a directory on the same file system
 */
export async function createExclusively(path: string, bytes: Uint8Array | string, scratch: string): Promise<boolean> {
  const temporary = await writeTemporary(bytes, scratch);
  try {
    await link(temporary, path);
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await unlink(temporary);
  }
  await flushDirectory(dirname(path));
  return true;
}

/** Creates or replaces the file `path`. The last writer wins, and a reader sees the old or the new bytes, never a mix. */
export async function replaceDurably(path: string, bytes: Uint8Array | string, scratch: string): Promise<void> {
  const temporary = await writeTemporary(bytes, scratch);
  try {
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
  await flushDirectory(dirname(path));
}

/** Makes a directory and its parents, and flushes the entry of each one up to `root`, or up to what was there before. */
export async function makeDirectory(directory: string, root = directory): Promise<void> {
  const made = await mkdir(directory, { recursive: true, mode: 0o700 });
  // Flush even what another process made, as it may not have flushed it yet.
  const top = made ? dirname(made) : root;
  for (let current = directory; current.length > top.length; current = dirname(current))
    await flushDirectory(dirname(current));
}

export async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function isSystemError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Whether the disk has no space or no room for more files, or the user's quota is used up. */
export function isDiskFull(error: unknown): boolean {
  // Node.js has no name for EDQUOT: 122 on Linux, 69 on macOS.
  return isSystemError(error, 'ENOSPC') || /system error -(?:122|69)\b/.test(String(error));
}

/** Writes and removes a file of this size. @throws the system's error if the disk is full */
export async function tryWriting(bytes: number, scratch: string): Promise<void> {
  await unlink(await writeTemporary(randomBytes(bytes), scratch));
}

async function writeTemporary(bytes: Uint8Array | string, scratch: string): Promise<string> {
  const path = join(scratch, temporaryName());
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await handle.close();
  }
  return path;
}
