import { fullDisk, isDiskFull } from '../../scripts/machine-problem.mjs';

export interface VitalSignsOptions {
  /** Where the run writes. Checked each second, because a full disk shows nowhere else for a long time. */
  folder: string;
  /** Sends any request to the Temporal server. Rejects when it does not answer soon. */
  askServer: () => Promise<unknown>;
  /** The Temporal server's log, shown to the user. */
  logFile: string;
  /** Called while it may still recover. */
  onWarning: (line: string) => void;
  /** Called when the run has to end, at most once, and not after `stop`. */
  onFailure: (error: Error) => void;
  /** Default: tries to write. */
  isFull?: (folder: string) => Promise<boolean>;
}

const INTERVAL_MS = 1_000;
/** Seconds without an answer, counted instead of read from a clock, because the machine may sleep. */
const SILENCE = { warning: 10, failure: 60 };

/** Watches what a run depends on: that the disk has space, and that the server answers. */
export function watchVitalSigns(options: VitalSignsOptions): { stop(): void } {
  const { folder, askServer, logFile, onWarning, onFailure, isFull = isDiskFull } = options;
  let silence = 0;
  let stopped = false;
  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  const fail = (message: string) => {
    if (stopped) return;
    stop();
    onFailure(new Error(message));
  };

  const look = oneAtATime(async () => {
    if (await isFull(folder)) fail(fullDisk(folder));
  });
  const ask = oneAtATime(async () => {
    await askServer();
    silence = 0;
  });
  const timer = setInterval(() => {
    silence += 1;
    const sentence = `The Temporal server has not answered for ${silence} seconds.`;
    if (silence === SILENCE.warning) onWarning(`${sentence} Its log is ${logFile}`);
    if (silence >= SILENCE.failure) fail(`${sentence} Start again; its log is ${logFile}`);
    look();
    ask();
  }, INTERVAL_MS);
  return { stop };
}

/** Runs something unless it is still running. Ignores its failures. */
function oneAtATime(work: () => Promise<void>): () => void {
  let running = false;
  return () => {
    if (running) return;
    running = true;
    void work()
      .catch(() => undefined)
      .finally(() => {
        running = false;
      });
  };
}
