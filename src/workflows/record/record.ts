import type { Application } from '../../application/application.js';
import { importerNumbersOf } from '../../application/application.js';
import type {
  AddNote,
  ApprovalArrived,
  ChangeDeadline,
  ConfirmAccessGranted,
  CorrectApplication,
  Decide,
  DismissMail,
  HandOver,
  LogCall,
  RecordStatement,
  ReportProblem,
  SendMessage,
  SettleSubmission,
  Snooze,
  Withdraw,
} from '../contract/messages.js';
import type { AccessProgress, ArchivedPiece, Attention, Escalation, MailLine, Note } from '../contract/progress.js';
import type { ReceivedMail } from '../contract/received-mail.js';
import type { OnboardingStage, Outcome, WaitingOn } from '../contract/stages.js';
import type { ClockStart, DueStep } from '../contract/waits.js';

/**
 * Everything one onboarding knows. Handlers only append to `entries`, and every question looks at all of them, so the
 * order in which messages arrive does not matter.
 */
export interface OnboardingRecord {
  application: Application;
  /** sha256 of the archived `application`, once prepared. */
  applicationSha256?: string;
  round: number;
  attempt: number;
  stage: OnboardingStage;
  waitingOn: WaitingOn;
  /** When the stage began, ISO instant. */
  since: string;
  /** Whose turn the display last showed, and since when. */
  turn: { stage: OnboardingStage; who: WaitingOn; since: string };
  entries: Entry[];
  /** Entries before this index belong to an earlier attempt or grant. They no longer answer anything. */
  attemptStartIndex: number;
  /** Indexes of later entries that were used and no longer answer anything. */
  consumed: number[];
  /** The applications we sent, by attempt. */
  submissions: Submission[];
  /** Why the current stage needs attention. Emails waiting for review come on top of that. */
  stageAttention: Attention[];
  /** What the current stage needs from people, in a sentence. */
  wanted?: string;
  /** The clock of the present wait: what it was computed from, and what is still due, earliest first. */
  clock?: { start: ClockStart; steps: DueStep[] };
  /** What is due beside the wait: a call to follow up, the refund, unread mail. */
  alarms: DueStep[];
  snoozed?: { until: string; by: string; why: string };
  escalation: Escalation;
  /** Since when there is each reason for attention, ISO instant. */
  attentionSince: Partial<Record<Attention, string>>;
  /** What the handler was told at once: reasons, and emails. */
  urgentTold: string[];
  /** IANA name, from the preparation. */
  timeZone?: string;
  /** How many entries there were when one of our emails could not be delivered. Someone must act. */
  undeliveredAt?: number;
  /** Indexes of messages to CBP that are out. */
  delivered: number[];
  /** The day on which the client was last told never to send sign-in data. */
  warnedOn?: string;
  /** How many entries there were at the approval. */
  accessFrom?: number;
  /** From the approval on. */
  access?: AccessProgress;
  /** How we know of the account: a value of the fact `approval`. */
  approval?: string;
  /** The account was there before this onboarding: no first sign-in is ahead, as far as we know. */
  accountExisted?: boolean;
  /** A change of what is on record is being checked. */
  changing?: boolean;
  /** The day of CBP's account email, `YYYY-MM-DD`, if anyone said it. */
  accountEmailOn?: string;
  /** The broker works with a narrower role than Full Access: its policy, or said for this client. */
  acceptsNarrowerRole?: boolean;
  /** How far an alarm beside the wait has been escalated. */
  besides: Partial<Record<'unread' | 'chase', Escalation>>;
  /** The Message-IDs of emails that a client can answer in a word: "did it come?", and "reply done". */
  answerable: { question: string[]; instructions: string[] };
  /** When the client was last asked for what the present wait is about, ISO instant. */
  askedOn?: string;
  sent: MailLine[];
  /** Filled forms and pictures of them, in the archive. */
  documents: ArchivedPiece[];
  notes: Note[];
  importerNumbersMissing: string[];
  /** The email address of the broker's ACE user, as the client was told it. */
  brokerAceEmail?: string;
  /** When the client last got instructions for the grant, ISO instant. */
  instructedOn?: string;
  /** The response time that CBP announced, in business days, once the clock was set to it. */
  announcedDays?: number;
  /** The attempt for which the missing acknowledgement was noted. */
  silenceNoted?: number;
  outcome?: Outcome;
  /** Every email among the entries, by its id. */
  mailsKnown: Map<string, { assigned: boolean }>;
  /** Emails after the first thousand are counted, not kept, so that no one can fill a workflow's memory. */
  mailsDropped: number;
  /** Only the latest thousand notes are kept. These were dropped. */
  notesDropped: number;
}

export interface Submission {
  attempt: number;
  messageId?: string;
  serverMessageId?: string;
  /** When CBP's mail server or web form accepted it. */
  at?: string;
  /** It never went out: the mail server refused it, or a person ended the onboarding during the send. */
  stopped?: boolean;
}

export type Entry = { at: string } & (
  | { kind: 'mail'; mail: ReceivedMail }
  | { kind: 'approval'; approval: ApprovalArrived }
  | { kind: 'decide'; decide: Decide }
  | { kind: 'correct'; correct: CorrectApplication }
  | { kind: 'settle'; settle: SettleSubmission }
  | { kind: 'grant'; grant: ConfirmAccessGranted }
  | { kind: 'deadline'; change: ChangeDeadline }
  | { kind: 'dismiss'; dismiss: DismissMail }
  | { kind: 'withdraw'; withdraw: Withdraw }
  | { kind: 'hand-over'; handOver: HandOver }
  | { kind: 'note'; note: AddNote }
  | { kind: 'snooze'; snooze: Snooze }
  | { kind: 'call'; call: LogCall }
  | { kind: 'statement'; statement: RecordStatement }
  | { kind: 'problem'; problem: ReportProblem }
  | { kind: 'message'; message: SendMessage }
);
export type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/** @param at when the onboarding started, ISO instant */
export function newRecord(application: Application, round: number, at: string): OnboardingRecord {
  return {
    application,
    round,
    attempt: 1,
    stage: 'preparing',
    waitingOn: 'nobody',
    since: at,
    turn: { stage: 'preparing', who: 'nobody', since: at },
    entries: [],
    attemptStartIndex: 0,
    consumed: [],
    submissions: [],
    stageAttention: [],
    alarms: [],
    escalation: 'handler',
    attentionSince: {},
    urgentTold: [],
    besides: {},
    delivered: [],
    answerable: { question: [], instructions: [] },
    sent: [],
    documents: [],
    notes: [],
    importerNumbersMissing: [],
    mailsKnown: new Map(),
    mailsDropped: 0,
    notesDropped: 0,
  };
}

const MAILS_KEPT = 1000;

/**
 * Puts an email on record once. If its letter has been learned since, the new judgment replaces the first one.
 * @returns false when nothing changed
 */
export function recordMail(record: OnboardingRecord, mail: ReceivedMail, at: string): boolean {
  const known = record.mailsKnown.get(mail.mailId);
  if (known && mail.letter && !mail.assigned) return replaceJudgment(record, mail);
  // A person can assign an email that is already on record. The same email twice adds nothing.
  if (known && (!mail.assigned || known.assigned)) return false;
  if (record.mailsKnown.size >= MAILS_KEPT && !known) {
    record.mailsDropped += 1;
    return false;
  }
  record.mailsKnown.set(mail.mailId, { assigned: mail.assigned !== undefined });
  record.entries.push({ at, kind: 'mail', mail });
  return true;
}

function replaceJudgment(record: OnboardingRecord, mail: ReceivedMail): boolean {
  const at = record.entries.findLastIndex((entry) => entry.kind === 'mail' && entry.mail.mailId === mail.mailId);
  const entry = record.entries[at];
  if (entry?.kind !== 'mail' || entry.mail.letter?.id === mail.letter?.id) return false;
  const { assigned } = entry.mail;
  record.entries[at] = { ...entry, mail: { ...mail, ...(assigned ? { assigned } : {}) } };
  return true;
}

export function entriesOf<K extends Entry['kind']>(record: OnboardingRecord, kind: K): EntryOf<K>[] {
  return record.entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
}

/** The entries of the current attempt. */
export function currentEntries(record: OnboardingRecord): Entry[] {
  return record.entries.slice(record.attemptStartIndex);
}

/** The importer numbers of the application, without hyphens and in upper case, for comparing. */
export function recordedImporterNumbers(record: OnboardingRecord): Set<string> {
  return new Set(importerNumbersOf(record.application).map(bareNumber));
}

export function bareNumber(importerNumber: string): string {
  return importerNumber.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
}

/** Puts a note on record. Beyond a thousand, the earliest are dropped and counted. */
export function note(record: OnboardingRecord, added: Note): void {
  record.notes.push(added);
  if (record.notes.length <= NOTES_KEPT) return;
  record.notes.shift();
  record.notesDropped += 1;
}
const NOTES_KEPT = 1000;

/** An answer and the index of the entry that gave it, so that the entry can be marked as used. */
export type Answered<T> = T & { entry: number };

/** The first answer that an unused entry of the current attempt gives. */
export function firstAnswer<T extends object>(
  record: OnboardingRecord,
  answer: (entry: Entry, index: number) => T | undefined,
): Answered<T> | undefined {
  for (let index = record.attemptStartIndex; index < record.entries.length; index++) {
    const entry = record.entries[index];
    const found = entry && !record.consumed.includes(index) ? answer(entry, index) : undefined;
    if (found) return { ...found, entry: index };
  }
  return undefined;
}
