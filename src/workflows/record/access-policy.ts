import { importerNumbersOf } from '../../application/application.js';
import { ACE_RULES } from '../../calendar/ace-rules.js';
import { addDays } from '../../calendar/day.js';
import type { AccessProblem, ConfirmAccessGranted, CorrectApplication, Role } from '../contract/messages.js';
import type { AccessProgress, Stated } from '../contract/progress.js';
import type { Wait } from '../contract/waits.js';
import { type Answered, bareNumber, type Entry, firstAnswer, type OnboardingRecord } from './record.js';
import { type Statement, statementIn } from './statement-policy.js';

/** How far the client is between the approval and the access, and how we know. Pure. */

/** What moves a case between the approval and the access. */
export type AccessNews =
  | { kind: 'looked'; grant: ConfirmAccessGranted; at: string }
  | { kind: 'said'; statement: Statement }
  | { kind: 'problem'; problem: AccessProblem }
  | { kind: 'corrected'; correct: CorrectApplication }
  | { kind: 'revoked'; by: string; why: string };

/** The first of them that no one has acted on. */
export function accessNews(record: OnboardingRecord): Answered<AccessNews> | undefined {
  return firstAnswer(record, (entry) => newsIn(entry, record));
}

function newsIn(entry: Entry, record: OnboardingRecord): AccessNews | undefined {
  switch (entry.kind) {
    case 'grant':
      return { kind: 'looked', grant: entry.grant, at: entry.at };
    case 'problem':
      return { kind: 'problem', problem: entry.problem.problem };
    case 'correct':
      return { kind: 'corrected', correct: entry.correct };
    case 'withdraw':
      return { kind: 'revoked', by: entry.withdraw.actor, why: entry.withdraw.reason };
    default: {
      const statement = statementIn(entry, record);
      return statement && { kind: 'said', statement };
    }
  }
}

/** @param today `YYYY-MM-DD`, the day on which we heard of the approval */
export function approvedAccess(record: OnboardingRecord, today: string): AccessProgress {
  const { accountEmailOn, accountExisted, approval = '' } = record;
  const by = BY[approval] ?? 'broker';
  // No one said that CBP approved it that day.
  return { approved: { on: accountEmailOn ?? today, by, ...(accountExisted ? { undated: true as const } : {}) } };
}

const BY: Record<string, Stated['by']> = {
  'cbp-letter': 'cbp',
  'client-stated': 'client',
  'back-office': 'back-office',
};

/**
 * What the client owes next: sign in for the first time, or add our user. Where the account existed before, no link is
 * waiting, unless someone says on which day CBP's account email came.
 */
export function accessWait({
  access,
  accountEmailOn,
  accountExisted,
}: OnboardingRecord): Extract<Wait, 'sign-in' | 'grant'> {
  const noLink = accountExisted === true && accountEmailOn === undefined;
  return access?.signedIn || noLink ? 'grant' : 'sign-in';
}

/** What a look into ACE showed. */
export interface Seen {
  numbers: string[];
  missing: string[];
  /** Numbers that have a role we can't work with, as `NUMBER: role`. */
  narrower: string[];
  /** That role, if it is the same for all. */
  role?: Role;
  wrongTopAccount: boolean;
}

/** What a look into ACE showed, and what is missing for the access. */
export function seenIn(record: OnboardingRecord, grant: ConfirmAccessGranted): Seen {
  const roles = new Map(Object.entries(grant.roles ?? {}).map(([number, role]) => [bareNumber(number), role]));
  const seen = new Set(grant.importerNumbers.map(bareNumber));
  const all = importerNumbersOf(record.application);
  const numbers = all.filter((number) => seen.has(bareNumber(number)));
  const roleOf = (number: string) => roles.get(bareNumber(number)) ?? grant.role;
  const accepts = grant.acceptRole || record.acceptsNarrowerRole;
  const tooNarrow = accepts ? [] : numbers.filter((number) => roleOf(number) !== 'full-access');
  const [first] = tooNarrow;
  const same = first !== undefined && numbers.every((number) => roleOf(number) === roleOf(first));
  return {
    numbers,
    missing: all.filter((number) => !seen.has(bareNumber(number))),
    narrower: tooNarrow.map((number) => `${number}: ${roleOf(number)}`),
    ...(same ? { role: roleOf(first) } : {}),
    wrongTopAccount: grant.topAccount === 'wrong',
  };
}

export function isComplete({ missing, narrower, wrongTopAccount }: Seen): boolean {
  return missing.length === 0 && narrower.length === 0 && !wrongTopAccount;
}

/** The facts of a look, for the email that says what is missing. */
export function lookFacts({
  numbers,
  missing,
  narrower,
  role,
  wrongTopAccount,
}: Seen): Record<string, string | string[]> {
  return {
    seen: numbers,
    ...(missing.length > 0 ? { missing } : {}),
    ...(role ? { role } : narrower.length > 0 ? { roles: narrower } : {}),
    ...(wrongTopAccount ? { topAccount: 'wrong' } : {}),
  };
}

/** What is known about the access, for emails to the client: only what is on record. */
export function accessFacts(record: OnboardingRecord): Record<string, string | string[]> {
  const { access, accountEmailOn, approval, importerNumbersMissing: missing } = record;
  if (!access || !approval) return {};
  const { signedIn, userAdded, looked } = access;
  return {
    approval,
    ...(accountEmailOn
      ? { approvedOn: accountEmailOn, linkExpiresOn: addDays(accountEmailOn, ACE_RULES.signInLink.days) }
      : {}),
    ...(signedIn ? { signedIn: signedIn.by === 'client' ? 'client' : 'broker' } : {}),
    ...(signedIn && !signedIn.undated ? { signedInOn: signedIn.on } : {}),
    ...(userAdded ? { userAdded: userAdded.by === 'client' ? 'client' : 'broker' } : {}),
    ...(looked ? { lookedOn: looked.at } : {}),
    ...(looked && missing.length > 0 ? { missing } : {}),
    ...(record.instructedOn ? { instructedOn: record.instructedOn } : {}),
    // As the client was told it first, even if the configuration has changed.
    ...(record.brokerAceEmail ? { brokerAceEmail: record.brokerAceEmail } : {}),
  };
}
