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
  'We have not approved your application.',
  'Approval is pending.',
  'Approval of your application is not guaranteed.',
  'Upon approval, your account will be created.',
  'Your application has been forwarded for approval.',
  'This does not constitute approval of your application.',
  'We are unable to verify that your account has been created.',
  'Your previously approved account has been deactivated.',
  'Your application was approved in error; the approval has been rescinded.',
  'Your application has been approved pending receipt of the signed form.',
  'To have your application approved, sign it.',
  'The account has not been created.',
  'Applications are approved in the order received.',
  'Nobody has approved your application.',
  'Your application has been provisionally approved but cannot be completed until the form is signed.',
  'I see that you say your application has been approved. It has not.',
  'You asked whether your application has been approved.',
  'Your broker told us that it has been approved.',
  'Was your account created? Let us know.',
  'If approved:\n\n- Your account has been created\n- You may now log in',
  'Your account has been created but your application was denied.',
  'Subject to final review, your application is approved.',
  'Your account has been suspended.',
  'An account has been created for you on our shop.',
  'We expect that your application has been approved by Friday.',
  'It is not true that your application was approved.',
  'Your application had been approved, but the approval was revoked.',
  'No, your application has been approved by nobody.',
  'Let us know once your account is active.',
  'Example: "Your application has been approved."',
];

/** Further wordings, by kind. */
export const FURTHER: { [kind in MailKind]?: string[] } = {
  acknowledgement: [
    'Thank you for submitting your ACE Portal application. This is an automated confirmation that your request was received. CBP will respond within 3-5 business days. Please do not reply to this email.',
    'Your application has been successfully submitted and is in the queue for review. Typical processing takes 3 to 5 business days.',
    'This message confirms that we have received your e-mail. You can expect a response in 3-5 business days. If you have not heard from us after 5 business days, please call the ACE Service Desk.',
    'The ACE Applications mailbox has received your message. Response time: 3–5 business days.',
    "We've received your application.",
    'Your submission was received. Please allow three to five business days for processing. Once your account has been approved you will receive your user ID by e-mail.',
    'Receipt of your ACE account application is hereby confirmed.',
    'Thank you. Your application will be reviewed within 10 business days.',
    'Thank you for contacting the ACE Account Service Desk. If you already have an ACE account, please contact your Trade Account Owner. If your application has been approved, ignore this message. We will respond to your inquiry in 3-5 business days.',
  ],
  approved: [
    'Your ACE Portal Account application for Acme has been processed. Your account was created on 3/3/2026.',
    'Dear Applicant,\n\nYour ACE Top Account has been established. The Trade Account Owner may now access the portal.',
    'This is to notify you that the ACE account request for IOR 12-345678900 was approved on March 3, 2026.',
    'Good news - your account is approved and active.',
    'Your request for an ACE Secure Data Portal Account has been granted.',
    'Application Approved',
    'Your application to establish an importer account has been completed. Access to ACE has been granted.',
    'We have approved your ACE account application. Your Trade Account Owner will get an email shortly.',
    'The importer account for Acme Imports LLC has been successfully created in ACE.',
    'I am writing to let you know that your application was approved this morning.',
    'Your application is now approved. Please log in within 21 days.',
    'Acme Imports LLC has been approved for an ACE Portal account.',
    'Your ACE Portal account has now been activated.',
  ],
  refused: [
    'We are unable to approve your application at this time.',
    'Your request has been denied because the applicant is not a U.S. resident.',
    'Application Denied',
    'Your application does not meet the requirements and has been rejected.',
    'CBP is unable to grant your request for an ACE account.',
    'Unfortunately your application has been disapproved.',
    'Your application could not be approved.',
    'We must deny your application for an ACE Portal account.',
    'Your request for an account was turned down.',
    'CBP has determined that your company is ineligible for an ACE Portal account.',
  ],
  'more-information': [
    'Please provide a copy of your articles of incorporation.',
    "The application you submitted is missing the officer's date of birth.",
    'Section B Part 2 was not completed. Kindly complete and resubmit.',
    'We noticed that the signature on your application is missing.',
    'Your application is on hold pending receipt of the following documents: articles of incorporation.',
    'Could you clarify the fiscal year end date?',
    'Your application has been returned. Reason: the phone number is invalid. Please resubmit with corrected information.',
    'Before proceeding we need the following: proof of address.',
    'Your application cannot be processed as submitted. Section C is blank.',
    'Your application was rejected because Section D is not signed. Please correct it and resubmit.',
    'We cannot move forward with your application without the date of birth of the officer.',
    'In order to complete your request, we need the DUNS number.',
    'The form you sent is illegible. Send us a clear copy.',
    'Your application has not been approved because it is incomplete. Please submit the missing pages.',
    'Please update Section A with the correct mailing address and send the form back to us.',
  ],
  'already-registered': [
    'A search of ACE indicates that the importer already has a portal account. The TAO is J. Smith.',
    'Our records indicate an existing ACE account for this company.',
    'This company is already registered in ACE.',
    'A top account already exists for this importer.',
    'The IOR number is already linked to an account.',
    'We cannot create a second account for the same importer number.',
    'You already have access to ACE under account ABC.',
    'The importer number you provided is currently associated with another ACE Portal account.',
    'Your company has an existing ACE account; a new application is not needed.',
    'This appears to be a duplicate application. An account was already created for this EIN.',
  ],
  'not-on-file': [
    'No 5106 record was found for the IOR.',
    'The IOR number in your application is not on file with CBP.',
    'Company name/IOR mismatch.',
    'The IR number provided is not active. Please contact your broker to reactivate it.',
    'The importer of record number is not in our system.',
    'The importer number does not exist in ACE.',
    'We could not find a CBP Form 5106 associated with the EIN.',
    'The legal name on the application differs from the name on the CBP Form 5106.',
    'The importer number has been voided.',
    'You must have a CBP Form 5106 on file before applying.',
  ],
  'use-web-form': [
    'Effective April 1, 2026, importers must apply via the web form.',
    'We are no longer processing PDF applications by email. Please visit the site to complete the web application.',
    'Kindly resubmit your application through the ACE importer web form.',
    'The legacy PDF form has been retired. Use the new form at https://ace-accounts.cbp.gov/s/importer-form.',
    'CBP has transitioned to an online application. Applications sent by e-mail are not processed.',
    'Please apply at https://ace-accounts.cbp.gov/s/importer-form instead of using the PDF.',
  ],
  'in-process': [
    'Your application is being processed by our team.',
    'We are experiencing high volumes; your application is in queue.',
    'Your application was forwarded to the account team for review. Reference number: ACE-12345.',
    'A service ticket has been opened: INC123456.',
    'Thank you for your inquiry. Your application remains under review; please allow additional time.',
    'There is no decision on your application yet.',
    'We have not yet made a decision on your application.',
    'I have passed your application on to the reviewing officer. She will get back to you.',
  ],
  'out-of-office': [
    'I am out sick today.',
    'I am currently on leave returning 3/10.',
    'I will be out of the office starting 03/01 and returning 03/09.',
    'The office is closed for the federal holiday. We will return on Tuesday.',
    'Thank you for your message. I am out of the office and will return Monday. If this concerns an approved application, contact the desk.',
  ],
};

/** What stands below every letter. */
export const SIGNATURE = `\n\nRegards,\n\nJordan Walker\nACE Account Administrator\nU.S. Customs and Border Protection\nACE Account Service Desk: 1-866-530-4172, option 1, then option 2\n\nThis message may contain sensitive information. If you have received this message in error, please notify the sender and delete it.`;

/** Whole letters, with the advice that letters come with: kind, text, subject, further headers. */
export const LETTERS: [MailKind, string, string?, string[]?][] = [
  [
    'approved',
    `Dear Ms. Owner,\n\nYour application for an ACE Secure Data Portal account has been reviewed and approved. Your account number is 10012345.\n\nTo access your account, please complete the following steps:\n1. Go to https://ace.cbp.gov and select Sign Up.\n2. Enter the email address on your application.\n3. Complete the registration within 21 days. If you do not complete it, your link will expire.\n\nIf you have any questions, please contact the ACE Account Service Desk.`,
  ],
  [
    'approved',
    `Good afternoon,\n\nWelcome to the Automated Commercial Environment (ACE)! Your Importer account has been set up. Please make sure your CBP Form 5106 information is kept up to date. You must sign in at least every 45 days or your access will be deactivated.\n\nFor more information visit https://www.cbp.gov/ace.`,
  ],
  [
    'approved',
    `Your ACE account request has been processed and approved. You will receive a separate e-mail from aceuserservice@cbp.dhs.gov with your user name. If you do not receive it within 24 hours please call us. Do not reply to this email.`,
  ],
  [
    'approved',
    `Hello,\n\nthe portal account for ACME IMPORTS LLC, IOR 12-345678900, has been created. Pat Owner is the Trade Account Owner. Once logged in, you can grant access to your broker.`,
  ],
  [
    'approved',
    `The attached application was approved on 03/03/2026. Please allow 24 hours for the account to become active.`,
  ],
  [
    'more-information',
    `Good morning,\n\nThank you for your application. We have reviewed it and found the following issues:\n\n1. Section A: the EIN is missing its suffix.\n2. Section D: no acknowledgement from the Trade Account Owner.\n\nOnce we receive a corrected application, we will continue processing. Your application will not be approved until these items are addressed.`,
  ],
  [
    'more-information',
    `Hello,\n\nyour application was received on March 2 but could not be completed. The Trade Account Owner's e-mail address is the same as the broker's. Please send us an e-mail address of an employee of the company. We will hold your application for 10 business days.`,
  ],
  [
    'more-information',
    `We are unable to approve the ACE Portal account application at this time, as the officer's title is blank. Please make the correction and resubmit your application to ACE.Applications@cbp.dhs.gov.`,
  ],
  [
    'more-information',
    `Your request cannot be processed. The attachment could not be opened. Please resend the application as a PDF.`,
  ],
  [
    'refused',
    `Dear applicant,\n\nCBP has completed the review of your application for an ACE Portal account. We regret to inform you that the application has been denied, as the company is not in good standing. You may appeal this decision within 30 days. If you have questions, contact the desk.`,
  ],
  [
    'refused',
    `After review of your application, we have determined that you are not eligible for an importer account because you have no entries on record. Your application will not be approved.`,
  ],
  [
    'already-registered',
    `Hello,\n\nThank you for your email. We searched ACE for IOR 12-345678900. This importer number is already part of an ACE top account (owner: J. Smith). Only one top account can exist per importer. Please have the current Trade Account Owner add you as a user, or call the desk to change the owner.`,
  ],
  [
    'already-registered',
    `Your application cannot be processed because the importer of record number already exists in ACE under another account.`,
  ],
  [
    'not-on-file',
    `Good morning,\n\nWe could not process the application: the IOR number 12-345678900 does not have a CBP Form 5106 on file. Please have your broker submit a 5106, then resubmit the application.`,
  ],
  [
    'not-on-file',
    `The name on your application (Acme Imports) does not match the importer record in ACE (Acme Importing LLC). Please correct your application or update the CBP Form 5106 and resubmit.`,
  ],
  [
    'use-web-form',
    `Thank you for contacting ACE Applications. As of April 1, 2026 importers are required to apply for an ACE Portal account using the importer web form: https://ace-accounts.cbp.gov/s/importer-form. PDF applications sent by email will not be processed.`,
  ],
  [
    'acknowledgement',
    `Thank you for contacting the ACE Applications mailbox.\n\nThis is an automated reply to let you know that we have received your email. Applications are processed in the order in which they are received and a response will be provided within 3-5 business days.\n\nPlease note:\n- Incomplete applications will be returned.\n- If you already have an ACE account, contact your Trade Account Owner.\n- PDF applications for importers may be replaced by a web form.\n- Once your application has been approved you will receive two emails.\n\nFor technical support please call 1-866-530-4172.`,
    'Automatic reply: ACE Portal Account Application',
    ['Auto-Submitted: auto-replied'],
  ],
  [
    'acknowledgement',
    `Your inquiry has been received by U.S. Customs and Border Protection. Your case number is 01234567. A member of our team will respond as soon as possible, generally within 5 business days.`,
  ],
  [
    'acknowledgement',
    `CBP ACE Applications: message received. Expect our answer in 3 to 5 business days.`,
    'Automatic reply: x',
    ['Auto-Submitted: auto-replied'],
  ],
  [
    'in-process',
    `Hi,\n\nI checked on this for you. The application is with the account team and they are working on it. They are behind because of the volume. I don't have a date yet.`,
  ],
  [
    'in-process',
    `Your application (Ticket INC0098765) is in progress. No further information is needed from you at this time. You will be notified when your account has been created.`,
  ],
  [
    'out-of-office',
    `I will be out of the office from March 2 through March 9. If you need immediate assistance, please contact ACE.Applications@cbp.dhs.gov. Applications received during my absence will be processed upon my return.`,
    'Automatic reply: x',
    ['Auto-Submitted: auto-replied'],
  ],
  ['unclear', `Please call me at your earliest convenience.`],
  ['unclear', `Thanks, noted.`],
  ['unclear', `Please see attached.`],
];
