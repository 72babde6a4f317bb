import type { Attention } from './progress.js';

/** What a person is asked for, for each reason that `NeedsAttention` can list: one sentence that says what to do. */
export const ATTENTION_HELP: Record<Attention, string> = {
  'application-refused': 'The application cannot go out as it is. Send it corrected; nothing has been mailed.',
  'route-unknown':
    'Nobody knows whether the importer has an ACE account. Ask the client, then send the application with the answer.',
  'importer-number-taken':
    'Another onboarding has this importer number. Find out which of the two is right; correct this one or withdraw it.',
  'web-form': "Fill CBP's web form by hand, then say when it was sent.",
  'send-unknown':
    "The mail to CBP may or may not have left. Look into the sent folder, ask CBP's desk, then settle it: it is not sent again before that.",
  bounced: 'A mail of ours came back. Find the right address; give the client a call meanwhile.',
  late: "CBP has not decided in its usual time. Ask the client whether CBP's account mail came to them: it goes to the account owner, not to us.",
  overdue: "CBP has not decided in twice its usual time. Phone CBP's desk, or change the route.",
  'mailbox-unread': 'Our mailbox could not be read when it mattered. Look into it before you believe in silence.',
  'mail-to-review': 'A mail moves nothing by itself. Read it, then decide what it means, or dismiss it.',
  'decision-to-confirm': 'CBP says what only a person may act upon. Read the mail, then decide.',
  contradiction:
    'CBP wrote something else about this application, too. Read each mail, ask its desk where they do not agree, then decide, or dismiss what changes nothing.',
  'approval-mismatch':
    'An approval names another importer number. Find out whose it is; for this onboarding it counts as nothing.',
  'correction-needed': 'Something must be mended before CBP goes on. Send the corrected application.',
  'grant-partial': 'The broker does not see everything yet. The client was told exactly what is missing.',
  'client-silent': 'The client has not granted access in spite of reminders. Phone the account owner.',
  parked: 'No reminder is left. Phone the client; then confirm what ACE shows, or abandon it.',
};
