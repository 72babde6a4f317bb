import { isCalendarDay, yearOf } from '../calendar/day.js';
import { isInstantOrDay } from './field-readers.js';
import { tidied } from './plain-text.js';
import { CANADIAN_PROVINCES, countryCode, US_STATES } from './regions.js';
import { quoting } from './tax-numbers-in-text.js';
import type { ValidationIssue } from './validation-issue.js';

/**
 * Checks that need several fields or today's date. They read the raw input, so that their problems are reported together
 * with those of single fields. The schema reports what is missing or malformed.
 */
export function contradictions(
  input: object,
  /** Canonical; undefined if it is wrong. */
  importerNumber: string | undefined,
  options: { brokerDomains?: readonly string[]; now?: Date },
): { complaints: ValidationIssue[]; warnings: ValidationIssue[] } {
  const look = new Look(input, options.now ?? new Date());
  checkPlace(look);
  checkOfficer(look);
  checkAccountOwner(look, options.brokerDomains ?? []);
  checkAcknowledgement(look, 'officer');
  checkAcknowledgement(look, 'accountOwner');
  checkRoute(look, importerNumber);
  checkRefundDeadline(look);
  return { complaints: look.complaints, warnings: look.warnings };
}

/** The raw input and the problems found in it. */
class Look {
  readonly complaints: ValidationIssue[] = [];
  readonly warnings: ValidationIssue[] = [];
  constructor(
    readonly input: object,
    readonly now: Date,
  ) {}

  /** Text at a dotted path; undefined if it is missing, blank, or not text. */
  text(path: string): string | undefined {
    let value: unknown = this.input;
    for (const key of path.split('.'))
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    const text = typeof value === 'string' ? tidied(value) : '';
    return text === '' ? undefined : text;
  }

  /** The date in the easternmost time zone: a later date is in the future everywhere. */
  get latestToday(): string {
    return new Date(this.now.getTime() + 14 * 3_600_000).toISOString().slice(0, 10);
  }

  complain(field: string, problem: string, remedy: string): void {
    this.complaints.push({ field, problem, remedy });
  }

  warn(field: string, problem: string, remedy: string): void {
    this.warnings.push({ field, problem, remedy });
  }
}

function checkPlace(look: Look): void {
  const country = countryCode(look.text('company.address.country') ?? '');
  const state = look.text('company.address.state')?.toUpperCase();
  const postalCode = look.text('company.address.postalCode');
  const places = country === 'US' ? US_STATES : country === 'CA' ? CANADIAN_PROVINCES : undefined;
  const called = country === 'US' ? 'state' : 'province';
  if (places && state === undefined)
    look.complain('company.address.state', 'is missing.', `Write the two-letter code of the ${called}.`);
  else if (places && state !== undefined && !places.has(state))
    look.complain(
      'company.address.state',
      `is ${quoting(state)}not the two-letter code of a ${called}.`,
      country === 'US' ? 'Write two letters such as NY.' : 'Write two letters such as QC.',
    );
  if (country === 'US' && postalCode !== undefined && !/^\d{5}(-\d{4})?$/.test(postalCode))
    look.complain(
      'company.address.postalCode',
      /^\d{3,4}$/.test(postalCode)
        ? 'has too few digits: a spreadsheet has probably removed a leading zero.'
        : 'is not a ZIP code.',
      'Write five digits, or nine as in 10001-0001, in a column formatted as text.',
    );
  if (country === 'CA' && postalCode !== undefined && !/^[A-Z]\d[A-Z][ -]?\d[A-Z]\d$/i.test(postalCode))
    look.complain('company.address.postalCode', 'is not a Canadian postal code.', 'Write it like H2Y 1C6.');
}

function checkOfficer(look: Look): void {
  const born = look.text('officer.dateOfBirth');
  if (born === undefined || !isCalendarDay(born)) return;
  const today = look.latestToday;
  const age = Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(5) < born.slice(5) ? 1 : 0);
  const remedy = "Write the officer's date of birth as YYYY-MM-DD.";
  if (born > today) look.complain('officer.dateOfBirth', 'is in the future.', remedy);
  else if (age < 18) look.complain('officer.dateOfBirth', 'makes the officer a minor.', remedy);
  else if (age > 110) look.complain('officer.dateOfBirth', 'is more than 110 years ago.', remedy);
}

function checkAccountOwner(look: Look, brokerDomains: readonly string[]): void {
  const domain = look.text('accountOwner.email')?.split('@').at(-1)?.toLowerCase();
  if (domain === undefined) return;
  const ours = brokerDomains.some((own) => domain === own.toLowerCase() || domain.endsWith(`.${own.toLowerCase()}`));
  if (ours)
    look.complain(
      'accountOwner.email',
      "is one of the broker's own addresses.",
      "Enter the client's address: CBP sends account email there, and only the client's account owner can grant access.",
    );
}

const YEAR_MS = 366 * 24 * 3_600_000;

function checkAcknowledgement(look: Look, who: 'officer' | 'accountOwner'): void {
  const person = who === 'officer' ? 'officer' : 'account owner';
  const given = look.text(`acknowledgements.${who}.name`);
  const first = look.text(`${who}.firstName`);
  const last = look.text(`${who}.lastName`);
  if (given && first && last && folded(given) !== folded(`${first} ${last}`))
    look.complain(
      `acknowledgements.${who}.name`,
      `is not the ${person}'s name as given in this application.`,
      `No one else can consent for the ${person}. Correct one of the two names, or get the consent of the right person.`,
    );
  const field = `acknowledgements.${who}.at`;
  const at = look.text(field);
  if (at === undefined || !isInstantOrDay(at)) return;
  const age = look.now.getTime() - Date.parse(at);
  if (isInFuture(look, at)) look.complain(field, 'is in the future.', `Write when the ${person} consented.`);
  else if (age > 10 * YEAR_MS)
    look.complain(field, 'is more than ten years ago.', `Write when the ${person} consented to this application.`);
  else if (age > YEAR_MS)
    look.warn(field, 'is more than a year ago.', `Make sure the ${person} consented to this application.`);
}

function checkRoute(look: Look, importerNumber: string | undefined): void {
  const channel = look.text('route.channel') ?? look.text('route.channel.kind');
  const account = look.text('route.existingAccount')?.toLowerCase();
  const isSsn = importerNumber !== undefined && /^\d{3}-\d{2}-\d{4}$/.test(importerNumber);
  if (isSsn && channel === 'email' && account !== 'yes' && look.text('submissionSubject') === undefined)
    look.complain(
      'submissionSubject',
      'is missing, and the importer number is an SSN, which must not appear in a subject.',
      'Write your own subject for the email to CBP, without the number.',
    );
  if (isSsn && ['corporation', 'limited-liability-company'].includes(look.text('company.organization') ?? ''))
    look.warn(
      'importerNumber',
      'is an SSN, but the company is not a person.',
      'An importer with an EIN must apply with the EIN. Check the CBP Form 5106.',
    );
  const submitted = look.text('route.channel.at');
  if (channel === 'already-submitted') {
    if (account === 'yes')
      look.complain(
        'route.channel.kind',
        'is already-submitted, but the importer has an account, so there is no decision to wait for.',
        'Set existingAccount to none until CBP decides, or choose another channel.',
      );
    if (submitted !== undefined && isInstantOrDay(submitted) && isInFuture(look, submitted))
      look.complain('route.channel.at', 'is in the future.', 'Write when the application was submitted.');
  }
}

/** No refund deadline is further away, and the server refuses dates in the distant future. */
const REFUND_YEARS_AHEAD = 20;
const FIRST_REFUND_YEAR = 2000;

function checkRefundDeadline(look: Look): void {
  const refund = look.text('refundDeadline');
  if (refund === undefined || !isCalendarDay(refund)) return;
  const today = look.now.toISOString().slice(0, 10);
  const years = [FIRST_REFUND_YEAR, yearOf(today) + REFUND_YEARS_AHEAD] as const;
  if (yearOf(refund) < years[0] || yearOf(refund) > years[1])
    look.complain(
      'refundDeadline',
      `is "${refund}", which is not between the years ${years.join(' and ')}.`,
      'Write the last day on which a refund can be filed, as YYYY-MM-DD, or leave it out.',
    );
  else if (refund < today)
    look.warn('refundDeadline', 'has passed.', 'Make sure the client still wants the onboarding.');
}

function isInFuture(look: Look, at: string): boolean {
  return at.length === 10 ? at > look.latestToday : Date.parse(at) > look.now.getTime() + 300_000;
}

function folded(name: string): string {
  return name.toLowerCase();
}
