import { importerNumbersOf } from '../../application/application.js';
import type { Attention, MailLine, Progress } from '../contract/progress.js';
import { type DueStep, stepKindOf, type Wait } from '../contract/waits.js';
import { describeStep, instantOf, stepsAhead } from '../record/clock.js';
import { entriesOf, type OnboardingRecord } from '../record/record.js';
import { STEP_EFFECTS } from '../record/step-policy.js';
import { attentionOf, escalationOf, tasksOf } from '../record/task-policy.js';
import { actionsFor } from './actions.js';

/** The progress of an onboarding, derived from its record. Pure. */
export function progressOf(record: OnboardingRecord, company: string): Progress {
  const attention = attentionOf(record);
  const open = record.stage !== 'closed';
  const steps = open ? stepsAhead(record) : [];
  const { application, clock } = record;
  const next = steps[0] ? describeStep(steps[0], record) : NOTHING;
  return {
    reference: application?.reference ?? '',
    company,
    round: record.round,
    attempt: record.attempt,
    stage: record.stage,
    ...(open && clock ? { wait: waitOf(record, clock.start.wait) } : {}),
    waitingOn: waitingOn(record, attention),
    since: record.since,
    turnSince: record.turn.since,
    ...(record.wanted ? { wanted: beginning(record.wanted, MAX_WANTED) } : {}),
    ...(steps[0] ? { due: dueOf(steps[0], record) } : {}),
    next,
    // Every clock ends with it.
    ifNothing: open ? describeStep({ name: 'weekly' }, record) : NOTHING,
    attention,
    tasks: tasksOf(record, attention),
    escalation: escalationOf(record),
    ...(record.snoozed && Date.parse(record.snoozed.until) > Date.now() ? { snoozed: record.snoozed } : {}),
    actions: actionsFor(record, attention),
    ...(record.outcome ? { outcome: record.outcome } : {}),
    ...latest(record),
    importerNumbers: application ? importerNumbersOf(application) : [],
    ...(record.importerNumbersMissing.length > 0 ? { importerNumbersMissing: record.importerNumbersMissing } : {}),
    ...contactOf(record),
    ...(isText(application?.handler) ? { handler: application.handler } : {}),
    ...(isText(application?.refundDeadline) ? { refundDeadline: application.refundDeadline } : {}),
    ...(record.access ? { access: record.access } : {}),
  };
}

const NOTHING = 'nothing: it is closed';

/** CBP's clock runs through both. */
function waitOf({ stage }: OnboardingRecord, wait: Wait): Wait {
  return wait === 'decision' && stage === 'awaiting-acknowledgement' ? 'acknowledgement' : wait;
}

function dueOf(step: DueStep, record: OnboardingRecord): NonNullable<Progress['due']> {
  const { name, explanation, brief } = step;
  const at = new Date(instantOf(step, record)).toISOString();
  const held = at !== new Date(step.at).toISOString();
  return {
    ...{ at, name, what: describeStep(step, record), told: STEP_EFFECTS[stepKindOf(name)].told },
    explanation: held ? `${explanation}; snoozed until then` : explanation,
    ...(held ? { brief: 'snoozed until then' } : brief ? { brief } : {}),
  };
}

/** An application that has not been checked yet can have anything here. */
function contactOf({ application }: OnboardingRecord): Pick<Progress, 'accountOwner'> {
  const { firstName, lastName, email, phone } = application?.accountOwner ?? {};
  if (!isText(firstName) || !isText(lastName) || !isText(email) || !isText(phone)) return {};
  return { accountOwner: { name: `${firstName} ${lastName}`, email, phone } };
}

const isText = (value: unknown): value is string => typeof value === 'string';

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
