import { addDays, inNewYork, isCalendarDay } from '../../calendar/day.js';
import { ACCESS_PROBLEMS } from '../contract/messages.js';
import type { OnboardingStage } from '../contract/stages.js';
import type { OnboardingRecord } from '../record/record.js';
import { type Fields, isNonEmpty, missingFields, oneOf } from './payload-checks.js';

/**
 * Validates what people report besides decisions: hand over, note, snooze, call, statement, problem, message. As in
 * `update-validators.ts`, a refusal repeats nothing that was sent.
 */

const EXAMPLES = {
  handOver: '{"actor":"you","handler":"a name in the address book","reason":"why"}',
  note: '{"actor":"you","text":"what to remember"}',
  snooze: '{"actor":"you","until":"2027-01-04","reason":"why"}',
  call: '{"actor":"you","with":"cbp","who":"whom","said":"what was said"}',
  statement: '{"actor":"you","says":"mail-came","evidence":"where to look it up"}',
  problem: '{"actor":"you","problem":"link-expired","evidence":"where to look it up"}',
  message: '{"actor":"you","to":"cbp","text":"what to write"}',
} as const;

export function checkHandOver(input: unknown, { application }: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'handler', 'reason'], EXAMPLES.handOver);
  if (malformed) return malformed;
  return (input as Fields).handler === application.handler
    ? 'That person already has the case, so this would have no effect.'
    : undefined;
}

export function checkNote(input: unknown): string | undefined {
  return missingFields(input, ['actor', 'text'], EXAMPLES.note);
}

const MOST_DAYS = 90;

export function checkSnooze(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'until', 'reason'], EXAMPLES.snooze);
  if (malformed) return malformed;
  const { until } = input as Fields;
  const today = inNewYork(new Date()).day;
  if (!isDay(until)) return `until ${DAY_REQUIRED}.`;
  if (until <= today) return 'until is not in the future, so this would have no effect.';
  if (until > addDays(today, MOST_DAYS))
    return `until is more than ${MOST_DAYS} days ahead. Choose an earlier day, and snooze again then.`;
  const wait = record.clock?.start.wait;
  return wait === undefined || wait === 'work' || wait === 'send-unknown'
    ? `There is nothing to snooze: the onboarding is ${record.stage}.`
    : undefined;
}

export function checkCall(input: unknown): string | undefined {
  const malformed = missingFields(input, ['actor', 'with', 'who', 'said'], EXAMPLES.call);
  if (malformed) return malformed;
  const { chaseOn } = input as Fields;
  const wrong = oneOf(input as Fields, 'with', ['cbp', 'client']);
  if (wrong || chaseOn === undefined) return wrong;
  const today = inNewYork(new Date()).day;
  if (!isDay(chaseOn)) return `chaseOn ${DAY_REQUIRED}.`;
  if (chaseOn <= today) return 'chaseOn is not in the future. Choose the day on which to follow up.';
  return chaseOn > addDays(today, MOST_DAYS)
    ? `chaseOn is more than ${MOST_DAYS} days ahead. Choose an earlier day.`
    : undefined;
}

const SAYS = ['mail-came', 'no-mail', 'signed-in', 'user-added'];
const BEFORE_APPROVAL: readonly OnboardingStage[] = [
  'awaiting-acknowledgement',
  'awaiting-decision',
  'awaiting-correction',
];

export function checkStatement(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'says', 'evidence'], EXAMPLES.statement);
  if (malformed) return malformed;
  const statement = input as Fields;
  const today = inNewYork(new Date()).day;
  const wrong = oneOf(statement, 'says', SAYS);
  if (wrong) return wrong;
  if (statement.on !== undefined) {
    if (!isDay(statement.on)) return `on ${DAY_REQUIRED}.`;
    const tooEarly = statement.says === 'mail-came' ? accountEmailProblem('on', statement.on, record) : undefined;
    if (tooEarly) return tooEarly;
    if (statement.on > today) return 'on is in the future. Enter the day on which it happened.';
  }
  const { stage, access } = record;
  if (stage === 'awaiting-access-grant') {
    const nothingNew =
      (statement.says === 'signed-in' && access?.signedIn && String(statement.on ?? today) <= access.signedIn.on) ||
      (statement.says === 'mail-came' && (statement.on === undefined || access?.signedIn));
    return nothingNew ? 'That is on record already, so this would have no effect. To keep it, use note.' : undefined;
  }
  if (!BEFORE_APPROVAL.includes(stage) || record.submissions.length === 0)
    return `CBP has no application of this client from us yet: the onboarding is ${stage}. To keep what was said, use note.`;
  return statement.says === 'signed-in' || statement.says === 'user-added'
    ? "CBP's approval is not on record yet. If CBP's account email came, record mail-came first."
    : undefined;
}

export function checkProblem(input: unknown, { stage }: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'problem', 'evidence'], EXAMPLES.problem);
  if (malformed) return malformed;
  const wrong = oneOf(input as Fields, 'problem', [...ACCESS_PROBLEMS]);
  if (wrong) return wrong;
  return stage === 'awaiting-access-grant'
    ? undefined
    : `Nothing is to be granted yet: the onboarding is ${stage}. To change the account owner, use correctApplication.`;
}

export function checkMessage(input: unknown, record: OnboardingRecord): string | undefined {
  const malformed = missingFields(input, ['actor', 'to', 'text'], EXAMPLES.message);
  if (malformed) return malformed;
  const { to, mailId, ticket, attachForm } = input as Fields;
  const wrong = oneOf(input as Fields, 'to', ['cbp', 'client']);
  if (wrong) return wrong;
  if (mailId !== undefined && !record.entries.some((entry) => entry.kind === 'mail' && entry.mail.mailId === mailId))
    return 'This onboarding has no email with that mailId. The details and `progress` list them.';
  if (ticket !== undefined && !isNonEmpty(ticket)) return 'ticket must be the number that CBP gave.';
  if (record.applicationSha256 === undefined)
    return 'The application has not been checked yet, so no address is known. Try again in a minute.';
  if (to === 'client') return attachForm ? 'attachForm is for CBP only.' : undefined;
  if (record.submissions.length === 0) return 'Nothing has been sent to CBP, so there is no thread to write in.';
  if (attachForm && !record.documents.some(({ what }) => what.startsWith('form')))
    return 'There is no form to attach: it was not sent by us.';
  return undefined;
}

/** The day of CBP's account email: not before the application, and not in the future. */
export function accountEmailProblem(
  field: string,
  day: unknown,
  { submissions }: OnboardingRecord,
): string | undefined {
  const today = inNewYork(new Date()).day;
  if (!isDay(day)) return `${field} ${DAY_REQUIRED}.`;
  if (day > today) return `${field} is in the future. Enter the day of CBP's account email.`;
  const first = submissions.find(({ at }) => at !== undefined)?.at;
  const earliest = first ? inNewYork(new Date(first)).day : addDays(today, -MOST_DAYS);
  return day < earliest
    ? `${field} is before the application went to CBP. Enter the day of CBP's account email, or leave it out if you do not know it.`
    : undefined;
}

const DAY_REQUIRED = 'must be an existing day, such as 2027-01-04';

export function isDay(value: unknown): value is string {
  return typeof value === 'string' && isCalendarDay(value);
}
