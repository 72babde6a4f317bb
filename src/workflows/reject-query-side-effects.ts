import type { WorkflowInterceptors } from '@temporalio/workflow';

/**
 * Refuses to go on outside of a workflow task.
 *
 * A query that waited for a worker is handed to it with all events there are by then, also those that belong to a
 * workflow task yet to come. The SDK applies them to answer, at the clock of the task before, and what the workflow
 * does about them stays in the worker's cache: the next task's history then has commands in an order that no replay
 * makes again, and the onboarding is stuck. Here the query fails instead and the cache is thrown away; asked again it is
 * answered. docs/decisions/0019-whole-tasks-only.md
 */
export const interceptors = (): WorkflowInterceptors => {
  let taskBefore: string | undefined;
  return {
    inbound: [],
    outbound: [],
    internals: [
      {
        activate(input, next) {
          const { jobs, timestamp, historySizeBytes, isReplaying } = input.activation;
          const onlyAsked = jobs?.every((job) => job.queryWorkflow);
          const bringsEvents = jobs?.some((job) => job.signalWorkflow || job.fireTimer || job.resolveActivity);
          // What a workflow task starts with. One of the two may stand still over two tasks: the size when the second
          // follows at once, the clock when the server's was set back.
          const task = `${timestamp?.seconds}.${timestamp?.nanos} ${historySizeBytes}`;
          if (bringsEvents && !isReplaying && task === taskBefore && input.batchIndex === 0)
            throw new Error(ASKED_TOO_EARLY);
          if (!onlyAsked) taskBefore = task;
          next(input);
        },
      },
    ],
  };
};

/** What a query fails with that is to be asked again. */
const ASKED_TOO_EARLY = 'The onboarding is being taken up by a new worker. Ask again.';
