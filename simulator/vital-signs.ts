import { diskProblem } from '../scripts/machine-problem.mjs';

export interface VitalSignsOptions {
  /** Where the run writes; tried each second, since a full disk shows itself nowhere else for a long time. */
  folder: string;
  /** Asks the Temporal server for anything; rejects when it does not answer soon. */
  askServer: () => Promise<unknown>;
  /** Of the Temporal server, for people. */
  logFile: string;
  /** It may still come back. */
  onWarning: (line: string) => void;
  /** The run can't go on; called once. */
  onFailure: (error: Error) => void;
}

const INTERVAL_MS = 1_000;
const SILENCE_MS = { warning: 10_000, failure: 60_000 };

/** Watches what a run stands on and no process of its own reports: a disk that takes data, and a server that answers. */
export function watchVitalSigns(options: VitalSignsOptions): { stop(): void } {
  const { folder, askServer, logFile, onWarning, onFailure } = options;
  let answeredAt = Date.now();
  let warned = false;
  let asking = false;
  const stop = () => clearInterval(timer);
  const fail = (message: string) => {
    stop();
    onFailure(new Error(message));
  };

  const timer = setInterval(() => {
    void diskProblem(folder).then((problem) => problem && fail(problem));
    const silent = Date.now() - answeredAt;
    const sentence = `The Temporal server has not answered for ${Math.round(silent / 1000)} seconds.`;
    if (silent >= SILENCE_MS.failure) return fail(`${sentence} Start again; its log is ${logFile}`);
    if (silent >= SILENCE_MS.warning && !warned) {
      warned = true;
      onWarning(`${sentence} Its log is ${logFile}`);
    }
    if (asking) return;
    asking = true;
    void askServer()
      .then(
        () => {
          answeredAt = Date.now();
          warned = false;
        },
        () => undefined,
      )
      .finally(() => {
        asking = false;
      });
  }, INTERVAL_MS);
  return { stop };
}
