import type { WorkflowInterceptors } from '@temporalio/workflow';

/**
 * Refuses to process events outside a workflow task.
 *
 * A query that waited for a worker arrives with all events so far, including those of a workflow task that has not
 * started. The SDK applies them to answer the query, at the time of the previous task, and what the workflow does about
 * them stays in the worker's cache. The next task then produces commands in an order that no replay can repeat, and the
 * onboarding is stuck. So the query fails instead, and the worker discards its cache. The next try gets an answer.
 * docs/decisions/0019-whole-tasks-only.md
 */
export const interceptors = (): WorkflowInterceptors => {
  let previousTask: string | undefined;
  return {
    inbound: [],
    outbound: [],
    internals: [
      {
        activate(input, next) {
          const { jobs, timestamp, historySizeBytes, isReplaying } = input.activation;
          const isOnlyQueries = jobs?.every((job) => job.queryWorkflow);
          const bringsEvents = jobs?.some((job) => job.signalWorkflow || job.fireTimer || job.resolveActivity);
          // Identifies a workflow task. Two tasks in a row can share one of the values: the size if the second follows at
          // once, the time if the server's clock was set back.
          const task = `${timestamp?.seconds}.${timestamp?.nanos} ${historySizeBytes}`;
          if (bringsEvents && !isReplaying && task === previousTask && input.batchIndex === 0)
            throw new Error(QUERIED_TOO_EARLY);
          if (!isOnlyQueries) previousTask = task;
          next(input);
        },
      },
    ],
  };
};

/** The caller can simply query again. */
const QUERIED_TOO_EARLY = 'A new worker is loading the onboarding. Ask again.';
