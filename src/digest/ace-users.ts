import type { Archive } from '../archive/archive.js';
import { type AceUserRecord, aceUsers, read } from '../archive/records.js';
import { addDays, type Day } from '../calendar/day.js';
import { shortDay } from '../calendar/format.js';
import type { Config } from '../config/config.js';

/**
 * The broker's own users in ACE. ACE disables a user after 45 days without a sign-in (73 FR 38464), and then the broker
 * sees no client any more. Nothing tells us about sign-ins, so people record them.
 */
export interface AceUser {
  email: string;
  /** Absent if no sign-in was ever recorded. */
  last?: AceUserRecord;
  /** Calendar days since then. */
  days?: number;
  /** Absent below `ALARM_DAYS`. */
  alarm?: 'soon' | 'urgent' | 'disabled' | 'never-recorded';
}

const ALARM_DAYS = 30;
const URGENT_DAYS = 40;
/** 73 FR 38464. */
const DISABLED_DAYS = 45;

/** The addresses of the broker's ACE users: BROKER_ACE_EMAIL, and the second user's if there is one. */
export function aceAddresses({ aceEmail, aceSecondEmail }: Pick<Config['broker'], 'aceEmail' | 'aceSecondEmail'>) {
  return [aceEmail, ...(aceSecondEmail ? [aceSecondEmail] : [])];
}

export async function aceUsersOf(archive: Archive, addresses: readonly string[], today: Day): Promise<AceUser[]> {
  return await Promise.all(addresses.map(async (email) => aceUser(email, await read(archive, aceUsers, email), today)));
}

function aceUser(email: string, last: AceUserRecord | undefined, today: Day): AceUser {
  if (!last) return { email, alarm: 'never-recorded' };
  const days = Math.max(0, (Date.parse(today) - Date.parse(last.signedInOn)) / 86_400_000);
  const alarm =
    days >= DISABLED_DAYS ? 'disabled' : days >= URGENT_DAYS ? 'urgent' : days >= ALARM_DAYS ? 'soon' : undefined;
  return { email, last, days, ...(alarm ? { alarm } : {}) };
}

/** Records a sign-in, unless a later one is on record. @returns the one on record afterwards */
export async function recordSignIn(archive: Archive, email: string, signedIn: AceUserRecord): Promise<AceUserRecord> {
  const known = await read(archive, aceUsers, email);
  if (known && known.signedInOn >= signedIn.signedInOn) return known;
  await archive.replaceRecord(aceUsers.key(email), signedIn);
  return signedIn;
}

/** What to do about a user, in sentences. Undefined if there is nothing to do. */
export function aceUserAlarm({ email, last, days, alarm }: AceUser): string | undefined {
  const record = 'Then record it: ace-onboarding ace-user signed-in --actor NAME';
  if (alarm === undefined) return undefined;
  if (alarm === 'never-recorded' || !last)
    return `No one has recorded a sign-in of our ACE user ${email}. ACE disables a user after ${DISABLED_DAYS} days without one. Sign in today. ${record}`;
  const since = `Our ACE user ${email} last signed in ${days} days ago, on ${shortDay(last.signedInOn)}`;
  const until = shortDay(addDays(last.signedInOn, DISABLED_DAYS));
  if (alarm === 'disabled')
    return `URGENT: ${since}. ACE has most likely disabled it. Call the ACE Account Service Desk (1-866-530-4172), and sign in. ${record}`;
  if (alarm === 'urgent') return `URGENT: ${since}. ACE disables it on ${until}. Sign in today. ${record}`;
  return `${since}. ACE disables it on ${until} unless someone signs in. ${record}`;
}
