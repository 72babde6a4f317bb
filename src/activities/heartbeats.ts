import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';

const HEARTBEAT_MS = 5_000;

/**
 * Sends heartbeats while an activity works, so that the server notices a dead worker within the heartbeat timeout. The
 * signal aborts when the server wants the activity to stop. Outside an activity this only runs the function.
 */
export async function whileHeartbeating<T>(run: (signal?: AbortSignal) => Promise<T>): Promise<T> {
  const context = asyncLocalStorage.getStore();
  if (!context) return run();
  context.heartbeat();
  const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await run(context.cancellationSignal);
  } catch (error) {
    context.cancellationSignal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/** Thrown when an activity makes no progress, so that this worker or another one starts it again. */
export const WATCHER_STUCK = 'WATCHER_STUCK';
/** Thrown when the worker shuts down: another worker takes over at once. */
export const WATCHER_STOPPED = 'WATCHER_STOPPED';

export interface Watchdog {
  /** Aborts when the steps stop, when the activity is canceled, and when the worker shuts down. */
  signal: AbortSignal;
  /** Call it at each step. */
  progress: () => void;
  stop: () => void;
}

/**
 * Sends the heartbeats of a long activity for as long as it takes its steps.
 * @param stopping aborts as soon as the worker is told to stop
 */
export function startWatchdog(
  context: Context,
  { stuckMs, heartbeatMs }: { stuckMs: number; heartbeatMs: number },
  stopping?: AbortSignal,
): Watchdog {
  const stopped = new AbortController();
  let lastStep = Date.now();
  const beat = setInterval(() => {
    if (Date.now() - lastStep < stuckMs) return context.heartbeat();
    stopped.abort(
      ApplicationFailure.create({
        type: WATCHER_STUCK,
        message: 'The watcher made no progress for too long; restarting.',
      }),
    );
  }, heartbeatMs);
  const end = () => stopped.abort(whyStopped(context, stopping));
  whenAborted(context.cancellationSignal, end);
  if (stopping) whenAborted(stopping, end);
  return {
    signal: stopped.signal,
    progress: () => {
      lastStep = Date.now();
    },
    stop: () => {
      clearInterval(beat);
      context.cancellationSignal.removeEventListener('abort', end);
      stopping?.removeEventListener('abort', end);
      stopped.abort();
    },
  };
}

/**
 * What an activity throws when it must stop: the cancellation, if someone asked for one. If the worker shuts down, a
 * failure that is retried elsewhere at once, because the server rejects a cancellation that no one asked for.
 */
export function whyStopped(context: Context, stopping?: AbortSignal): unknown {
  const reason: unknown = context.cancellationSignal.reason;
  const canceled = reason instanceof Error && reason.message !== 'WORKER_SHUTDOWN';
  if (canceled || !(context.cancellationSignal.aborted || stopping?.aborted)) return reason;
  return ApplicationFailure.create({
    type: WATCHER_STOPPED,
    message: 'The worker is shutting down; another one takes over.',
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Rejects with the signal's reason once it aborts. */
export function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    whenAborted(signal, () => reject(signal.reason));
  });
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}
