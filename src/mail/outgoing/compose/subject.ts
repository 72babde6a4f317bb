import type { Application } from '../../../application/application.js';
import { importerNumbersOf } from '../../../application/application.js';
import { importerNumberOf } from '../../../application/importer-number.js';

export type SubjectStyle = 'importer-number' | 'ein';

/** Why an email may not have the subject it would get. Its message names no number. */
export class SubjectRefused extends Error {
  readonly code = 'subject-refused';
  constructor(message: string) {
    super(message);
    this.name = 'SubjectRefused';
  }
}

const COMPANY_LIMIT = 120;

/**
 * Subject of the application email. CBP's troubleshooting route asks for the company name and the importer number with
 * its suffix; the form's own button uses company and EIN. A Social Security number never goes into a subject, because
 * every mail server on the way logs it. For such a number, a person must write the subject (`submissionSubject`).
 * @throws SubjectRefused when the number is a Social Security number and no one wrote a subject, or the subject has it.
 */
export function applicationSubject(application: Application, style: SubjectStyle): string {
  const worded = application.submissionSubject;
  if (worded !== undefined) {
    if (ssnsOf(application).some((ssn) => digits(worded).includes(ssn)))
      throw new SubjectRefused(
        'submissionSubject contains the Social Security number, and every mail server on the way logs subjects. Write a subject without the number.',
      );
    return oneLine(worded);
  }
  if (isSsn(application.importerNumber))
    throw new SubjectRefused(
      'The importer number is a Social Security number, which must not appear in a subject. Set submissionSubject to a subject without the number.',
    );
  const number = importerNumberOf(application.importerNumber);
  // A number assigned by CBP contains no EIN.
  const named = style === 'ein' && number.kind === 'ein' ? `EIN ${number.ein}` : `IOR ${number.canonical}`;
  return `ACE Portal Account Application - ${shortenedCompany(application.company.legalName)} - ${named}`;
}

/**
 * Checks the subject of any of our other emails: it may have the reference, never an importer number.
 * @throws SubjectRefused
 */
export function noticeSubject(wanted: string, application: Application): string {
  const found = digits(wanted);
  const numbers = importerNumbersOf(application).map(digits);
  if (numbers.some((number) => number.length >= 9 && found.includes(number)))
    throw new SubjectRefused(
      'The subject of a notice contains an importer number. Use the reference in the template instead.',
    );
  return oneLine(wanted);
}

/** The attachment's name: only the reference, because attachment names are logged like subjects. */
export function attachmentName(reference: string): string {
  return `ace-application-${reference}.pdf`;
}

function isSsn(importerNumber: string): boolean {
  return importerNumberOf(importerNumber).kind === 'ssn';
}

/** Replaces anything that a mail program could read as the end of a header line with a space. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/** Cuts very long names and ends them with an ellipsis. */
export function shortenedCompany(company: string): string {
  const name = oneLine(company);
  return name.length <= COMPANY_LIMIT ? name : `${name.slice(0, COMPANY_LIMIT - 1).trimEnd()}…`;
}

function ssnsOf(application: Application): string[] {
  return importerNumbersOf(application).filter(isSsn).map(digits);
}

function digits(text: string): string {
  return text.replace(/\D/g, '');
}
