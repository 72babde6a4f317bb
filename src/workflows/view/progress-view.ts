import type { Attention, MailLine, Progress } from '../contract/progress.js';
import type { StepAhead } from '../record/escalation-step.js';
import { entriesOf, type OnboardingRecord } from '../record/record.js';
import { MISMATCHED_APPROVAL, messagesForReview, mismatchedApprovals } from '../record/review-policy.js';

/** The progress of an onboarding, derived from its record and the steps ahead. Pure. */
export function progressOf(record: OnboardingRecord, steps: readonly StepAhead[], company: string): Progress {
  const attention = attentionOf(record);
  const next = steps[0];
  const due = next && record.deadlines[next.deadline];
  return {
    reference: record.application?.reference ?? '',
    company,
    round: record.round,
    attempt: record.attempt,
    stage: record.stage,
    waitingOn: waitingOn(record, attention),
    since: record.since,
    turnSince: record.turn.since,
    ...(record.wanted ? { wanted: beginning(record.wanted, MAX_WANTED) } : {}),
    ...(next && due ? { due: { ...due, what: next.description } } : {}),
    next: next ? next.description : nothingDue(record),
    ifNothing: steps.at(-1)?.description ?? nothingDue(record),
    attention,
    actions: actionsFor(record, attention),
    ...(record.outcome ? { outcome: record.outcome } : {}),
    ...latest(record),
    ...(record.importerNumbersMissing.length > 0 ? { importerNumbersMissing: record.importerNumbersMissing } : {}),
  };
}

/**
 * Only the latest emails, notes and documents are listed, so that an answer stays far below Temporal's limit of 2 MB.
 */
const MAX_LISTED_CHARACTERS = 100_000;
const MAX_WANTED = 8_000;

function latest(record: OnboardingRecord): Pick<Progress, 'mails' | 'notes' | 'documents' | 'earlier'> {
  const mails = latestOf(mailLines(record));
  const notes = latestOf(record.notes);
  const documents = latestOf(record.documents);
  const earlier = {
    mails: mails.earlier + record.mailsDropped,
    notes: notes.earlier + record.notesDropped,
    documents: documents.earlier,
  };
  const any = Object.values(earlier).some((count) => count > 0);
  return { mails: mails.listed, notes: notes.listed, documents: documents.listed, ...(any ? { earlier } : {}) };
}

/** As many of the latest as there is room for, and always at least one. */
function latestOf<T extends object>(all: readonly T[]): { listed: T[]; earlier: number } {
  let characters = 0;
  let first = all.length;
  while (first > 0) {
    characters += JSON.stringify(all[first - 1]).length;
    if (characters > MAX_LISTED_CHARACTERS && first < all.length) break;
    first -= 1;
  }
  return { listed: all.slice(first), earlier: first };
}

function beginning(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)} …` : text;
}

/** Why the onboarding needs attention: because of its stage, and because of emails and approvals that wait for review. */
export function attentionOf(record: OnboardingRecord): Attention[] {
  if (record.stage === 'closed') return [];
  const fromMails = messagesForReview(record).map((task) => task.why);
  const fromApprovals: Attention[] = mismatchedApprovals(record) ? ['approval-mismatch'] : [];
  return [...new Set<Attention>([...record.stageAttention, ...fromMails, ...fromApprovals])].sort();
}

/** While an email waits for review it is the broker's turn, no matter who else must act. */
function waitingOn(record: OnboardingRecord, attention: Attention[]): Progress['waitingOn'] {
  const broker: Attention[] = [
    'mail-to-review',
    'decision-to-confirm',
    'contradiction',
    'approval-mismatch',
    'bounced',
  ];
  return attention.some((reason) => broker.includes(reason)) ? 'broker' : record.waitingOn;
}

function nothingDue(record: OnboardingRecord): string {
  switch (record.stage) {
    case 'closed':
      return 'nothing: it is closed';
    case 'preparing':
    case 'submitting':
      return record.waitingOn === 'nobody' ? 'it continues automatically' : 'it waits until someone acts';
    default:
      return 'it waits until someone acts';
  }
}

function mailLines(record: OnboardingRecord): MailLine[] {
  const received = entriesOf(record, 'mail').map(
    ({ mail }): MailLine => ({
      at: mail.receivedAt,
      direction: 'received',
      what: `${mail.kind}${mail.authenticity.verdict === 'authentic' || mail.kind === 'own-copy' ? '' : ` (${mail.authenticity.verdict})`}`,
      mailId: mail.mailId,
    }),
  );
  return [...record.sent, ...received].sort((a, b) => second(a.at) - second(b.at));
}

/** Mail servers date incoming email to the second. Within one second, our email came first. */
function second(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

type Action = Progress['actions'][number];

/** What a person can do now, most likely first. The command line and the UI use the same words. */
function actionsFor(record: OnboardingRecord, attention: Attention[]): Action[] {
  if (record.stage === 'closed') return [];
  const ref = pasteable(record.application?.reference, REFERENCE) ?? 'REFERENCE';
  return [
    ...emailActions(record, ref),
    ...approvalActions(record, ref),
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

function approvalActions(record: OnboardingRecord, ref: string): Action[] {
  if (!mismatchedApprovals(record)) return [];
  const dismissed = `dismiss ${ref} ${MISMATCHED_APPROVAL} --actor YOU --reason "WHY"`;
  return [action('Once you know whose approval it is', dismissed)];
}

function stageActions(record: OnboardingRecord, attention: Attention[], ref: string): Action[] {
  const approved = `decide ${ref} approved --verification seen-in-ace ${BY_YOU}`;
  const rejected = action(
    'If CBP rejected the application for good',
    `decide ${ref} rejected --verification desk-phoned ${BY_YOU}`,
  );
  const correctionNeeded = action(
    'If CBP wants a correction (the client gets your text)',
    `decide ${ref} correction-needed --waiting-on client --what "WHAT" ${BY_YOU}`,
  );
  const toFile = action(
    'To save the application to a file and correct it there',
    `show ${ref} --application CORRECTED.json`,
  );
  const corrected = `correct ${ref} CORRECTED.json --actor YOU --reason "WHAT CHANGED"`;
  const correction = [toFile, action('To send the corrected application', corrected)];
  switch (record.stage) {
    case 'submitting':
      if (record.waitingOn === 'nobody' && record.stageAttention.length === 0 && record.wanted === undefined) return [];
      return [
        action(
          record.stageAttention.includes('web-form')
            ? 'Once you have submitted the web form'
            : 'If CBP has the application',
          `settle ${ref} sent --at INSTANT ${BY_YOU}`,
        ),
        action(
          record.stageAttention.includes('web-form')
            ? 'If the web form could not be submitted'
            : 'If you are certain that CBP does not have it (it will be sent again)',
          `settle ${ref} not-sent ${BY_YOU}`,
        ),
      ];
    case 'awaiting-acknowledgement':
    case 'awaiting-decision':
      return [
        action('If you know that CBP approved', approved),
        correctionNeeded,
        action(
          'If the importer already has an account',
          `decide ${ref} already-registered --next grant --verification seen-in-ace ${BY_YOU}`,
        ),
        rejected,
      ];
    case 'awaiting-correction':
      if (record.submissions.length === 0) return correction;
      return [
        ...(record.stageAttention.includes('decision-to-confirm') ? [correctionNeeded] : []),
        ...correction,
        action('If CBP approved after all', approved),
        rejected,
      ];
    case 'awaiting-access-grant':
      return [
        action(
          'Once you have checked ACE',
          `confirm-access ${ref} --importer-number NUMBER --role full-access ${BY_YOU}`,
        ),
        toFile,
        action('If the account owner or a number has changed (the client gets new instructions)', corrected),
        action('If the client will never grant access', `decide ${ref} abandoned ${BY_YOU}`),
        ...(attention.includes('contradiction') ? [rejected] : []),
      ];
    default:
      return [];
  }
}

function generalActions(record: OnboardingRecord, attention: Attention[], ref: string): Action[] {
  const mailbox = attention.includes('mailbox-unread') ? [action('To check our mailbox', 'mailbox status')] : [];
  const clockRuns = ['awaiting-decision', 'awaiting-access-grant'].includes(record.stage);
  const deadline =
    clockRuns && Object.keys(record.deadlines).length > 0
      ? [action('If CBP announced a closure', `deadline ${ref} --recompute --actor YOU --reason "WHY"`)]
      : [];
  return [...mailbox, ...deadline, action('If the client withdraws', `withdraw ${ref} --actor YOU --reason "WHY"`)];
}

const REFERENCE = /^[A-Za-z0-9-]{1,40}$/;
const MAIL_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/;

/** Only what a shell reads as a plain word, so that a signal cannot put commands into what people paste. */
function pasteable(text: string | undefined, plain: RegExp): string | undefined {
  return text !== undefined && plain.test(text) ? text : undefined;
}
