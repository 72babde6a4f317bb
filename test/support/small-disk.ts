import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
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

/** @param dir where it is mounted. Default: a new folder */
export function smallDisk(bytes: number, dir = mkdtempSync(path.join(tmpdir(), 'ace-disk-'))): SmallDisk {
  const filler = path.join(dir, 'filler');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', dir], { stdio: 'pipe' });
  } catch (error) {
    rmdirSync(dir);
    throw error;
  }
  // Even if a process that was killed still has a file open there.
  const unmount = () => execFileSync('umount', ['--lazy', dir], { stdio: 'pipe' });
  process.once('exit', unmount);
  return {
    dir,
    fill() {
      const file = openSync(filler, 'a');
      const piece = Buffer.alloc(1 << 20);
      try {
        for (;;) writeSync(file, piece);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove() {
      process.removeListener('exit', unmount);
      unmount();
      rmdirSync(dir);
    },
  };
}
