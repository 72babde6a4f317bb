import type { BrokerCalendar, CalendarPolicy, Policy } from '../../src/calendar/policy.js';

const calendar: CalendarPolicy = { cutOffHour: 17, extraClosures: [], inaugurationDay: false };

const broker: BrokerCalendar = {
  timeZone: 'America/New_York',
  openingHour: 8,
  federalHolidays: true,
  extraClosures: [],
  inaugurationDay: false,
};

/** The default policy. */
export const POLICY: Policy = {
  calendar,
  broker,
  acknowledgementDays: 1,
  lateDays: 5,
  overdueDays: 10,
  approvalQuestions: 4,
  correctionReminderDays: [2, 5, 8],
  grantReminderDays: [2, 5, 8],
  grantSilentDays: 10,
  grantParkedDays: 20,
  refundAlarmDays: 14,
  sendReconcileSeconds: 900,
  acceptsNarrowerRole: false,
};
