import { WorkflowNotFoundError } from '@temporalio/client';

/** A Temporal that starts workflows and has deleted every history. */
export const withoutHistories = {
  options: { namespace: 'default' },
  workflow: {
    start: async () => undefined,
    getHandle: (workflowId: string) => ({
      describe: async () => {
        throw new WorkflowNotFoundError('gone', workflowId, undefined);
      },
    }),
  },
} as never;
