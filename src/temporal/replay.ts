import type { HistoryAndWorkflowId } from '@temporalio/client';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';

/** A workflow and its history. */
export interface Past {
  workflowId: string;
  history: HistoryAndWorkflowId['history'];
}

export interface Replayed {
  workflowId: string;
  runId: string;
  /** Why the workflow cannot continue with this code; undefined if it can. */
  problem?: string;
}

/** Replays histories with this code. Workflows that do not replay the same way would get stuck after a deploy. */
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
