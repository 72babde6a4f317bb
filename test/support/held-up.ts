import { readFileSync } from 'node:fs';

/**
 * How long something took, not counting the time it waited for a processor on a busy machine. That is known only on Linux;
 * elsewhere all time counts.
 */

/** Milliseconds this thread has waited for a processor. */
export const ownWait = () => waited('/proc/thread-self/schedstat');

/** The same for the first thread of another process. If that is gone, the last known value. */
export function waitOf(pid: number): number {
  return waited(`/proc/${pid}/schedstat`);
}

function waited(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** Seconds of processor time that a process has used in all its threads. 0 if the system does not report it. */
export function processorSecondsOf(pid: number): number {
  try {
    // After the name, which can contain anything: fields 12 and 13, in hundredths of a second.
    const numbers = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(numbers[11]) + Number(numbers[12])) / 100;
  } catch {
    return 0;
  }
}

/** Memory that a process has now, in MB. 0 if the system does not report it. */
export function residentMegabytes(pid: number): number {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 1024 / 1024;
  } catch {
    return 0;
  }
}

/** The longest single hold-up of this thread's event loop during `work`, in milliseconds. */
export async function longestHoldUp(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let [at, wait] = [performance.now(), ownWait()];
  const look = () => {
    const [now, waitedNow] = [performance.now(), ownWait()];
    longest = Math.max(longest, now - at - (waitedNow - wait));
    [at, wait] = [now, waitedNow];
  };
  const timer = setInterval(look, 1);
  await work();
  look();
  clearInterval(timer);
  return longest;
}
