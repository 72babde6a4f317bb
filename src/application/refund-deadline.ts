import { isCalendarDay } from '../calendar/day.js';
import type { Application } from './application.js';

/**
 * The last instant of the last day on which a refund can be filed, as the Web UI's list sorts by it. Undefined when there
 * is none, or none that can be read: an application that nobody has checked yet may have anything there.
 */
export function refundDeadlineOf(application: Application | undefined): Date | undefined {
  const day: unknown = application?.refundDeadline;
  return typeof day === 'string' && isCalendarDay(day) ? new Date(`${day}T23:59:59-05:00`) : undefined;
}
