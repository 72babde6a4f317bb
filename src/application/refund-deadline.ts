import type { Application } from './application.js';

/** The last instant of the last day on which a refund can be filed, as the Web UI's list sorts by it. */
export function refundDeadlineOf(application: Application | undefined): Date | undefined {
  return application?.refundDeadline ? new Date(`${application.refundDeadline}T23:59:59-05:00`) : undefined;
}
