import { asyncLocalStorage } from '@temporalio/activity';

const HEARTBEAT_MS = 5_000;

/**
 * Runs the work of an activity while telling the server that its worker lives: a dead one is then noticed within the
 * activity's heartbeat timeout. The signal aborts when the server wants the activity to stop. Outside of an activity, just runs.
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
