import { setTimeout as delay } from 'node:timers/promises';
import type { MailServers, SmtpBehaviour } from '../mail/mail-servers.js';
import type { WorkerProcess } from './worker-process.js';

/** Kills the worker a number of times at the worst moments. The same seed gives the same moments. */
export interface WorkerKiller {
  readonly kills: readonly Kill[];
  stop(): void;
}

export type Kill =
  /** At a random moment. */
  | 'any-moment'
  /** The mail server has accepted a complete message, but the worker gets no answer. */
  | 'message-taken'
  /** The mail server has a complete message, and loses it. */
  | 'message-lost';

export interface WorkerKillerOptions {
  worker: WorkerProcess;
  mail: MailServers;
  count: number;
  seed: number;
  /** Which messages to kill the worker over: the applications. */
  matters: (mail: Parameters<SmtpBehaviour>[0]) => boolean;
  /** How much of the run is over, 0 to 1. The kills are spread over it. */
  progress: () => number;
  onKill?: (kill: Kill) => void;
}

/** How long to wait for a transmission: early, while applications are sent, and late, when there may be none left. */
const TRANSMISSION_PATIENCE_MS = { early: 40_000, late: 3_000 };
/** The share of the kills that are early. */
const EARLY = 0.2;
/** All kills should have happened by this part of the run, so that late ones can catch up before it ends. */
const ALL_BY = 0.8;

export function startWorkerKiller(options: WorkerKillerOptions): WorkerKiller {
  const { worker, mail, count, seed, matters, progress, onKill } = options;
  const random = randomNumbers(seed);
  const kills: Kill[] = [];
  const stopped = new AbortController();
  const kill = (moment: Kill) => {
    worker.kill();
    kills.push(moment);
    onKill?.(moment);
  };

  void (async () => {
    while (kills.length < count) {
      const early = kills.length / count < EARLY;
      const moment = momentFrom(random(), early);
      const late = kills.length / count < progress() / ALL_BY;
      const pause = early ? 100 : late ? 300 + random() * 1_500 : pauseFrom(random());
      await delay(pause, undefined, { signal: stopped.signal });
      if (!worker.running) continue;
      if (moment === 'any-moment') kill(moment);
      else {
        const patience = early && !late ? TRANSMISSION_PATIENCE_MS.early : TRANSMISSION_PATIENCE_MS.late;
        const strike = { kill: () => kill(moment), lose: moment === 'message-lost', matters, patience };
        const killed = await duringTransmission(mail, strike, stopped.signal);
        if (!killed) kill('any-moment');
      }
    }
  })().catch(() => undefined);

  return { kills, stop: () => stopped.abort() };
}

/**
 * Milliseconds until the next kill. Mostly short, so that a worker dies again before it has recovered. Sometimes long
 * enough that the server noticed the death (heartbeats, 15 s) and work continued.
 */
function pauseFrom(number: number): number {
  return number < 0.88 ? 500 + number * 4_000 : 16_000 + (number - 0.88) * 20_000;
}

/** Prefers transmissions at the beginning, when the applications are sent. */
function momentFrom(number: number, early: boolean): Kill {
  if (number > (early ? 0.85 : 0.2)) return 'any-moment';
  return (number * 1_000) % 2 < 1.2 ? 'message-taken' : 'message-lost';
}

/** Kills the worker while the server has such a message and has not answered. False when none came in time. */
async function duringTransmission(
  mail: MailServers,
  strike: { kill: () => void; lose: boolean; matters: WorkerKillerOptions['matters']; patience: number },
  signal: AbortSignal,
): Promise<boolean> {
  let killed = false;
  mail.behave((message) => {
    if (killed || !strike.matters(message)) return 'accept';
    killed = true;
    strike.kill();
    return strike.lose ? 'lose-and-cut' : 'keep-and-cut';
  });
  const until = Date.now() + strike.patience;
  while (!killed && Date.now() < until) await delay(50, undefined, { signal });
  mail.behave(undefined);
  return killed;
}

/** Mulberry32: seeded numbers from 0 (included) to 1 (excluded). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
