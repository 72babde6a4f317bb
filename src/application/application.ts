/**
 * What CBP's ACE account application asks of an importer, and what the broker must know to send it.
 * Plain types: the workflow imports this file, so it stays free of zod and Node built-ins. The schema that turns
 * foreign data into an `Application` is `schema.ts`.
 */

import { isCalendarDay } from '../calendar/day.js';

/** One client's application. Every string is trimmed, NFC-normalised and non-empty unless optional. */
export interface Application {
  /** The back office's own key for the client: `[A-Za-z0-9-]{1,40}`, unique regardless of case, never confidential. */
  reference: string;
  company: Company;
  /** Canonical importer of record number, as on the CBP Form 5106: see `importer-number.ts`. */
  importerNumber: string;
  /** Further importer numbers under the same top account that the broker must also see in the end. */
  furtherImporterNumbers: string[];
  officer: Officer;
  accountOwner: AccountOwner;
  acknowledgements: { officer: Acknowledgement; accountOwner: Acknowledgement };
  route: Route;
  /** Subject of the mail to CBP in a person's own words. Compulsory when the importer number is an SSN, which no subject may carry. */
  submissionSubject?: string;
  /** Last day on which a refund can still be filed, `YYYY-MM-DD`. */
  refundDeadline?: string;
  /** Who at the broker looks after the client: an account name or mailbox, not a person's full name. */
  handler?: string;
}

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

/** The Trade Account Owner: the one person who can later grant cross-account access. Always the client, never the broker. */
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
  /** Where the consent is kept: a document id, a ticket, an e-signature envelope. */
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
 * All numbers that an application is for, the first one first. What is no text is left out: an application that nobody has
 * checked yet may have anything there.
 */
export function importerNumbersOf({ importerNumber, furtherImporterNumbers }: Application): string[] {
  const all: unknown[] = [importerNumber, ...(Array.isArray(furtherImporterNumbers) ? furtherImporterNumbers : [])];
  return all.filter((number): number is string => typeof number === 'string');
}
/** The name the UI's list shows: never a sole proprietor's, which is a person's. */
export function listedCompany({ company, reference }: Application, companyInSearchAttributes: boolean): string {
  return companyInSearchAttributes && company.organization !== 'sole-proprietorship' ? company.legalName : reference;
}
/**
 * The last instant of the last day on which a refund can be filed, as the Web UI's list sorts by it. Undefined when there
 * is none, or none that can be read: an application that nobody has checked yet may have anything there.
 */
export function refundDeadlineOf(application: Application | undefined): Date | undefined {
  const day: unknown = application?.refundDeadline;
  return typeof day === 'string' && isCalendarDay(day) ? new Date(`${day}T23:59:59-05:00`) : undefined;
}
