import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A disk of its own for a test, in memory. */
export interface SmallDisk {
  dir: string;
  /** Takes up everything, to the last byte. */
  fill(): void;
  /** Frees what `fill` took. */
  empty(): void;
  remove(): void;
}

/** Prints a message where no disk can be mounted: a skipped test must not look like a passed one. */
export function smallDisksAreMissing(): boolean {
  try {
    smallDisk(2 ** 16).remove();
    return false;
  } catch (error) {
    process.stderr.write(
      `\n*** SKIPPED: no disk can be mounted here, so a full disk is not tested. It needs Linux and root: ${String(error).split('\n')[0]}\n\n`,
    );
    return true;
  }
}

export function smallDisk(bytes: number): SmallDisk {
  const dir = mkdtempSync(path.join(tmpdir(), 'ace-disk-'));
  const filler = path.join(dir, 'filler');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir], { stdio: 'pipe' });
  } catch (error) {
    rmdirSync(dir);
    throw error;
  }
  return {
    dir,
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (;;) writeSync(file, Buffer.alloc(4096));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler),
    remove() {
      execFileSync('umount', [dir], { stdio: 'pipe' });
      rmdirSync(dir);
    },
  };
}
