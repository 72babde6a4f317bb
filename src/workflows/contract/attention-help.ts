import type { Attention } from './progress.js';

/** What to do about each reason that `NeedsAttention` can list. */
export const ATTENTION_HELP: Record<Attention, string> = {
  'application-refused': 'The application did not pass the checks, so it was not sent to CBP. Send a corrected one.',
  'route-unknown':
    "We don't know whether the importer already has an ACE account. Ask the client, then send the application with the answer.",
  'importer-number-taken':
    'Another onboarding has this importer number. Find out which one is right, then correct or withdraw this one.',
  'web-form': "Submit CBP's web form by hand, then record when you submitted it.",
  'send-unknown':
    "The email to CBP may or may not have gone out. Check the sent folder, ask CBP's desk, then settle it. Until then it will not be sent again.",
  bounced: 'One of our emails bounced. Find the right address, and call the client in the meantime.',
  late: "CBP has not decided within its usual time. The client was asked whether CBP's account email arrived, because it goes to the account owner, not to us. Watch for the reply, or check ACE.",
  overdue: "CBP has taken more than twice its usual time. Call CBP's desk, or change the route.",
  'mailbox-unread':
    "We could not read our mailbox when a deadline passed. Check it before assuming CBP hasn't replied.",
  'mail-to-review': 'An email is waiting for review. Read it, then decide what it means, or dismiss it.',
  'decision-to-confirm': 'An email from CBP says something that a person must confirm. Read it, then decide.',
  contradiction:
    "CBP's emails about this application disagree. Read each one, ask CBP's desk if needed, then decide, or dismiss the email that changes nothing.",
  'approval-mismatch':
    'An approval names another importer number. Find out whose it is. It does not count for this onboarding.',
  'correction-needed': "CBP can't process the application yet. Send a corrected one.",
  'grant-partial':
    "We don't have full access yet. The client was told exactly what is missing. Check ACE again once the client replies.",
  'client-silent': 'The client has not granted access despite reminders. Call the account owner.',
  parked: 'No reminders are left. Call the client, then confirm what ACE shows, or abandon the onboarding.',
};
