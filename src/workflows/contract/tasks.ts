import type { Attention } from './progress.js';

/** What kind of work a task is: the digest groups tasks by it. */
export const WORK = ['call', 'look-in-ace', 'read', 'send'] as const;
export type Work = (typeof WORK)[number];

interface TaskKind {
  work: Work;
  /** Its handler gets an email at once. All other tasks wait for the morning's digest. */
  urgent?: true;
}

/** Every reason for attention as a task. Urgent: a sign-in link that dies, a refund deadline, an unknown send, CBP's mail. */
export const TASKS: Record<Attention, TaskKind> = {
  'application-refused': { work: 'send' },
  'route-unknown': { work: 'call' },
  'importer-number-taken': { work: 'read' },
  'web-form': { work: 'call' },
  delayed: { work: 'read' },
  'send-unknown': { work: 'call', urgent: true },
  bounced: { work: 'call' },
  late: { work: 'read' },
  overdue: { work: 'call' },
  'mailbox-unread': { work: 'read' },
  'mail-to-review': { work: 'read' },
  'decision-to-confirm': { work: 'read', urgent: true },
  contradiction: { work: 'read', urgent: true },
  'approval-mismatch': { work: 'read' },
  'correction-needed': { work: 'send' },
  'form-5106': { work: 'send' },
  abi: { work: 'send' },
  'look-in-ace': { work: 'look-in-ace' },
  'grant-partial': { work: 'look-in-ace' },
  'link-dies': { work: 'call', urgent: true },
  'link-expired': { work: 'call' },
  'lock-soon': { work: 'call', urgent: true },
  'user-locked': { work: 'call' },
  'owner-left': { work: 'call' },
  'wrong-top-account': { work: 'look-in-ace' },
  'wrong-address': { work: 'look-in-ace' },
  'client-silent': { work: 'call' },
  parked: { work: 'call' },
  chase: { work: 'call' },
  'refund-deadline': { work: 'call', urgent: true },
  'remove-our-user': { work: 'look-in-ace' },
};

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
  'correction-needed':
    "CBP can't process the application yet. Once the client has answered, or if it is for us to answer: send a corrected one, or answer CBP.",
  'grant-partial':
    "We don't have full access yet. The client was told exactly what is missing. Check ACE again once the client replies.",
  'client-silent': 'The client has not granted access despite reminders. Call the account owner.',
  parked: 'No reminders are left. Call the client, then confirm what ACE shows, or abandon the onboarding.',
  delayed: 'Preparing or sending the application takes unusually long. Check the workers and the mail server.',
  'form-5106': 'The CBP Form 5106 must be updated before the application can go out. Once it is, send the correction.',
  abi: 'CBP asks for work in ABI. Do it, then answer CBP or send a correction.',
  'look-in-ace': 'The client says that our user has been added. Look in ACE, then record what you see.',
  'link-dies':
    "The link in CBP's account email expires soon, and the account owner has not signed in. Call the account owner.",
  'link-expired':
    'The sign-in link has expired. The account owner must ask CBP for a new one. Call, then record what was said.',
  'lock-soon': 'ACE disables users who have not signed in for 45 days, and that day is near. Call the account owner.',
  'user-locked': "ACE has most likely disabled the account owner's user. The owner must ask CBP to reactivate it.",
  'owner-left': 'The account owner has left the client. Find out who the new one is, then send the correction.',
  'wrong-top-account':
    'Access was granted to another top account. The client was told how to fix it. Look in ACE again later.',
  'wrong-address':
    'The client entered another address for our user. The client was told the right one. Look in ACE again later.',
  chase: 'A call must be followed up today.',
  'refund-deadline': 'The last day to file this refund is near. Call the person that the case waits for.',
  'remove-our-user':
    'The power of attorney was revoked. Give up our access in ACE, then record that you see nothing any more.',
};
