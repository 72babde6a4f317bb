import type { Archive } from '../../../archive/archive.js';
import { type ReminderSlot, reminderSlots } from '../../../archive/records.js';
import { addDays, instantIn, inZone, weekday } from '../../../calendar/day.js';
import type { Policy } from '../../../calendar/policy.js';
import { nextReminderSlot } from '../../../calendar/schedule.js';

/** Reminders of one person in a week, Monday to Sunday, over all cases. Never two on one day. */
export const REMINDERS_A_WEEK = 2;
/** Clocks of servers and workers differ. A reminder that is due at nine is not put off because of that. */
const CLOCK_SKEW_MS = 60_000;

/** Whether a reminder may go out now. */
export type Turn =
  | { kind: 'ours'; place: Place }
  /** The person gets another reminder today. `until`: when it would be this one's turn. */
  | { kind: 'taken'; by: ReminderSlot; until: Date }
  | { kind: 'later'; until: Date };

interface Place {
  week: string;
  number: number;
}

export type Reminder = Pick<ReminderSlot, 'workflowId' | 'reference' | 'template' | 'ordinal'>;

/**
 * Takes one of the person's reminders of this week, or says whose email goes out instead, or when to ask again. Asking again
 * on the same day gives the same answer. A turn that was taken and not used that day is lost: the person gets fewer emails,
 * never more.
 * @param timeZone the client's, an IANA name
 */
export async function takeTurn(
  archive: Archive,
  person: string,
  { workflowId, reference, template, ordinal }: Reminder,
  now: Date,
  timeZone: string,
  policy: Policy,
): Promise<Turn> {
  const allowed = (after: Date) => nextReminderSlot(after, timeZone, policy);
  const open = allowed(now);
  if (open.getTime() - now.getTime() > CLOCK_SKEW_MS) return { kind: 'later', until: open };
  const { day, week, nextDay, nextWeek } = personsDay(now, timeZone, policy);
  for (let number = 1; number <= REMINDERS_A_WEEK; number++) {
    const mine: ReminderSlot = { day, workflowId, reference, template, ordinal };
    const claim = await archive.createRecord(reminderSlots.key(person, week, number), mine);
    if (claim.created) return { kind: 'ours', place: { week, number } };
    const slot = reminderSlots.schema.parse(claim.existing);
    if (slot.unsent || slot.day !== day) continue;
    if (slot.workflowId === workflowId && slot.template === template && slot.ordinal === ordinal)
      return { kind: 'ours', place: { week, number } };
    return { kind: 'taken', by: slot, until: allowed(number < REMINDERS_A_WEEK ? nextDay : nextWeek) };
  }
  return { kind: 'later', until: allowed(nextWeek) };
}

/** For a reminder that was refused: another one may go out that day. Only for the owner of the place. */
export async function giveUpTurn(archive: Archive, person: string, place: Place, reminder: Reminder): Promise<void> {
  const key = reminderSlots.key(person, place.week, place.number);
  const slot = reminderSlots.schema.parse(await archive.readRecord(key));
  if (slot.workflowId === reminder.workflowId) await archive.replaceRecord(key, { ...slot, unsent: true });
}

interface PersonsDay {
  day: string;
  week: string;
  nextDay: Date;
  nextWeek: Date;
}

const REHEARSED_WEEK = 5;

/** The day and week at the client's. In a rehearsal, a week has five business days, and they pass at its pace. */
function personsDay(now: Date, timeZone: string, { calendar: { pace } }: Policy): PersonsDay {
  if (pace) {
    const ms = pace.secondsPerBusinessDay * 1_000;
    const days = Math.floor(now.getTime() / ms);
    const weeks = Math.floor(days / REHEARSED_WEEK);
    return {
      day: `rehearsed-${days}`,
      week: `rehearsed-${weeks}`,
      nextDay: new Date(Math.ceil((days + 1) * ms)),
      nextWeek: new Date(Math.ceil((weeks + 1) * REHEARSED_WEEK * ms)),
    };
  }
  const { day } = inZone(now, timeZone);
  const week = addDays(day, -((weekday(day) + 6) % 7));
  return {
    day,
    week,
    nextDay: instantIn(timeZone, addDays(day, 1), 0),
    nextWeek: instantIn(timeZone, addDays(week, 7), 0),
  };
}
