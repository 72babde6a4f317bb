import type { Attention, Progress } from '../contract/progress.js';
import { stepsAhead } from '../record/clock.js';
import type { OnboardingRecord } from '../record/record.js';
import {
  isUndelivered,
  MISMATCHED_APPROVAL,
  messagesForReview,
  mismatchedApprovals,
  UNDELIVERED,
} from '../record/review-policy.js';

type Action = Progress['actions'][number];

/** What a person can do now, most likely first. The command line and the UI use the same words. */
export function actionsFor(record: OnboardingRecord, attention: Attention[]): Action[] {
  if (record.stage === 'closed') return [];
  const ref = pasteable(record.application?.reference, REFERENCE) ?? 'REFERENCE';
  return [
    ...emailActions(record, ref),
    ...approvalActions(record, ref),
    ...undeliveredActions(record, ref),
    ...stageActions(record, attention, ref),
    ...generalActions(record, attention, ref),
  ];
}

const action = (say: string, command: string): Action => ({ say, command: `ace-onboarding ${command}` });
const BY_YOU = '--actor YOU --evidence "WHERE"';

/** Only the latest emails that wait for review get actions: many at once are an attack or a loop. */
const MAILS_OFFERED = 3;

function emailActions(record: OnboardingRecord, ref: string): Action[] {
  const ids = [...new Set(messagesForReview(record).map(({ mail }) => pasteable(mail.mailId, MAIL_ID) ?? 'MAIL-ID'))];
  return ids
    .slice(-MAILS_OFFERED)
    .flatMap((mailId) => [
      action('To see everything about the email', `mail show ${mailId}`),
      action('Once you have handled the email', `dismiss ${ref} ${mailId} --actor YOU --reason "WHY"`),
    ]);
}

/** One of our emails could not be delivered: the address may be wrong. */
function undeliveredActions(record: OnboardingRecord, ref: string): Action[] {
  if (!isUndelivered(record)) return [];
  return [
    action(
      'Once you have dealt with our email that could not be delivered',
      `dismiss ${ref} ${UNDELIVERED} --actor YOU --reason "WHY"`,
    ),
  ];
}

function approvalActions(record: OnboardingRecord, ref: string): Action[] {
  if (!mismatchedApprovals(record)) return [];
  const dismissed = `dismiss ${ref} ${MISMATCHED_APPROVAL} --actor YOU --reason "WHY"`;
  return [action('Once you know whose approval it is', dismissed)];
}

function stageActions(record: OnboardingRecord, attention: Attention[], ref: string): Action[] {
  const approved = action(
    'If you know that CBP approved',
    `decide ${ref} approved --verification seen-in-ace --mailed-on DAY-OF-CBP-EMAIL ${BY_YOU}`,
  );
  const mailCame = action("If the client says that CBP's account email came", `client-says ${ref} mail-came ${BY_YOU}`);
  const rejected = action(
    'If CBP rejected the application for good',
    `decide ${ref} rejected --verification desk-phoned ${BY_YOU}`,
  );
  const correctionNeeded = [
    action(
      'If CBP asks for something that the client must answer (the client gets your text)',
      `decide ${ref} correction-needed --waiting-on client --what "WHAT" ${BY_YOU}`,
    ),
    action(
      'If it is for us to do first (Form 5106, ABI)',
      `decide ${ref} correction-needed --waiting-on broker --work form-5106 --what "WHAT" ${BY_YOU}`,
    ),
  ];
  const corrected = (say: string, more = '') =>
    action(say, `correct ${ref} --set FIELD="VALUE"${more} --actor YOU --reason "WHAT CHANGED"`);
  const answered = action('To answer CBP in its thread', `message ${ref} --to cbp --text "TEXT" --actor YOU`);
  const byHand = record.stageAttention.includes('web-form');
  switch (record.stage) {
    case 'submitting':
      if (record.clock?.start.wait === 'work') return [];
      return [
        action(
          byHand ? 'Once you have submitted the web form' : 'If CBP has the application',
          `settle ${ref} sent --at INSTANT ${BY_YOU}`,
        ),
        action(
          byHand
            ? 'If the web form could not be submitted'
            : 'If you are certain that CBP does not have it (it will be sent again)',
          `settle ${ref} not-sent ${BY_YOU}`,
        ),
      ];
    case 'awaiting-acknowledgement':
    case 'awaiting-decision':
      return [
        approved,
        mailCame,
        ...correctionNeeded,
        action(
          'If the importer already has an account',
          `decide ${ref} already-registered --next grant --verification seen-in-ace ${BY_YOU}`,
        ),
        rejected,
        action('After a call with CBP', `call ${ref} --with cbp --who WHO --said "WHAT" --chase DAY --actor YOU`),
        corrected('If we sent CBP a mistake (CBP gets a replacement)', ' --because our-typo --replace'),
      ];
    case 'awaiting-correction':
      if (record.submissions.length === 0) return [corrected('To correct the application')];
      return [
        ...(record.stageAttention.includes('decision-to-confirm') ? correctionNeeded : []),
        corrected('To send CBP a corrected application'),
        answered,
        approved,
        rejected,
      ];
    case 'awaiting-access-grant':
      return grantActions(record, attention, ref, [
        corrected('If the account owner or a number has changed'),
        rejected,
      ]);
    default:
      return [];
  }
}

function grantActions(
  record: OnboardingRecord,
  attention: Attention[],
  ref: string,
  [corrected, rejected]: Action[],
): Action[] {
  const seen = action(
    'Once you have looked in ACE',
    `seen ${ref} --importer-number NUMBER --role full-access ${BY_YOU}`,
  );
  const none = action('If ACE shows nothing of this client', `seen ${ref} --none ${BY_YOU}`);
  if (attention.includes('remove-our-user')) return [none];
  return [
    seen,
    none,
    ...(record.access?.signedIn
      ? []
      : [action('If the client says that they have signed in', `client-says ${ref} signed-in ${BY_YOU}`)]),
    action('If the client says that our user was added', `client-says ${ref} user-added ${BY_YOU}`),
    action(
      'If the sign-in link has expired (or: user-locked, owner-left, wrong-top-account, wrong-address)',
      `problem ${ref} link-expired ${BY_YOU}`,
    ),
    ...(corrected ? [corrected] : []),
    action('If the client will never grant access', `decide ${ref} abandoned ${BY_YOU}`),
    ...(rejected && attention.includes('contradiction') ? [rejected] : []),
  ];
}

function generalActions(record: OnboardingRecord, attention: Attention[], ref: string): Action[] {
  const mailbox = attention.includes('mailbox-unread') ? [action('To check our mailbox', 'mailbox status')] : [];
  const [next] = stepsAhead(record);
  const waits = record.clock !== undefined && record.clock.start.wait !== 'work';
  const clock =
    waits && next
      ? [
          action('To put off reminders and escalation', `snooze ${ref} --until DAY --actor YOU --reason "WHY"`),
          action(
            'To move the next deadline by a day',
            `deadline ${ref} --deadline ${next.name} --by 1 --actor YOU --reason "WHY"`,
          ),
          action('If CBP announced a closure', `deadline ${ref} --recompute --actor YOU --reason "WHY"`),
        ]
      : [];
  return [
    ...mailbox,
    ...(record.applicationSha256
      ? [action('To write to the client', `message ${ref} --to client --text "TEXT" --actor YOU`)]
      : []),
    ...clock,
    action('To give the case to another person', `hand-over ${ref} --to NAME --actor YOU --reason "WHY"`),
    action('If the client withdraws', `withdraw ${ref} --actor YOU --reason "WHY"`),
  ];
}

const REFERENCE = /^[A-Za-z0-9-]{1,40}$/;
const MAIL_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/;

/** Only what a shell reads as a plain word, so that a signal cannot put commands into what people paste. */
function pasteable(text: string | undefined, plain: RegExp): string | undefined {
  return text !== undefined && plain.test(text) ? text : undefined;
}
