import type { Policy } from '../calendar/policy.js';
import { deadlinesOf } from '../calendar/schedule.js';
import type { DeadlineActivities } from '../workflows/contract/waits.js';

export function createDeadlineActivities({ policy }: { policy: Policy }): DeadlineActivities {
  return {
    async computeDeadlines(start) {
      return deadlinesOf(start, policy);
    },
  };
}
