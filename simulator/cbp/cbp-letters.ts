/**
 * What CBP writes. No real emails are public except the guide's "within 3 to 5 business days" and the two emails of an
 * approval (the 2019 quick reference guide), so the wording is ours, based on what is known of each kind.
 */

export type LetterKind =
  | 'acknowledgement'
  | 'in-process'
  /** First email of an approval: from an account administrator, with the shared secret. */
  | 'approval-welcome'
  /** The same from the desk, in a wording that the broker has not seen before. */
  | 'approval-notice'
  /** Second email of an approval, only to the account owner: account ID and the link to a temporary password. */
  | 'approval-account'
  | 'more-information'
  | 'not-on-file'
  | 'already-registered'
  | 'use-web-form'
  | 'refusal'
  | 'out-of-office';

/** The application that a letter answers, as CBP knows it. */
export interface LetterSubject {
  company: string;
  importerNumber: string;
  /** Subject of the email it came with. */
  subject: string;
  /** When it arrived. */
  at: Date;
}

export interface CbpLetter {
  from: { name: string; address: string };
  subject: string;
  text: string;
  headers: Record<string, string>;
}

const DESK = { name: 'ACE Applications', address: 'ACE.Applications@cbp.dhs.gov' };
const ADMINISTRATOR = { name: 'WALKER, JORDAN', address: 'jordan.walker@cbp.dhs.gov' };
const SYSTEM = { name: 'ACE User Service', address: 'aceuserservice@cbp.dhs.gov' };

const SIGNATURE = `ACE Account Management
U.S. Customs and Border Protection
ACE Account Service Desk: 1-866-530-4172, option 1, then option 2`;

const AUTOMATIC = { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' };

/** One letter. It comes from the desk unless its kind has its own sender. */
export function letter(kind: LetterKind, about: LetterSubject): CbpLetter {
  const { company, importerNumber, subject } = about;
  const reply = { from: DESK, subject: `RE: ${subject}`, headers: {} };
  switch (kind) {
    case 'acknowledgement':
      return {
        from: DESK,
        subject: `Automatic reply: ${subject}`,
        headers: AUTOMATIC,
        text: `Thank you for contacting ACE Applications.

This is an automated message to confirm that your email has been received. CBP will respond within 3 to 5 business days. Applications are processed in the order in which they are received. Please do not submit the same application more than once, as duplicates delay processing.

Do not reply to this message; this reply was sent automatically.

${SIGNATURE}`,
      };
    case 'in-process':
      return {
        ...reply,
        text: `Good afternoon,

Your ACE Portal account application for ${company} is in process. No action is required from you at this time. You will be notified once the review of your application has been completed.

${SIGNATURE}`,
      };
    case 'approval-welcome':
      return {
        from: ADMINISTRATOR,
        subject: `RE: ${subject}`,
        headers: {},
        text: `Good morning,

Welcome to ACE. The ACE Portal account application for ${company} (importer of record number ${importerNumber}) has been approved and your ACE Portal account has been created.

The Trade Account Owner will receive a separate system-generated email from aceuserservice@cbp.dhs.gov with the account ID and a link to obtain a temporary password. Your shared secret is the one given on the application. If the second email does not arrive within 24 hours, please contact the ACE Account Service Desk.

Thank you,
Jordan Walker
ACE Account Administrator
${SIGNATURE}`,
      };
    case 'approval-notice':
      return {
        ...reply,
        text: `Good afternoon,

We are pleased to inform you that the ACE Portal account application of ${company} (importer of record number ${importerNumber}) was approved. The account is open.

The Trade Account Owner will be contacted separately with the account ID.

${SIGNATURE}`,
      };
    case 'approval-account':
      return {
        from: SYSTEM,
        subject: 'Your ACE Portal account has been created',
        headers: { 'Auto-Submitted': 'auto-generated' },
        text: `An ACE Secure Data Portal account has been created for ${company}.

User ID: simulated-${digits(importerNumber)}
To obtain your temporary password, follow this link within 21 days: https://ace.invalid/simulated/activate

For security reasons do not share your user ID or password with anybody.

This is a system-generated message. Please do not reply.`,
      };
    case 'more-information':
      return {
        ...reply,
        text: `Good afternoon,

We are unable to complete the processing of the ACE Portal account application for ${company}. Additional information is required: the end of the fiscal year in Section A does not match our records, please correct it and resubmit the application.

${SIGNATURE}`,
      };
    case 'not-on-file':
      return {
        ...reply,
        text: `Good afternoon,

The ACE Portal account application for importer of record number ${importerNumber} could not be processed. The company name on the application does not match the name on file for this number (CBP Form 5106). Please correct the application so that the name is exactly as on the CBP Form 5106 record, and resubmit it.

${SIGNATURE}`,
      };
    case 'already-registered':
      return {
        ...reply,
        text: `Good afternoon,

Importer of record number ${importerNumber} is already associated with an existing ACE Portal top account. A number can be in one account only, so a new account cannot be created. Please contact the Trade Account Owner of the existing account, or the ACE Account Service Desk for a Trade Account Owner lookup.

${SIGNATURE}`,
      };
    case 'use-web-form':
      return {
        ...reply,
        text: `Good afternoon,

Thank you for your email. The PDF version of the ACE Portal account application is no longer accepted for this type of account. Please use the online application form at https://ace-accounts.cbp.gov/s/importer-form to apply.

${SIGNATURE}`,
      };
    case 'refusal':
      return {
        ...reply,
        text: `Good afternoon,

The ACE Portal account application for ${company} has been denied. The applicant is not eligible for an ACE Portal importer account. No further action will be taken on this application.

${SIGNATURE}`,
      };
    case 'out-of-office':
      return {
        from: ADMINISTRATOR,
        subject: `Automatic reply: ${subject}`,
        headers: AUTOMATIC,
        text: `I am out of the office for the Thanksgiving holiday with no access to email and will return on Monday, November 30. For urgent matters please contact the ACE Account Service Desk.

Jordan Walker`,
      };
  }
}

/** The quoted message below a reply, in the style of CBP's mail program. */
export function quoted(about: LetterSubject & { text: string; from: string }): string {
  return `\n\n-----Original Message-----\nFrom: ${about.from}\nSent: ${about.at.toUTCString()}\nTo: ACE Applications <ACE.Applications@cbp.dhs.gov>\nSubject: ${about.subject}\n\n${about.text.trim()}\n`;
}

/** A bulletin to CBP's whole mailing list. It is never a decision, even if it reads like one. */
export const BULLETIN: CbpLetter = {
  from: { name: 'U.S. Customs and Border Protection', address: 'cbp@service.govdelivery.com' },
  subject: 'CSMS # 66900001 - Approved Applications and the ACE Portal: Scheduled Maintenance',
  headers: {
    Precedence: 'bulk',
    'List-Unsubscribe': '<https://public.govdelivery.invalid/accounts/USDHSCBP/subscriber/edit>',
    'List-Id': '<USDHSCBP.govdelivery.com>',
  },
  text: `CSMS # 66900001 - ACE Portal: Scheduled Maintenance

The ACE Portal will be unavailable on Sunday from 0200 ET to 0400 ET. Users whose account application has been approved may see a delay in receiving their account emails.

You are subscribed to updates from U.S. Customs and Border Protection. Manage preferences or unsubscribe.`,
};

function digits(importerNumber: string): string {
  return importerNumber.replace(/\D/g, '').slice(-4);
}
