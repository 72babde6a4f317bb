import type { CalendarPolicy, Policy } from '../../../src/calendar/policy.js';

export const calendar: CalendarPolicy = { cutOffHour: 17, extraClosures: [], inaugurationDay: false };

export const policy: Policy = {
  calendar,
  acknowledgementDays: 1,
  lateDays: 5,
  overdueDays: 10,
  grantReminderDays: [2, 5, 8],
  grantSilentDays: 10,
  grantParkedDays: 20,
  sendReconcileSeconds: 900,
};
