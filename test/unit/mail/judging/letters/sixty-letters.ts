import type { DecisionKind } from '../../../../../src/workflows/contract/received-mail.js';

/**
 * Sixty letters as a government desk might write them. Many are close to each other: they differ only in a word, a
 * condition or the subject matter. `!` marks the decisive paragraph. Braces mark what differs from case to case and email to
 * email: company, importer number, owner, date, ticket, path of a link, phone.
 */
export interface DeskLetter {
  kind: DecisionKind;
  form: 'text' | 'html' | 'both';
  subject: string;
  paragraphs: string[];
  decisive: number;
}

const APPLICATION = 'RE: ACE Portal Account Application - {company}';
const ACCOUNT = 'Your ACE account';
const SIGN_IN = 'The Trade Account Owner, {owner}, can sign in at https://ace.cbp.dhs.gov/{path}.';
const TICKET = 'Ticket CBP-{ticket}. Questions? Call {phone}.';

const APPROVED: string[][] = [
  [
    APPLICATION,
    '!The application of {company} was approved on {date}. The account closes when it is not used for 45 days.',
    SIGN_IN,
    TICKET,
  ],
  [ACCOUNT, '!We have approved the application of {company} (importer of record {number}).', SIGN_IN, TICKET],
  [ACCOUNT, '!We have approved the application of {company} (importer of record {number}).', TICKET, SIGN_IN],
  [ACCOUNT, '!We have approved the application of {company} (importer of record {number}).', SIGN_IN],
  [
    ACCOUNT,
    '!We have approved the application of {company} (importer of record {number}).',
    'It opens once the signed rules of behavior are here.',
    SIGN_IN,
    TICKET,
  ],
  [ACCOUNT, '!We have approved the bond of {company} (importer of record {number}).', SIGN_IN, TICKET],
  [ACCOUNT, '!We have approved the ACH enrollment of {company} (importer of record {number}).', SIGN_IN, TICKET],
  [ACCOUNT, '!We have approved the CBP Form 5106 of {company} (importer of record {number}).', SIGN_IN, TICKET],
  [
    APPLICATION,
    '!The application of {company} was approved on {date}. The account closes when it is not used for 45 days.',
    SIGN_IN,
  ],
  [
    APPLICATION,
    '!The application of {company} was approved. The account closes when it is not used for 45 days.',
    SIGN_IN,
    TICKET,
  ],
  [
    ACCOUNT,
    '!The application of {company} was approved on {date}. The account closes when it is not used for 45 days.',
    SIGN_IN,
    TICKET,
  ],
  [APPLICATION, '!Welcome to ACE. An account for {company} was created on {date}.', SIGN_IN, TICKET],
  [APPLICATION, '!Congratulations, {company} is in ACE.', 'Your user ID follows by separate email.'],
  [APPLICATION, '!Status of {number}: approved.', TICKET],
  [APPLICATION, '!Your CTPAT application has been approved on {date}.', 'The status of {company} is certified.'],
  [APPLICATION, '!Access for {owner} has been granted.', 'Sign in within 21 days at https://ace.cbp.dhs.gov/{path}.'],
  [APPLICATION, '!The account of {company} has been opened on {date}.', 'Keep your CBP Form 5106 up to date.', TICKET],
  [ACCOUNT, '!The account of {company} was unlocked on {date}.', SIGN_IN, TICKET],
  [ACCOUNT, '!Approved.', TICKET],
  [
    ACCOUNT,
    'We looked at the application of {date}.',
    '!It is approved, and {owner} is the Trade Account Owner of {company}.',
    'See https://www.cbp.gov/{path} for training.',
    TICKET,
  ],
];

const REFUSED: string[][] = [
  [
    APPLICATION,
    '!The application of {company} was not approved on {date}. The account closes when it is not used for 45 days.',
    SIGN_IN,
    TICKET,
  ],
  [ACCOUNT, '!We have denied the application of {company} (importer of record {number}).', SIGN_IN, TICKET],
  [ACCOUNT, '!We have not approved the application of {company} (importer of record {number}).', SIGN_IN, TICKET],
  [APPLICATION, '!The application of {company} was denied on {date}.', 'You may appeal within 30 days.', TICKET],
  [APPLICATION, '!We regret that {company} is not eligible for an account.', TICKET],
  [APPLICATION, '!Your application has been rejected.', 'No further action will be taken.'],
  [ACCOUNT, '!The approval of {date} has been rescinded.', TICKET],
  [ACCOUNT, '!{company} does not qualify for an ACE account.', 'Call {phone}.'],
];

const MORE: string[][] = [
  [
    APPLICATION,
    'We looked at the application of {company}.',
    '!The signature in Section D is missing: reason 400512, see https://www.cbp.gov/reasons or call 866-530-4172.',
    TICKET,
  ],
  [
    APPLICATION,
    'We looked at the application of {company}.',
    '!The signature in Section E is missing: reason 400512, see https://www.cbp.gov/reasons or call 866-530-4172.',
    TICKET,
  ],
  [
    APPLICATION,
    'We looked at the application of {company}.',
    '!The signature in Section D is missing: reason 400513, see https://www.cbp.gov/reasons or call 866-530-4172.',
    TICKET,
  ],
  [
    APPLICATION,
    'We looked at the application of {company}.',
    '!The signature in Section D is missing: reason 400512, see https://www.cbp.gov/reasons or call 866-530-4172.',
    'Your bond is missing, too.',
    TICKET,
  ],
  [APPLICATION, '!Additional information is required: the title of {owner}.', 'Reply by {date}.', TICKET],
  [APPLICATION, '!Please send a corrected Section B for {number}.', TICKET],
  [APPLICATION, '!The form of {company} could not be opened. Please send it again as a PDF.'],
  [APPLICATION, '!Your application is incomplete.', 'See https://www.cbp.gov/{path} for what is needed.', TICKET],
  [ACCOUNT, '!The email address of the owner is that of the broker. Please name one of {company}.', TICKET],
  [ACCOUNT, '!We need the fiscal year of {company}.', 'Call {phone} or reply.'],
];

const REGISTERED: string[][] = [
  [ACCOUNT, '!{company} already has an account.', 'Contact its Trade Account Owner.', TICKET],
  [ACCOUNT, '!{company} already had an account.', 'Contact its Trade Account Owner.', TICKET],
  [ACCOUNT, '!Importer of record number {number} is already in an ACE top account.', TICKET],
  [APPLICATION, '!{number} is associated with an existing account since {date}.', 'Call {phone} for a lookup.'],
  [APPLICATION, '!This is a duplicate of an account of {company}.', TICKET],
  [APPLICATION, '!An account for {number} exists.', 'See https://ace.cbp.dhs.gov/{path}.'],
];

const NOT_ON_FILE: string[][] = [
  [
    APPLICATION,
    '!The name of {company} is not on file for {number} (CBP Form 5106).',
    'File a CBP Form 5106, see https://www.cbp.gov/{path}, then apply again.',
    TICKET,
  ],
  [
    APPLICATION,
    '!The name of {company} is on file for {number} (CBP Form 5106).',
    'File a CBP Form 5106, see https://www.cbp.gov/{path}, then apply again.',
    TICKET,
  ],
  [
    APPLICATION,
    '!The name of {company} is not on file for {number} (CBP Form 5106).',
    'File a CBP Form 5106, see https://www.cbp.gov/{path}, then wait.',
    TICKET,
  ],
  [
    APPLICATION,
    '!The name of {company} is not on file for {number} (CBP Form 5106).',
    'File a CBP Form 5106, see https://ace.cbp.dhs.gov/{path}, then apply again.',
    TICKET,
  ],
  [APPLICATION, '!We could not find {number} in ACE.', TICKET],
  [APPLICATION, '!{number} has been inactive since {date}.', 'File a CBP Form 5106.', TICKET],
  [ACCOUNT, '!The address of {company} does not match the one on file.', 'Call {phone}.'],
  [ACCOUNT, '!No CBP Form 5106 is on file for {company}.'],
];

const WEB_FORM: string[][] = [
  [APPLICATION, '!Please apply with the web form at https://ace-accounts.cbp.gov/{path}.', TICKET],
  [APPLICATION, '!Applications by email are no longer accepted.', 'Apply at https://ace-accounts.cbp.gov/{path}.'],
  [APPLICATION, '!As of {date} the PDF form is retired.', 'Apply at https://ace-accounts.cbp.gov/{path}.', TICKET],
  [APPLICATION, '!The PDF of {company} was not processed: importers apply online.', TICKET],
  [ACCOUNT, '!Use the online application for {number}.', 'Call {phone} for help.'],
  [ACCOUNT, '!We only take electronic applications.', 'See https://www.cbp.gov/{path}.'],
  [ACCOUNT, '!{owner} has to apply online.', TICKET],
  [ACCOUNT, '!Apply online, then reply to this email.'],
];

const FORMS = ['text', 'both', 'html'] as const;

/** Letters that are close to each other have the same form, so that only their words tell them apart. */
function lettersOf(
  kind: DecisionKind,
  texts: string[][],
  form?: (at: number) => DeskLetter['form'] | undefined,
): DeskLetter[] {
  return texts.map(([subject = '', ...paragraphs], at) => ({
    kind,
    form: form?.(at) ?? FORMS[at % 3] ?? 'text',
    subject,
    paragraphs: paragraphs.map((paragraph) => paragraph.replace(/^!/, '')),
    decisive: paragraphs.findIndex((paragraph) => paragraph.startsWith('!')),
  }));
}

export const SIXTY: DeskLetter[] = [
  ...lettersOf('approved', APPROVED, (at) => (at >= 1 && at <= 7 ? 'both' : at === 0 || at <= 10 ? 'text' : undefined)),
  ...lettersOf('refused', REFUSED, (at) => (at === 0 ? 'text' : at <= 2 ? 'both' : undefined)),
  ...lettersOf('more-information', MORE, (at) => (at <= 3 ? 'html' : undefined)),
  ...lettersOf('already-registered', REGISTERED),
  ...lettersOf('not-on-file', NOT_ON_FILE, (at) => (at <= 3 ? 'text' : undefined)),
  ...lettersOf('use-web-form', WEB_FORM),
];

/** The taught ones: two approvals (text; text and HTML), an HTML letter, a text that quotes our email. */
export const TAUGHT: DeskLetter[] = [0, 1, 28, 44].map((at) => {
  const letter = SIXTY[at];
  if (!letter) throw new Error(`There is no letter ${at}.`);
  return letter;
});
