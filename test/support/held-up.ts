import { readFileSync } from 'node:fs';

/**
 * How long something took without the time spent waiting for a processor, which a busy machine decides. Linux tells;
 * elsewhere all time counts.
 */

/** Milliseconds this thread has waited for a processor. */
export const ownWait = () => waited('/proc/thread-self/schedstat');

/** The same of another process's first thread; what was last known when it is gone. */
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

/** Seconds of processor time a process has used, all its threads together; 0 where the system does not tell. */
export function processorSecondsOf(pid: number): number {
  try {
    // After the name, which may hold anything: the 12th and 13th, in hundredths.
    const numbers = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(numbers[11]) + Number(numbers[12])) / 100;
  } catch {
    return 0;
  }
}

/** Milliseconds the event loop of this thread was held up at the longest, at one go, while `work` went on. */
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
