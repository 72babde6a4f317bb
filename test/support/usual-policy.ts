import type { CalendarPolicy, Policy } from '../../src/calendar/policy.js';

const calendar: CalendarPolicy = { cutOffHour: 17, extraClosures: [], inaugurationDay: false };

/** The default policy. */
export const POLICY: Policy = {
  calendar,
  acknowledgementDays: 1,
  lateDays: 5,
  overdueDays: 10,
  grantReminderDays: [2, 5, 8],
  grantSilentDays: 10,
  grantParkedDays: 20,
  sendReconcileSeconds: 900,
};
