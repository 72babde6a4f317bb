import type { HistoryAndWorkflowId } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';

/** A workflow's past, and who it is. */
export interface Past {
  workflowId: string;
  history: HistoryAndWorkflowId['history'];
}

export interface Replayed {
  workflowId: string;
  runId: string;
  /** Why these workflows could not go on with this code; undefined: they can. */
  problem?: string;
}

/** Lets workflows go through their pasts again with the code at hand: what is not the same would get stuck after a deploy. */
export async function* replayed(
  workflowBundle: WorkflowBundleOption,
  pasts: Iterable<Past> | AsyncIterable<Past>,
  converters: Pick<Parameters<typeof Worker.runReplayHistories>[0], 'dataConverter'> = {},
): AsyncIterable<Replayed> {
  for await (const { workflowId, runId, error } of Worker.runReplayHistories(
    { workflowBundle, ...converters },
    pasts,
  )) {
    yield { workflowId, runId, ...(error ? { problem: error.message } : {}) };
  }
}
