import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInterceptors, WorkerInterceptors } from '@temporalio/worker';
import { isFull } from '../archive/archive.js';

/** The type of the failure. The failure converter leaves its message readable. */
const ARCHIVE_FULL = 'archive-full';

/**
 * An activity that needs space is tried again until there is some. `SpaceAlarm` says so once, so its failures are logged at
 * debug level only.
 */
export const quietWhileFull: WorkerInterceptors = { activity: [tellingSpace] };

function tellingSpace(): ActivityInterceptors {
  return {
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (!isFull(error)) throw error;
          const { message } = error;
          throw ApplicationFailure.create({ message, type: ARCHIVE_FULL, category: ApplicationFailureCategory.BENIGN });
        }
      },
    },
  };
}
