import type { NoticeTemplate } from '../../../workflows/contract/mail-activities.js';
import { NoticeRefused } from './notice-refused.js';
import type { TemplateFacts } from './templates.js';

/**
 * What our emails say about a case, sentence by sentence, and what must be on record before they may say it. All other
 * sentences ask for something, or are true of every case.
 */
export interface Claim {
  /** How the sentence begins in the English template. */
  begins: string;
  /** Names of facts that must all be there; with `|`, one of them. `application` is the archived application. */
  needs: readonly string[];
  /** The values that facts must have. */
  when?: Readonly<Record<string, string>>;
  /** Without them, the email is not sent, or goes out without the sentence. */
  else: 'refuse' | 'drop';
}

const SUBMITTED: Claim[] = [
  said('We emailed the ACE Portal account application', ['submittedOn', 'submittedBy'], 'refuse', {
    submittedBy: 'us',
  }),
  said('You submitted the ACE Portal account application', ['submittedOn', 'submittedBy'], 'refuse', {
    submittedBy: 'client',
  }),
  said('Our records show that the ACE Portal account application', ['submittedOn', 'submittedBy'], 'refuse', {
    submittedBy: 'unknown',
  }),
];

const APPROVED: Claim[] = [
  said('U.S. Customs and Border Protection (CBP) has told us', ['approval'], 'refuse', { approval: 'cbp-letter' }),
  said('We saw in ACE that', ['approval'], 'refuse', { approval: 'seen-in-ace' }),
  said('The service desk of U.S. Customs', ['approval'], 'refuse', { approval: 'desk-phoned' }),
  said('We have read an email from U.S. Customs', ['approval'], 'refuse', { approval: 'mail-examined' }),
  said('You told us that the email from U.S. Customs', ['approval'], 'refuse', { approval: 'client-stated' }),
  said('Our office has on record that U.S. Customs', ['approval'], 'refuse', { approval: 'back-office' }),
  said('We have on record that', ['approval'], 'refuse', { approval: 'existing-account' }),
  said("CBP's account email is dated", ['approvedOn', 'linkExpiresOn'], 'drop'),
];

const POINT = said('The ACE Portal account application for', ['what'], 'refuse');

export const CLAIMS: Record<Exclude<NoticeTemplate, 'digest' | 'weekly'>, readonly Claim[]> = {
  'application-submitted': [
    ...SUBMITTED,
    said('It replaces the application', ['replaces'], 'drop'),
    said('It writes to you, at', ['application'], 'refuse'),
  ],
  'ask-whether-approved': [
    ...SUBMITTED,
    said('We last asked you about it on', ['askedOn'], 'drop'),
    said('We also asked you about:', ['siblings'], 'drop'),
  ],
  'correction-needed': [POINT],
  'correction-reminder': [
    POINT,
    said('We asked you about it on', ['askedOn'], 'drop'),
    said('We also asked you about:', ['siblings'], 'drop'),
  ],
  'grant-instructions': APPROVED,
  'sign-in-reminder': [
    ...APPROVED,
    said('We sent you the steps on', ['instructedOn'], 'drop'),
    said('We also asked you about:', ['siblings'], 'drop'),
  ],
  'grant-reminder': [
    said('You told us that you signed in to ACE on', ['signedIn', 'signedInOn'], 'drop', { signedIn: 'client' }),
    said('You told us that you have signed in', ['signedIn'], 'drop', { signedIn: 'client' }),
    said('We have on record that you signed in to ACE on', ['signedIn', 'signedInOn'], 'drop', { signedIn: 'broker' }),
    said('We have on record that you have signed in', ['signedIn'], 'drop', { signedIn: 'broker' }),
    said('We sent you the steps on', ['instructedOn'], 'drop'),
    said('We looked in ACE on', ['lookedOn', 'missing'], 'drop'),
    said('We also asked you about:', ['siblings'], 'drop'),
  ],
  'grant-partial': [
    said('Thank you for telling us that you added', ['userAdded'], 'drop', { userAdded: 'client' }),
    said('We looked in ACE on', ['lookedOn'], 'refuse'),
    said('Our user had access to another top account', ['topAccount'], 'drop'),
    said('We saw some of the importer numbers', ['seen', 'missing'], 'drop'),
    said('We saw none of the importer numbers', ['seen', 'missing'], 'drop'),
    said('We did not see all of the importer numbers', ['missing'], 'drop'),
    said('Our role was not Full Access everywhere.', ['role|roles'], 'drop'),
    said('Please make the changes below', ['missing|role|roles|topAccount'], 'refuse'),
    said('Seen in ACE on', ['seen'], 'drop'),
    said('Not seen in ACE on', ['missing'], 'drop'),
    said('Roles seen in ACE on', ['roles'], 'drop'),
    said('Role seen in ACE on', ['role'], 'drop'),
  ],
  'link-expired': [said("CBP's account email is dated", ['approvedOn', 'linkExpiresOn'], 'drop')],
  'user-locked': [said('The last sign-in that we know of was on', ['signedInOn'], 'drop')],
  'owner-left': [
    said('We have you on record as the new account owner', ['application'], 'refuse'),
    said('We changed our own record only.', ['application'], 'refuse'),
  ],
  'wrong-top-account': [said('We looked in ACE on', ['lookedOn'], 'drop')],
  'wrong-address': [said('We looked in ACE on', ['lookedOn'], 'drop')],
  'access-seen': [
    said('We looked in ACE on', ['lookedOn', 'seen'], 'refuse'),
    said('You have nothing more to do for our access.', ['seen'], 'refuse'),
    said('Seen in ACE on', ['lookedOn', 'seen'], 'refuse'),
  ],
  // The email itself is the record: it alone makes the workflow send this one.
  'credentials-received': [said('We got an email about the ACE account', ['application'], 'refuse')],
  message: [said('The written text.', ['text'], 'refuse')],
  'cbp-message': [
    said('The written text.', ['text'], 'refuse'),
    said('The application form is attached.', ['attachForm'], 'drop'),
    said('Your ticket:', ['ticket'], 'drop'),
  ],
  'cbp-withdrawal': [
    said('We emailed it to you on', ['submittedOn', 'submittedBy'], 'drop', { submittedBy: 'us' }),
    said('Our records show that it was submitted on', ['submittedOn'], 'drop', { submittedBy: 'client' }),
    said('The importer no longer wants it.', ['withdrawn'], 'drop', { withdrawn: 'client-withdraws' }),
    said('The importer has revoked our power of attorney', ['withdrawn'], 'drop', {
      withdrawn: 'power-of-attorney-revoked',
    }),
    said('Your ticket:', ['ticket'], 'drop'),
  ],
  task: [
    said('> What to do.', ['what'], 'drop'),
    said('Since:', ['since'], 'drop'),
    said('Act by:', ['dies'], 'drop'),
    said('Refund:', ['refundDeadline'], 'drop'),
  ],
};

function said(begins: string, needs: string[], otherwise: Claim['else'], when?: Record<string, string>): Claim {
  return { begins, needs, else: otherwise, ...(when ? { when } : {}) };
}

/**
 * Refuses an email that would lack what it must say.
 * @param facts what is on record, by name
 * @throws NoticeRefused
 */
export function assertOnRecord(template: keyof typeof CLAIMS, facts: TemplateFacts): void {
  for (const claim of CLAIMS[template]) {
    if (claim.else !== 'refuse' || !concerns(claim, facts)) continue;
    const absent = claim.needs.find((names) => names.split('|').every((name) => !isThere(facts[name])));
    if (absent)
      throw new NoticeRefused(
        `The email ${template} can't be written: ${absent.replaceAll('|', ' or ')} is not on record. Nothing was sent. Write to the client yourself, or record what is missing.`,
      );
  }
}

/** Not the wordings for other values. */
function concerns({ when = {} }: Claim, facts: TemplateFacts): boolean {
  return Object.entries(when).every(([name, value]) => facts[name] === undefined || facts[name] === value);
}

function isThere(fact: TemplateFacts[string]): boolean {
  return fact !== undefined && fact.length > 0;
}
