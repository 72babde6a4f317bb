import type { Worker } from '@temporalio/worker';

/**
 * Runs workers until they are told to stop. If one fails, it stops the others, too: a process that only sends email, or only
 * runs workflows, would look alive.
 * @throws the error of the first that failed, once all have ended
 */
export async function runWorkers(workers: readonly Pick<Worker, 'run' | 'shutdown' | 'getState'>[]): Promise<void> {
  const stopAll = () => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  let first: { error: unknown } | undefined;
  await Promise.all(
    workers.map((worker) =>
      worker.run().catch((error: unknown) => {
        first ??= { error };
        stopAll();
      }),
    ),
  );
  if (first) throw first.error;
}
