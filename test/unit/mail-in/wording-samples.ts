import type { MailKind } from '../../../src/mail/received-mail.js';

/** How officials might word each kind. Not what CBP is known to write: what must not be misread. */
export const SAMPLES: { kind: MailKind; text: string; subject?: string; headers?: string[] }[] = [
  // acknowledgement
  {
    kind: 'acknowledgement',
    text: 'Thank you for your submission. We have received your ACE Portal application. CBP will respond within 3 to 5 business days.',
  },
  {
    kind: 'acknowledgement',
    text: 'This is an automated response. Your e-mail has been received and will be processed in the order received. Please allow 3-5 business days for a response.',
  },
  {
    kind: 'acknowledgement',
    text: 'Thank you for contacting ACE Applications. Your request will be reviewed within five to seven (7) business days. Once approved, you will receive an email with your account ID.',
    headers: ['Auto-Submitted: auto-replied'],
  },
  {
    kind: 'acknowledgement',
    text: 'We acknowledge receipt of your application. If your application is incomplete, it will be returned to you.',
  },
  {
    kind: 'acknowledgement',
    text: 'Your message was received. A representative will contact you within 10 business days. Please do not submit duplicate applications.',
  },
  {
    kind: 'acknowledgement',
    text: 'Thank you for your email. Due to high volume, response time is 5–7 business days.',
    headers: ['Auto-Submitted: auto-replied'],
  },
  {
    kind: 'acknowledgement',
    text: 'Your application has been received and is being processed. You should hear back from us within 3-5 business days.',
  },
  // in process
  {
    kind: 'in-process',
    text: 'Your application is currently under review. You will be notified once a decision has been made.',
  },
  { kind: 'in-process', text: 'Your application has not yet been approved; it is still in process.' },
  { kind: 'in-process', text: 'Your request has been assigned to an analyst. Ticket number INC0012345.' },
  { kind: 'in-process', text: 'Good morning, we are still working on your application and apologize for the delay.' },
  { kind: 'in-process', text: 'Your application is pending approval.' },
  // approved
  { kind: 'approved', text: 'Your ACE Portal account application has been approved.' },
  {
    kind: 'approved',
    text: 'Good afternoon,\n\nWe are pleased to inform you that your application for an ACE Secure Data Portal account has been approved. You may now log in.',
  },
  { kind: 'approved', text: 'Your ACE account has been created. Your account ID is ABC12345.' },
  { kind: 'approved', text: 'Congratulations! Your importer account is now active.' },
  { kind: 'approved', text: 'Welcome to ACE! Your account was successfully established on March 3.' },
  { kind: 'approved', text: 'CBP has approved your request for an ACE Portal account. No further action is required.' },
  {
    kind: 'approved',
    text: 'The application for Acme Imports LLC (IOR 12-345678900) is approved. The Trade Account Owner will receive a temporary password separately.',
  },
  { kind: 'approved', text: 'Application status: Approved' },
  {
    kind: 'approved',
    text: 'After review, your application has been approved. If you have any questions, contact the ACE Account Service Desk.',
  },
  { kind: 'approved', text: 'This confirms the approval of your ACE portal application.' },
  { kind: 'approved', text: 'We received your application on March 2 and it has been approved.' },
  { kind: 'approved', text: 'Please be advised that the account for your company has been set up in ACE.' },
  // refused
  { kind: 'refused', text: 'Your application has been denied.' },
  { kind: 'refused', text: 'We regret to inform you that your ACE Portal application was rejected.' },
  { kind: 'refused', text: 'Your application was not approved.' },
  { kind: 'refused', text: 'After careful consideration, CBP has declined your request for an ACE account.' },
  { kind: 'refused', text: 'The applicant is not eligible for an ACE importer account.' },
  {
    kind: 'refused',
    text: 'Your company does not qualify for an ACE Portal account. The application cannot be approved.',
  },
  // more information
  { kind: 'more-information', text: 'Your application cannot be approved until you provide a signed Section D.' },
  {
    kind: 'more-information',
    text: 'We need additional information to process your application. Please provide the date of birth of the company officer.',
  },
  {
    kind: 'more-information',
    text: 'Your application is incomplete. Section A.1 is missing the DUNS number. Please correct and resubmit.',
  },
  {
    kind: 'more-information',
    text: 'We are unable to process your application because Section D is not signed. Please sign and return the form.',
  },
  {
    kind: 'more-information',
    text: 'In order to continue, the following information is required:\n- fiscal year end\n- officer title',
  },
  { kind: 'more-information', text: 'Your application is being returned for correction.' },
  {
    kind: 'more-information',
    text: "Before we can approve your application, we'll need a copy of your articles of incorporation.",
  },
  { kind: 'more-information', text: 'Can you please confirm which importer number should be primary?' },
  {
    kind: 'more-information',
    text: 'Thank you for your application. However, the P for primary account type was left blank. Please resubmit the corrected application.',
  },
  // already registered
  { kind: 'already-registered', text: 'Our records show that this importer number already has an ACE account.' },
  { kind: 'already-registered', text: 'An ACE account already exists for this importer of record number.' },
  { kind: 'already-registered', text: 'The account was already approved under a different Trade Account Owner.' },
  { kind: 'already-registered', text: 'This IOR is already associated with another top account.' },
  {
    kind: 'already-registered',
    text: 'Your application appears to be a duplicate. The number is linked to an existing ACE portal account.',
  },
  {
    kind: 'already-registered',
    text: 'The EIN you provided is already in use in ACE. Please contact your Trade Account Owner.',
  },
  // not on file
  { kind: 'not-on-file', text: 'There is no CBP Form 5106 on file for this importer number.' },
  {
    kind: 'not-on-file',
    text: 'The company name on your application does not match the name on file for this importer number.',
  },
  {
    kind: 'not-on-file',
    text: 'We were unable to locate an importer record for the number provided. Please submit a CBP Form 5106.',
  },
  { kind: 'not-on-file', text: 'The importer number is inactive. Please update your 5106.' },
  { kind: 'not-on-file', text: 'The name does not match our 5106 record. Please correct and resubmit.' },
  { kind: 'not-on-file', text: 'The IOR number provided was not found in ACE.' },
  // use the web form
  {
    kind: 'use-web-form',
    text: 'PDF applications are no longer accepted. Please submit your application using the online web form at https://ace-accounts.cbp.gov/s/importer-form.',
  },
  { kind: 'use-web-form', text: 'As of April 1, CBP no longer accepts emailed applications. Please apply online.' },
  { kind: 'use-web-form', text: 'Please use the importer web form to apply for an ACE account.' },
  { kind: 'use-web-form', text: 'This form is no longer supported. You must complete the online application instead.' },
  // out of office
  {
    kind: 'out-of-office',
    text: 'I am out of the office until Monday, March 9, with limited access to email. I will respond when I return.',
    headers: ['Auto-Submitted: auto-replied'],
  },
  {
    kind: 'out-of-office',
    text: 'Thank you for your email. I will be on annual leave until March 10. For urgent matters contact ACE.Support@cbp.dhs.gov.',
    headers: ['Auto-Submitted: auto-replied'],
  },
  {
    kind: 'out-of-office',
    text: 'I am currently away from my desk. Upon my return I will answer your message.',
    subject: 'Automatic reply: ACE Portal Account Application',
  },
];

/** Nothing in these may be taken for an approval, nor for an answer that moves a case by itself. */
export const NEVER_APPROVALS = [
  'Your application cannot be approved until we receive the signed form.',
  'Your application has not been approved.',
  'Your application was not approved.',
  'Once your application has been approved, you will receive an email from aceuserservice@cbp.dhs.gov.',
  'You will be notified when your application has been approved.',
  'If your application is approved, an account will be created.',
  'The account was already approved under a different owner.',
  'We cannot confirm that your application has been approved.',
  'This message does not mean that your application has been approved.',
  'Your application will be approved after the signature is received.',
  'Your application may have been approved.',
  'Has your application been approved?',
  'It is our understanding that no application has been approved.',
  'Your application has been disapproved.',
  'Your application is approved subject to receipt of the signed form.',
  'Applications that have been approved will be listed on the site.',
  'After your application has been approved, sign in at the portal.',
  'Unless your application has been approved, do not log in.',
  'Your application should have been approved by now.',
  'Approved Imports LLC: your application has been denied.',
  'Your application has never been approved.',
  'Neither application has been approved.',
  'As soon as the account has been created you will be told.',
  'We failed to find that the account was created.',
  'Your application is to be approved by the manager.',
  'An account can be created once your form is approved.',
];
