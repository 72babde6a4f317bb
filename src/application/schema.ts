import { z } from 'zod';
import { type Application, SHORTENABLE, type Shortenable } from './application.js';
import { contradictions } from './contradictions.js';
import {
  calendarDay,
  choice,
  dunsNumber,
  field,
  fiscalYearEnd,
  given,
  instantOrDay,
  isBlank,
  kindOf,
  languageCode,
  mailAddress,
  optional,
  phoneNumber,
  Refusal,
  refuse,
  timeZoneName,
  website,
} from './field-readers.js';
import { type ImporterNumberKind, parseImporterNumber } from './importer-number.js';
import { countryCode } from './regions.js';
import { shorterFormIssues } from './shorter-forms.js';
import { looksLikeTaxNumber, quoting } from './tax-numbers-in-text.js';
import type { ValidationIssue } from './validation-issue.js';

export type CheckedApplication =
  | { application: Application; warnings: ValidationIssue[] }
  | { complaints: ValidationIssue[] };

export interface CheckOptions {
  /** The broker's own email domains. An account owner with such an address would be the broker, not the client. */
  brokerDomains?: readonly string[];
  /** The present for "in the past" and "in the future"; default: now. */
  now?: Date;
}

const ORGANIZATIONS = [
  'corporation',
  'limited-liability-company',
  'partnership',
  'sole-proprietorship',
  'other',
] as const;
const KINDS = ['ein', 'ssn', 'cbp-assigned'] as const satisfies readonly ImporterNumberKind[];
const CHANNELS = ['email', 'web-form', 'already-submitted'] as const;
const EXAMPLE = 'See examples/application.json.';

/** A missing object counts as an empty one, so that every field it should have is reported. */
const group = <S extends z.core.$ZodLooseShape>(shape: S) =>
  given.transform((input) => input ?? {}).pipe(z.strictObject(shape));

const acknowledgement = (who: string) =>
  given
    .transform((input, context) => {
      const values = typeof input === 'object' && input !== null ? Object.values(input) : [];
      if (isBlank(input) || (typeof input === 'object' && values.every(isBlank)))
        return refuse(
          context,
          new Refusal(
            'is missing. A blank never means yes.',
            `Get the ${who}'s consent to Section D, then enter who consented (name), when (at), and where the consent is kept (evidence).`,
          ),
        );
      return input;
    })
    .pipe(
      z.strictObject({
        name: field(`Write the ${who}'s name. A blank never means yes.`),
        at: field(`Write the day on which the ${who} consented, YYYY-MM-DD.`, instantOrDay),
        evidence: field(
          'Enter where the consent is kept: a document ID, a ticket, or an e-signature envelope.',
          evidence,
        ),
      }),
    );

const applicationSchema = z.strictObject({
  reference: field("Enter the back office's own key for the client.", reference),
  company: group({
    legalName: field('Write the legal name exactly as on the CBP Form 5106.', legalName),
    organization: choice(ORGANIZATIONS, `Choose one of ${ORGANIZATIONS.join(', ')}.`),
    address: group({
      street: field('Write the street number and street.'),
      city: field('Write the city.'),
      state: optional('Write the state or province.'),
      postalCode: field('Write the ZIP or postal code.'),
      country: field('Write the country, such as US or Canada.', country),
    }),
    phone: field("Write the company's telephone number.", phoneNumber),
    fiscalYearEnd: field('Write the last day of the fiscal year as MM-DD, such as 12-31.', fiscalYearEnd),
    duns: optional('Nine digits.', dunsNumber),
    website: optional('A web address.', website),
    fax: optional('A telephone number.', phoneNumber),
  }),
  officer: group({
    firstName: field("Write the officer's first name."),
    lastName: field("Write the officer's last name."),
    title: field("Write the officer's title, such as President."),
    dateOfBirth: field(
      "Write the officer's date of birth as YYYY-MM-DD. Section A of CBP's form asks for it.",
      calendarDay,
    ),
  }),
  accountOwner: group({
    firstName: field('Write the first name of the account owner, who is a person at the client.'),
    lastName: field('Write the last name of the account owner, who is a person at the client.'),
    title: optional('A title.'),
    email: field("Write the account owner's own business email address. CBP sends account email there.", mailAddress),
    phone: field("Write the account owner's telephone number.", phoneNumber),
  }),
  acknowledgements: group({
    officer: acknowledgement('officer'),
    accountOwner: acknowledgement('account owner'),
  }),
  route: group({
    existingAccount: choice(
      ['none', 'yes', 'unknown'],
      'Say whether the importer already has an ACE account: none, yes, or unknown.',
    ),
    form5106OnFile: given.transform((input, context): true => {
      if (input === true) return true;
      return refuse(
        context,
        input === false
          ? new Refusal(
              'is false. Without a CBP Form 5106 on file, CBP cannot match the importer number to an importer.',
              'File the CBP Form 5106 first, then apply.',
            )
          : isBlank(input)
            ? new Refusal('is missing.', 'Say whether a CBP Form 5106 is on file for the number: true or false.')
            : new Refusal('is neither true nor false.', 'Write true or false, without quotes in JSON.'),
      );
    }),
    channel: given
      .transform((input) => (typeof input === 'string' ? { kind: input } : (input ?? {})))
      .pipe(
        z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('email') }),
          z.strictObject({ kind: z.literal('web-form') }),
          z.strictObject({
            kind: z.literal('already-submitted'),
            at: field('Write when the application was submitted, as YYYY-MM-DD or a date and time.', instantOrDay),
            by: field('Write who submitted it: client, or an account name at the broker.'),
          }),
        ]),
      ),
  }),
  submissionSubject: optional('A subject.', (text) =>
    looksLikeTaxNumber(text)
      ? new Refusal(
          'contains what looks like a tax number, and anyone who handles the email can read its subject.',
          'Write it without such a number.',
        )
      : text,
  ),
  refundDeadline: optional('A date.', calendarDay),
  handler: optional('An account name.', (text) =>
    /^\S{1,80}$/.test(text) && !looksLikeTaxNumber(text)
      ? text
      : new Refusal(
          'is not an account name or mailbox. It appears in lists, where people are not shown by their full names.',
          'Write the account name or mailbox, without spaces.',
        ),
  ),
  language: optional('A language.', languageCode),
  timeZone: optional('A time zone.', timeZoneName),
  shorterForms: given
    .transform((input) => (isBlank(input) ? {} : input))
    .pipe(
      z.strictObject(
        Object.fromEntries(
          SHORTENABLE.map((name) => [
            name,
            optional('A shorter form.', name === 'company.legalName' ? legalName : undefined),
          ]),
        ) as Record<Shortenable, z.ZodType<string | undefined>>,
      ),
    )
    .transform((forms) => (Object.values(forms).some((form) => form !== undefined) ? forms : undefined)),
  // Read by `importerNumbersOf`, where the declared kind is known.
  importerNumber: given,
  importerNumberKind: given,
  furtherImporterNumbers: given,
});

/**
 * Checks untrusted data against everything an application needs. It reports all problems at once, and none repeats a
 * confidential value. In addition to the fields of `Application`, `importerNumberKind` (`ein`, `ssn`, `cbp-assigned`) may
 * say what kind of number an importer number without a hyphen is.
 */
export function checkApplication(input: unknown, options: CheckOptions = {}): CheckedApplication {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return {
      complaints: [{ field: 'application', problem: `is ${kindOf(input)}, not an object.`, remedy: EXAMPLE }],
    };
  const parsed = applicationSchema.safeParse(input);
  const numbers = importerNumbersOf(input);
  const complaints = [...(parsed.error?.issues ?? []).flatMap(complaintsOf), ...numbers.complaints];
  const named = new Set(complaints.map((complaint) => complaint.field));
  const found = contradictions(input, numbers.importerNumber, options);
  complaints.push(...found.complaints.filter((complaint) => !named.has(complaint.field)));
  if (complaints.length > 0 || !parsed.success || numbers.importerNumber === undefined)
    return { complaints: complaints.sort((a, b) => placeOf(a.field) - placeOf(b.field)) };

  const { importerNumberKind: _, ...rest } = parsed.data;
  const application: Loosened<Application> = {
    ...rest,
    importerNumber: numbers.importerNumber,
    furtherImporterNumbers: numbers.furtherImporterNumbers,
  };
  normalizeAddress(application.company.address);
  const complete = withoutUndefined<Application>(application);
  const tooLong = shorterFormIssues(complete);
  if (tooLong.length > 0) return { complaints: tooLong };
  return {
    application: complete,
    warnings: [...numbers.warnings, ...found.warnings],
  };
}

/** The canonical importer numbers in untrusted data that can be read, even if the data has problems. */
export function readableImporterNumbers(input: unknown): string[] {
  if (typeof input !== 'object' || input === null) return [];
  const { importerNumber, furtherImporterNumbers } = importerNumbersOf(input);
  return importerNumber === undefined ? furtherImporterNumbers : [importerNumber, ...furtherImporterNumbers];
}

interface ImporterNumbers {
  /** Undefined if it has a problem. */
  importerNumber: string | undefined;
  furtherImporterNumbers: string[];
  complaints: ValidationIssue[];
  warnings: ValidationIssue[];
}

function importerNumbersOf(input: object): ImporterNumbers {
  const numbers: { importerNumber?: unknown; importerNumberKind?: unknown; furtherImporterNumbers?: unknown } = input;
  const complaints: ValidationIssue[] = [];
  const warnings: ValidationIssue[] = [];
  const read = (value: unknown, at: string, kind?: ImporterNumberKind): string | undefined => {
    if (!isBlank(value) && typeof value !== 'string') {
      complaints.push({
        field: at,
        problem: `is not text but ${kindOf(value)}. Numbers lose their leading zeros.`,
        remedy: 'Put it in quotes.',
      });
      return undefined;
    }
    const parsed = parseImporterNumber(typeof value === 'string' ? value : '', kind, at);
    if ('complaint' in parsed) {
      complaints.push(parsed.complaint);
      return undefined;
    }
    warnings.push(...parsed.warnings);
    return parsed.number.canonical;
  };

  const kind = KINDS.find((candidate) => candidate === numbers.importerNumberKind);
  if (!isBlank(numbers.importerNumberKind) && !kind)
    complaints.push({
      field: 'importerNumberKind',
      problem: `is not one of: ${KINDS.join(', ')}.`,
      remedy: 'Correct it, or leave it out and write the importer number with its hyphen.',
    });
  const importerNumber = read(numbers.importerNumber, 'importerNumber', kind);

  const further = numbers.furtherImporterNumbers ?? [];
  if (!Array.isArray(further)) {
    complaints.push({
      field: 'furtherImporterNumbers',
      problem: `is ${kindOf(further)}, not a list.`,
      remedy: 'Write a list of importer numbers, or leave it out.',
    });
    return { importerNumber, furtherImporterNumbers: [], complaints, warnings };
  }
  const furtherImporterNumbers: string[] = [];
  for (const [index, value] of further.entries()) {
    const at = `furtherImporterNumbers.${index}`;
    const number = read(value, at);
    if (number === undefined) continue;
    if (number === importerNumber || furtherImporterNumbers.includes(number))
      complaints.push({ field: at, problem: 'appears twice in this application.', remedy: 'Enter each number once.' });
    else furtherImporterNumbers.push(number);
  }
  return { importerNumber, furtherImporterNumbers, complaints, warnings };
}

function reference(text: string): string | Refusal {
  // The command line would take a leading hyphen for an option.
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(text))
    return new Refusal(
      'must be 1 to 40 letters, digits, and hyphens, and start with a letter or a digit.',
      "Use the back office's own key for the client, such as maple-imports or C-000123.",
    );
  return looksLikeTaxNumber(text)
    ? new Refusal(
        'looks like an importer number, EIN, or SSN. References are shown everywhere and never encrypted.',
        "Use the back office's own key for the client, such as C-000123.",
      )
    : text;
}

function legalName(text: string): string | Refusal {
  return looksLikeTaxNumber(text)
    ? new Refusal(
        'contains what looks like a tax number.',
        'Write only the name, exactly as on the CBP Form 5106. The number has its own field.',
      )
    : text;
}

function country(text: string): string | Refusal {
  return (
    countryCode(text) ??
    new Refusal(
      `is ${quoting(text)}not the code or English name of a single country.`,
      "Write the country's two-letter code, such as US, CA, MX, or GB.",
    )
  );
}

/** What people write instead of checking a box. It proves nothing. */
const NO_EVIDENCE = /^(y|yes|ok|okay|x|true|done|signed|n\/?a|none|no|tbd|pending|[-–—.✓✔]+)$/i;

function evidence(text: string): string | Refusal {
  return NO_EVIDENCE.test(text)
    ? new Refusal(
        `is "${text}", which does not say where to find the consent.`,
        'Enter where it is kept: a document ID, a ticket, or an e-signature envelope.',
      )
    : text;
}

function normalizeAddress(address: Loosened<Application>['company']['address']): void {
  if (address.country !== 'US' && address.country !== 'CA') return;
  address.state = address.state?.toUpperCase();
  if (address.country === 'CA')
    address.postalCode = address.postalCode.toUpperCase().replace(/^(\w{3})[ -]?(\w{3})$/, '$1 $2');
}

function complaintsOf(issue: z.core.$ZodIssue): ValidationIssue[] {
  const field = issue.path.join('.') || 'application';
  if (issue.code === 'custom')
    return [{ field, problem: issue.message, remedy: String(issue.params?.remedy ?? EXAMPLE) }];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: [...issue.path, key].join('.'),
      ...(field === 'shorterForms'
        ? {
            problem: 'is not a text that can have a shorter form.',
            remedy: `Use one of ${SHORTENABLE.join(', ')}.`,
          }
        : field === 'route.channel'
          ? {
              problem: 'belongs only to the channel already-submitted.',
              remedy: 'Remove it, or choose already-submitted if the application was sent to CBP.',
            }
          : { problem: 'is not a field of an application.', remedy: `Remove it or correct its name. ${EXAMPLE}` }),
    }));
  if (issue.code === 'invalid_union')
    return [
      {
        field: field === 'route.channel' ? 'route.channel.kind' : field,
        problem: `is not one of: ${CHANNELS.join(', ')}.`,
        remedy: 'Choose email to have the application emailed to CBP.',
      },
    ];
  return [{ field, problem: 'is not an object.', remedy: EXAMPLE }];
}

const ORDER = Object.keys(applicationSchema.shape);

function placeOf(field: string): number {
  const place = ORDER.indexOf(field.split('.')[0] ?? '');
  return field.startsWith('importerNumber') ? 0.5 : place < 0 ? ORDER.length : place;
}

/** Like T, but optional properties may be undefined, as zod leaves them. */
type Loosened<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]: Loosened<T[K]> | (Record<never, never> extends Pick<T, K> ? undefined : never) }
    : T;

function withoutUndefined<T>(value: Loosened<T>): T {
  // JSON leaves out undefined properties, and an application is JSON.
  return JSON.parse(JSON.stringify(value)) as T;
}
