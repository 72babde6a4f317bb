/**
 * What CBP's ACE account application asks an importer, and what the broker must know to send it. The workflow imports
 * these types, so this file uses no zod and no Node built-ins. `schema.ts` turns untrusted data into an `Application`.
 */

import { isCalendarDay } from '../calendar/day.js';

/** One client's application. Every string is trimmed, NFC-normalized, and not empty. */
export interface Application {
  /** The back office's own key for the client: `[A-Za-z0-9-]{1,40}`, unique regardless of case, never confidential. */
  reference: string;
  company: Company;
  /** Canonical importer of record number, as on the CBP Form 5106: see `importer-number.ts`. */
  importerNumber: string;
  /** Other importer numbers under the same top account that the broker needs access to. */
  furtherImporterNumbers: string[];
  officer: Officer;
  accountOwner: AccountOwner;
  acknowledgements: { officer: Acknowledgement; accountOwner: Acknowledgement };
  route: Route;
  /** A subject that a person wrote for the email to CBP. Required if the importer number is an SSN, which must not appear in a subject. */
  submissionSubject?: string;
  /** The last day on which a refund can be filed, `YYYY-MM-DD`. */
  refundDeadline?: string;
  /** Who at the broker handles the client: an account name or mailbox, not a person's full name. */
  handler?: string;
  /** The language of emails to the client: the name of a folder of templates, such as `en` or `es`. Default `en`. */
  language?: string;
  /** The client's time zone, an IANA name such as America/Chicago. Default: from the company's address. */
  timeZone?: string;
  /** What to write where a box of the form cannot take the full text. Never longer than the full text, never empty. */
  shorterForms?: Partial<Record<Shortenable, string>>;
}

/** What may have a shorter form, by the names of field maps. */
export const SHORTENABLE = [
  ...(['company.legalName', 'company.address', 'company.address.oneLine'] as const),
  ...(['company.address.street', 'company.address.city'] as const),
  ...(['officer.name', 'officer.nameReversed', 'officer.firstName', 'officer.lastName', 'officer.title'] as const),
  ...(['accountOwner.name', 'accountOwner.nameReversed', 'accountOwner.firstName'] as const),
  ...(['accountOwner.lastName', 'accountOwner.title'] as const),
  ...(['acknowledgement.officer.name', 'acknowledgement.accountOwner.name'] as const),
] as const;
export type Shortenable = (typeof SHORTENABLE)[number];

export interface Company {
  /** Exactly as on the CBP Form 5106 record. */
  legalName: string;
  organization: Organization;
  address: Address;
  phone: string;
  /** `MM-DD`. */
  fiscalYearEnd: string;
  /** Nine digits. */
  duns?: string;
  website?: string;
  fax?: string;
}

export type Organization =
  | 'corporation'
  | 'limited-liability-company'
  | 'partnership'
  | 'sole-proprietorship'
  | 'other';

export interface Address {
  street: string;
  city: string;
  /** State or province; two letters for US and Canada. */
  state?: string;
  postalCode: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
}

export interface Officer {
  firstName: string;
  lastName: string;
  title: string;
  /** `YYYY-MM-DD`. */
  dateOfBirth: string;
}

/** The Trade Account Owner, the only person who can grant cross-account access later. Always at the client, never at the broker. */
export interface AccountOwner {
  firstName: string;
  lastName: string;
  title?: string;
  email: string;
  phone: string;
}

/** A person's consent to Section D. A missing one never means yes. */
export interface Acknowledgement {
  /** Must equal the officer's or the account owner's name. */
  name: string;
  /** ISO instant or `YYYY-MM-DD`. */
  at: string;
  /** Where the consent is kept: a document ID, a ticket, or an e-signature envelope. */
  evidence: string;
}

export interface Route {
  existingAccount: 'none' | 'yes' | 'unknown';
  /** Whether a CBP Form 5106 is on file for the importer number. */
  form5106OnFile: boolean;
  channel: Channel;
}

export type Channel =
  | { kind: 'email' }
  | { kind: 'web-form' }
  | { kind: 'already-submitted' /** ISO instant or `YYYY-MM-DD`. */; at: string; by: string };
/**
 * All importer numbers of an application, the main one first. Values that are not text are left out, since an unchecked
 * application may have anything there.
 */
export function importerNumbersOf({ importerNumber, furtherImporterNumbers }: Application): string[] {
  const all: unknown[] = [importerNumber, ...(Array.isArray(furtherImporterNumbers) ? furtherImporterNumbers : [])];
  return all.filter((number): number is string => typeof number === 'string');
}
/** The name in the UI's list. Never the name of a sole proprietor, who is a person. */
export function listedCompany({ company, reference }: Application, companyInSearchAttributes: boolean): string {
  return companyInSearchAttributes && company.organization !== 'sole-proprietorship' ? company.legalName : reference;
}
/**
 * Noon UTC of the refund deadline: the Web UI shows the right day, whatever American time zone it is set to. Undefined if
 * there is none, or none that can be read, since an unchecked application may have anything there.
 */
export function refundDeadlineOf(application: Application | undefined): Date | undefined {
  const day: unknown = application?.refundDeadline;
  return typeof day === 'string' && isCalendarDay(day) ? new Date(`${day}T12:00:00Z`) : undefined;
}
