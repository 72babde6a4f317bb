import type { Attention, MailLine, Progress } from '../contract/progress.js';
import type { StepAhead } from '../record/escalation-step.js';
import { MISMATCHED_APPROVAL, mailsForPeople, mismatchedApprovals } from '../record/policy.js';
import { entriesOf, type OnboardingRecord } from '../record/record.js';

/** Where an onboarding stands, derived from its record and the steps ahead. Pure. */
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
    ...(next && due ? { due: { ...due, what: next.say } } : {}),
    next: next ? `${next.say}` : nothingDue(record),
    ifNothing: steps.at(-1)?.say ?? nothingDue(record),
    attention,
    actions: actionsFor(record, attention),
    ...(record.outcome ? { outcome: record.outcome } : {}),
    ...latest(record),
    ...(record.importerNumbersMissing.length > 0 ? { importerNumbersMissing: record.importerNumbersMissing } : {}),
  };
}

/**
 * An answer stays far below what Temporal carries, 2 MB, whatever came in: of mails, notes and documents the latest.
 */
const MAX_LISTED_CHARACTERS = 100_000;
const MAX_WANTED = 8_000;

function latest(record: OnboardingRecord): Pick<Progress, 'mails' | 'notes' | 'documents' | 'earlier'> {
  const mails = lastOf(mailLines(record));
  const notes = lastOf(record.notes);
  const documents = lastOf(record.documents);
  const earlier = {
    mails: mails.earlier + record.mailsDropped,
    notes: notes.earlier + record.notesDropped,
    documents: documents.earlier,
  };
  const any = Object.values(earlier).some((count) => count > 0);
  return { mails: mails.listed, notes: notes.listed, documents: documents.listed, ...(any ? { earlier } : {}) };
}

/** Something of a list that is not empty is always listed. */
function lastOf<T extends object>(all: readonly T[]): { listed: T[]; earlier: number } {
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

/** What a person is asked for: what the stage raised, and what open mails ask. */
export function attentionOf(record: OnboardingRecord): Attention[] {
  if (record.stage === 'closed') return [];
  const fromMails = mailsForPeople(record).map((task) => task.why);
  const fromApprovals: Attention[] = mismatchedApprovals(record) ? ['approval-mismatch'] : [];
  return [...new Set<Attention>([...record.raised, ...fromMails, ...fromApprovals])].sort();
}

/** While a mail waits to be judged, it is the broker's turn whoever else is awaited. */
function waitingOn(record: OnboardingRecord, attention: Attention[]): Progress['waitingOn'] {
  const broker: Attention[] = [
    'mail-to-review',
    'decision-to-confirm',
    'contradiction',
    'approval-mismatch',
    'bounced',
  ];
  return attention.some((one) => broker.includes(one)) ? 'broker' : record.waitingOn;
}

function nothingDue(record: OnboardingRecord): string {
  switch (record.stage) {
    case 'closed':
      return 'nothing, it is closed';
    case 'preparing':
    case 'submitting':
      return record.waitingOn === 'nobody' ? 'it goes on by itself' : 'it waits until a person acts';
    default:
      return 'it waits until a person acts';
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

/** Mail servers date what comes in to the second; in the same one, ours came first. */
function second(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}

type Action = Progress['actions'][number];

/** What can be done now, most likely first. The same words on the command line and in the UI. */
function actionsFor(record: OnboardingRecord, attention: Attention[]): Action[] {
  if (record.stage === 'closed') return [];
  const ref = pasteable(record.application?.reference, REFERENCE) ?? 'REFERENCE';
  return [
    ...aboutMails(record, ref),
    ...aboutApprovals(record, ref),
    ...aboutTheStage(record, attention, ref),
    ...atAnyTime(record, attention, ref),
  ];
}

const offer = (say: string, command: string): Action => ({ say, command: `ace-onboarding ${command}` });
const YOU = '--actor YOU --evidence "WHERE"';

/** Each mail that waits for a person can be read whole and put away; many at once are an attack or a loop. */
const MAILS_OFFERED = 3;

function aboutMails(record: OnboardingRecord, ref: string): Action[] {
  const ids = [...new Set(mailsForPeople(record).map(({ mail }) => pasteable(mail.mailId, MAIL_ID) ?? 'MAIL-ID'))];
  return ids
    .slice(-MAILS_OFFERED)
    .flatMap((mailId) => [
      offer('To see everything known of the mail', `mail show ${mailId}`),
      offer('When the mail is dealt with', `dismiss ${ref} ${mailId} --actor YOU --reason "WHY"`),
    ]);
}

function aboutApprovals(record: OnboardingRecord, ref: string): Action[] {
  if (!mismatchedApprovals(record)) return [];
  const dismissed = `dismiss ${ref} ${MISMATCHED_APPROVAL} --actor YOU --reason "WHY"`;
  return [offer('When it is known whose the approval of another number is', dismissed)];
}

function aboutTheStage(record: OnboardingRecord, attention: Attention[], ref: string): Action[] {
  const approved = `decide ${ref} approved --verification seen-in-ace ${YOU}`;
  const rejected = offer('When CBP refused for good', `decide ${ref} rejected --verification desk-phoned ${YOU}`);
  const needed = offer(
    'When CBP wants something corrected: the client is told what you say',
    `decide ${ref} correction-needed --waiting-on client --what "WHAT" ${YOU}`,
  );
  const present = offer(
    'To have the application in a file, to correct it there',
    `show ${ref} --application CORRECTED.json`,
  );
  const corrected = `correct ${ref} CORRECTED.json --actor YOU --reason "WHAT CHANGED"`;
  const correction = [present, offer('Send the corrected application', corrected)];
  switch (record.stage) {
    case 'submitting':
      if (record.waitingOn === 'nobody' && record.raised.length === 0 && record.wanted === undefined) return [];
      return [
        offer(
          record.raised.includes('web-form') ? 'When the web form has been sent' : 'If CBP has the application',
          `settle ${ref} sent --at INSTANT ${YOU}`,
        ),
        offer(
          record.raised.includes('web-form')
            ? 'When the web form could not be sent'
            : 'If it is certain that CBP does not have it: it is sent again',
          `settle ${ref} not-sent ${YOU}`,
        ),
      ];
    case 'awaiting-acknowledgement':
    case 'awaiting-decision':
      return [
        offer('When you know that CBP approved', approved),
        needed,
        offer(
          'When the importer has an account already',
          `decide ${ref} already-registered --next grant --verification seen-in-ace ${YOU}`,
        ),
        rejected,
      ];
    case 'awaiting-correction':
      if (record.submissions.length === 0) return correction;
      return [
        ...(record.raised.includes('decision-to-confirm') ? [needed] : []),
        ...correction,
        offer('When CBP approved after all', approved),
        rejected,
      ];
    case 'awaiting-access-grant':
      return [
        offer(
          'When you have looked in ACE',
          `confirm-access ${ref} --importer-number NUMBER --role full-access ${YOU}`,
        ),
        present,
        offer('When the account owner or a number has changed: the client gets the instructions anew', corrected),
        offer('When the client will never grant it', `decide ${ref} abandoned ${YOU}`),
        ...(attention.includes('contradiction') ? [rejected] : []),
      ];
    default:
      return [];
  }
}

function atAnyTime(record: OnboardingRecord, attention: Attention[], ref: string): Action[] {
  const mailbox = attention.includes('mailbox-unread') ? [offer('To see how our mailbox is', 'mailbox status')] : [];
  const clockRuns = ['awaiting-decision', 'awaiting-access-grant'].includes(record.stage);
  const deadline =
    clockRuns && Object.keys(record.deadlines).length > 0
      ? [offer('When CBP announced a closure', `deadline ${ref} --recompute --actor YOU --reason "WHY"`)]
      : [];
  return [...mailbox, ...deadline, offer('When the client withdraws', `withdraw ${ref} --actor YOU --reason "WHY"`)];
}

const REFERENCE = /^[A-Za-z0-9-]{1,40}$/;
const MAIL_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/;

/** Only what a shell takes for a plain word: whoever may send a signal must not write commands for others to paste. */
function pasteable(text: string | undefined, plain: RegExp): string | undefined {
  return text !== undefined && plain.test(text) ? text : undefined;
}
