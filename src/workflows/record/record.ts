import type { Application } from '../../application/application.js';
import { importerNumbersOf } from '../../application/application.js';
import type { Deadline } from '../../calendar/policy.js';
import type {
  ApprovalArrived,
  ChangeDeadline,
  ConfirmAccessGranted,
  CorrectApplication,
  DeadlineName,
  Decide,
  DismissMail,
  SettleSubmission,
  Withdraw,
} from '../contract/messages.js';
import type { ArchivedPiece, Attention, MailLine, Note } from '../contract/progress.js';
import type { ReceivedMail } from '../contract/received-mail.js';
import type { OnboardingStage, Outcome, WaitingOn } from '../contract/stages.js';

/**
 * Everything one onboarding knows. Handlers only append to `entries`; whatever the workflow asks, it asks of the
 * entries, so the order in which messages come in cannot matter.
 */
export interface OnboardingRecord {
  application: Application;
  /** Document of `application` in the archive, once prepared. */
  applicationSha256?: string;
  round: number;
  attempt: number;
  stage: OnboardingStage;
  waitingOn: WaitingOn;
  /** When the stage began, ISO instant. */
  since: string;
  /** Whose turn it was last shown to be, and since when. */
  turn: { stage: OnboardingStage; who: WaitingOn; since: string };
  entries: Entry[];
  /** Entries before this index belong to an earlier attempt or an earlier grant: they answer nothing any more. */
  attemptStartIndex: number;
  /** Single entries since then that were used up. */
  consumed: number[];
  /** Messages of ours that were sent as applications, by attempt. */
  submissions: Submission[];
  /** What people are asked for in the present stage, beside what open mails ask. */
  raised: Attention[];
  /** What the present stage needs from people, in a sentence. */
  wanted?: string;
  deadlines: Partial<Record<DeadlineName | `reminder-${number}`, Deadline>>;
  sent: MailLine[];
  /** In the archive: forms as filled, and pictures of them. */
  documents: ArchivedPiece[];
  notes: Note[];
  importerNumbersMissing: string[];
  /** The broker's ACE user that the client was told to give access to. */
  brokerAceEmail?: string;
  /** The answer time CBP announced, in business days, once the clock was set to it. */
  announcedDays?: number;
  /** The attempt for which the missing acknowledgement was noted. */
  silenceNoted?: number;
  outcome?: Outcome;
  /** Every mail among the entries, by its id. */
  mailsKnown: Map<string, { assigned: boolean }>;
  /** Mails beyond the first thousand are counted, not kept: no one may fill a workflow's memory by writing mails. */
  mailsDropped: number;
  /** Notes beyond the latest thousand, likewise. */
  notesDropped: number;
}

export interface Submission {
  attempt: number;
  messageId?: string;
  serverMessageId?: string;
  /** When CBP's mail server, or CBP's web form, took it. */
  at?: string;
  /** A person ended the onboarding over it: it has most likely never left. */
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
    raised: [],
    deadlines: {},
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
 * Puts a mail on record, once. One that was there when its letter was not known takes the place of the earlier judgement.
 * False when nothing changed.
 */
export function recordMail(record: OnboardingRecord, mail: ReceivedMail, at: string): boolean {
  const known = record.mailsKnown.get(mail.mailId);
  if (known && mail.letter && !mail.assigned) return judgedAnew(record, mail);
  // A person assigning a mail that came before adds to what is known; the same mail twice does not.
  if (known && (!mail.assigned || known.assigned)) return false;
  if (record.mailsKnown.size >= MAILS_KEPT && !known) {
    record.mailsDropped += 1;
    return false;
  }
  record.mailsKnown.set(mail.mailId, { assigned: mail.assigned !== undefined });
  record.entries.push({ at, kind: 'mail', mail });
  return true;
}

function judgedAnew(record: OnboardingRecord, mail: ReceivedMail): boolean {
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

/** The entries that may answer a question of the present attempt. */
export function currentEntries(record: OnboardingRecord): Entry[] {
  return record.entries.slice(record.attemptStartIndex);
}

/** Those numbers without hyphens, upper case, for comparing. */
export function recordedImporterNumbers(record: OnboardingRecord): Set<string> {
  return new Set(importerNumbersOf(record.application).map(bareNumber));
}

export function bareNumber(importerNumber: string): string {
  return importerNumber.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
}

/** Puts a note on record. The earliest of very many give way, and are counted. */
export function note(record: OnboardingRecord, added: Note): void {
  record.notes.push(added);
  if (record.notes.length <= NOTES_KEPT) return;
  record.notes.shift();
  record.notesDropped += 1;
}
const NOTES_KEPT = 1000;
