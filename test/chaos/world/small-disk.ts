import { spawnSync } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';

/** A file system of its own that can be full. */
export interface Disk {
  fill(): Promise<void>;
  free(): Promise<void>;
  unmount(): void;
}

/** Undefined if this user may not mount, which is said loudly: then the folder is an ordinary one. */
export async function smallDisk(folder: string, megabytes: number): Promise<Disk | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', folder]);
  if (mounted.status !== 0) {
    process.stderr.write(
      '\n*** LEFT OUT: this user may not mount a file system (root may), so no disk gets full in this run.\n\n',
    );
    return undefined;
  }
  const unmountNow = () => void spawnSync('umount', ['--lazy', folder]);
  process.once('exit', unmountNow);
  const filler = path.join(folder, 'filler');
  return {
    async fill() {
      const file = await open(filler, 'w');
      try {
        for (const bytes of [Buffer.alloc(1 << 20), Buffer.alloc(4_096)]) while (await fits(file, bytes));
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    unmount() {
      unmountNow();
      process.removeListener('exit', unmountNow);
    },
  };
}

async function fits(file: Awaited<ReturnType<typeof open>>, bytes: Buffer): Promise<boolean> {
  try {
    return (await file.write(bytes)).bytesWritten === bytes.length;
  } catch {
    return false;
  }
}
