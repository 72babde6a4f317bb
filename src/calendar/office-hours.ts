import { isBusinessDay } from './business-days.js';
import { addDays, type Day, instantIn, inZone, weekday } from './day.js';
import type { BrokerCalendar } from './policy.js';

/**
 * When clients get reminders, as a good office would send them: Monday to Thursday, in the client's own office hours, and
 * only on days when the broker's people are there to answer.
 */
const CLIENT_HOURS = { weekdays: [1, 2, 3, 4], from: 9, to: 16 } as const;

/** The instant itself if it is in a client's office hours, otherwise the beginning of the next ones. */
export function nextClientHour(after: Date, timeZone: string, broker: BrokerCalendar): Date {
  const { day, hour } = inZone(after, timeZone);
  if (isClientDay(day, broker) && hour < CLIENT_HOURS.to)
    return hour >= CLIENT_HOURS.from ? after : clientMorning(day, timeZone);
  let next = addDays(day, 1);
  while (!isClientDay(next, broker)) next = addDays(next, 1);
  return clientMorning(next, timeZone);
}

function isClientDay(day: Day, broker: BrokerCalendar): boolean {
  return (CLIENT_HOURS.weekdays as readonly number[]).includes(weekday(day)) && isBusinessDay(day, broker);
}

export function clientMorning(day: Day, timeZone: string): Date {
  return instantIn(timeZone, day, CLIENT_HOURS.from);
}

/** When the broker's people start work on a day. */
export function brokerMorning(day: Day, broker: BrokerCalendar): Date {
  return instantIn(broker.timeZone, day, broker.openingHour);
}
