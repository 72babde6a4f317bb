import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ReceivedMail } from '../workflows/contract/received-mail.js';
import { type Archive, ArchiveError, type RecordKey } from './archive.js';

/**
 * Every kind of record: its key and its content. Long because one list shows all of them. Keys made from untrusted data are
 * hashed, since a Message-ID can be a kilobyte of anything.
 */
export const hashed = (value: string): string => createHash('sha256').update(value).digest('hex');

/** One kind of record: how its key is made, and how a record that was read is checked. */
export interface RecordKind<Name extends unknown[], T> {
  key(...name: Name): RecordKey;
  schema: z.ZodType<T>;
}

export function recordKind<Name extends unknown[], T>(
  key: (...name: Name) => RecordKey,
  schema: z.ZodType<T>,
): RecordKind<Name, T> {
  return { key, schema };
}

/** Reads and checks one record; undefined if there is none. */
export async function read<Name extends unknown[], T>(
  archive: Archive,
  kind: RecordKind<Name, T>,
  ...name: Name
): Promise<T | undefined> {
  const key = kind.key(...name);
  const found = await archive.readRecord(key);
  return found === undefined ? undefined : checkedRecord(kind.schema, key, found);
}

/** @throws ArchiveError `record-corrupt`, naming the fields that are wrong, but not their values */
export function checkedRecord<T>(schema: z.ZodType<T>, key: RecordKey, found: unknown): T {
  const { data, error } = schema.safeParse(found);
  if (!error) return data;
  const fields = [...new Set(error.issues.map(({ path }) => path.join('.') || 'the whole record'))];
  throw new ArchiveError(
    'record-corrupt',
    `Record ${key} in the archive is not one that this version can read: ${fields.join(', ')}. A newer version may have written it: update this one. Otherwise restore the record from a backup.`,
    { cause: error },
  );
}

/** Reads and checks every record whose key starts with `prefix`. A record removed in the meantime is left out. */
export async function* recordsBelow<T>(
  archive: Pick<Archive, 'listRecords' | 'readRecord'>,
  prefix: string,
  kind: Pick<RecordKind<never[], T>, 'schema'>,
): AsyncIterable<{ key: RecordKey; record: T }> {
  for await (const key of archive.listRecords(prefix)) {
    const found = await archive.readRecord(key);
    if (found !== undefined) yield { key, record: checkedRecord(kind.schema, key, found) };
  }
}

/** The onboarding that has an importer number, permanently: `claims/<ImporterKey>`. */
export const claims = recordKind(
  (importerKey: string) => `claims/${importerKey}`,
  z.object({ reference: z.string(), workflowId: z.string(), claimedAt: z.string() }),
);

/** What the archive knows about a client reference. Temporal deletes histories after retention: `onboardings/<reference>`. */
export const onboardings = recordKind(
  (reference: string) => `onboardings/${reference.toLowerCase()}`,
  z.object({
    reference: z.string(),
    /** The workflow ID of the latest round. */
    workflowId: z.string(),
    round: z.number(),
    /** Document of the application as started, to tell a repeated start from one with other data. */
    applicationSha256: z.string(),
    /** Document of the application as last corrected and checked by a worker: its data may be imported again, too. */
    correctedSha256: z.string().optional(),
    /** `starting` until the workflow is known to exist, so that after a crash it is started, not reported as closed. */
    state: z.enum(['starting', 'started']),
    startedAt: z.string(),
  }),
);
export type StartedOnboarding = z.infer<typeof onboardings.schema>;

/** What matching and mailing need to know about an onboarding, fixed before its first email: `cases/<workflowId>`. */
export const cases = recordKind(
  (workflowId: string) => `cases/${workflowId}`,
  z.object({
    workflowId: z.string(),
    reference: z.string(),
    /** Secret parts of the two reply aliases: 16 base32 characters, 80 random bits each. */
    aliases: z.object({ cbp: z.string(), client: z.string() }),
  }),
);
export type CaseRecord = z.infer<typeof cases.schema>;

/**
 * Documents of an onboarding, named before they are stored: applications, forms, pictures, and emails we write. Each
 * store makes a new record under a random name, so that no process changes or removes another's record. The key has no
 * sha256, since the content may be guessed. `papers/<workflowId>/<random>`
 */
export const documentRefs = recordKind(
  (workflowId: string, name: string) => `papers/${workflowId}/${name}`,
  z.object({
    documents: z.array(z.string()),
    /** When they were named, ISO instant. Missing in older records. */
    at: z.string().optional(),
  }),
);

/**
 * The form as last filled for an onboarding, written after its documents are stored, so that an attempt that begins again
 * need not fill it again: `fills/<workflowId>`
 */
export const fills = recordKind(
  (workflowId: string) => `fills/${workflowId}`,
  z.object({
    /** The application it was filled for. */
    applicationSha256: z.string(),
    /** What it was filled with: changes with the template, the map, and the version of the product. */
    fingerprint: z.string(),
    form: z.object({
      sha256: z.string(),
      pages: z.number(),
      edition: z.string(),
      /** sha256 of the picture of its pages. */
      preview: z.string().optional(),
    }),
  }),
);
export type FillRecord = z.infer<typeof fills.schema>;

/**
 * One copy of an email as delivered, named before it is stored. An email delivered twice has two copies that differ in
 * their trace headers; the email's own record names only one. `mail-copies/<mailId>/<sha256 of the copy>`
 */
export const mailCopies = recordKind(
  (mailId: string, documentSha256: string) => `mail-copies/${mailId}/${documentSha256}`,
  z.object({ mailId: z.string(), documentSha256: z.string() }),
);

/**
 * The copy of an email that counts: the first one stored. All later copies are passed on under its sha256. The document is
 * stored before this record, unless the email shows a password, whose document is never stored. `mail-documents/<mailId>`
 */
export const mailDocuments = recordKind(
  (mailId: string) => `mail-documents/${mailId}`,
  z.object({ mailId: z.string(), documentSha256: z.string() }),
);

const indexEntry = z.object({ workflowId: z.string(), reference: z.string() });
export type IndexEntry = z.infer<typeof indexEntry>;

/** From reply alias token to onboarding: `index/alias/<token>`. */
export const aliasIndex = recordKind(
  (token: string) => `index/alias/${hashed(token.toLowerCase())}`,
  indexEntry.extend({ alias: z.enum(['cbp', 'client']) }),
);

/** From our Message-ID, or the one that a mail server replaced it with, to the message: `index/message/<hash>`. */
export const messageIndex = recordKind(
  (messageId: string) => `index/message/${hashed(messageId)}`,
  indexEntry.extend({ messageId: z.string(), purpose: z.string() }),
);

/** From ImporterKey to every onboarding with that number: `index/importer/<ImporterKey>/<workflowId>`. */
export const importerIndex = recordKind(
  (importerKey: string, workflowId: string) => `index/importer/${importerKey}/${workflowId}`,
  indexEntry.extend({
    /** Legal name, to break ties. */
    company: z.string(),
  }),
);

/**
 * The date of an outgoing message, fixed before it is composed, so that composing it again gives the same bytes.
 * `compose-dates/<hash of Message-ID>`
 */
export const composeDates = recordKind(
  (messageId: string) => `compose-dates/${hashed(messageId)}`,
  z.object({ messageId: z.string(), workflowId: z.string(), at: z.string() }),
);

/** An outgoing message before it leaves: every attempt sends the same bytes. `outbox/<hash of Message-ID>`. */
export const outbox = recordKind(
  (messageId: string) => `outbox/${hashed(messageId)}`,
  z.object({
    messageId: z.string(),
    workflowId: z.string(),
    purpose: z.string(),
    documentSha256: z.string(),
    envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
    /** The one recipient that is not our blind copy. Only its acceptance counts. */
    recipient: z.string(),
    composedAt: z.string(),
    /** The form in an application email: another form under the same name does not count as sent. */
    formSha256: z.string().optional(),
    /** The broker's ACE address in the email. */
    brokerAceEmail: z.string().optional(),
    /** For a reminder: the workflow IDs of the person's other cases that it also asks about. */
    alsoAsks: z.array(z.string()).optional(),
  }),
);
export type OutboxRecord = z.infer<typeof outbox.schema>;

/** Made when the server asks for the body (354). From here on the message may have left. `sends/<hash>`. */
export const sends = recordKind(
  (messageId: string) => `sends/${hashed(messageId)}`,
  z.object({ messageId: z.string(), claimedAt: z.string(), by: z.string() }),
);

/** The known result of a claimed send: `send-results/<hash>`. Created once, never changed. */
export const sendResults = recordKind(
  (messageId: string) => `send-results/${hashed(messageId)}`,
  z.object({
    messageId: z.string(),
    acceptedAt: z.string(),
    /** The Message-ID that the server replaced ours with. */
    serverMessageId: z.string().optional(),
    /** How we know: the server's reply, our blind copy, the copy in the sent folder, or a person. */
    source: z.enum(['server', 'blind-copy', 'sent-folder', 'person']),
    response: z.string().optional(),
  }),
);
export type SendResultRecord = z.infer<typeof sendResults.schema>;

/**
 * A transmission that a person marked as not sent and that another one replaces. A process that still has it stops
 * sending it. `send-voids/<hash>`.
 */
export const sendVoids = recordKind(
  (messageId: string) => `send-voids/${hashed(messageId)}`,
  z.object({ messageId: z.string(), replacedBy: z.string(), at: z.string() }),
);

/** One email's place in the daily allowance of its mailbox: `sends-per-day/<hash of mailbox>/<New York date>/<n>`, n from 1. */
export const sendsPerDay = recordKind(
  (mailbox: string, date: string, place: number) => `sends-per-day/${hashed(mailbox).slice(0, 16)}/${date}/${place}`,
  z.object({ at: z.string() }),
);

/** Sending from a mailbox stopped because the server refuses us: `send-stops/<hash of mailbox>`. */
export const sendStops = recordKind(
  (mailbox: string) => `send-stops/${hashed(mailbox).slice(0, 16)}`,
  z.object({
    mailbox: z.string(),
    since: z.string(),
    reason: z.string(),
    /** When the next email may test whether sending works again. */
    probeAt: z.string(),
  }),
);
export type SendStop = z.infer<typeof sendStops.schema>;

/** A mail server that cannot be reached or asks us to wait, since the first failed attempt: `send-delays/<hash of mailbox>`. */
export const sendDelays = recordKind(
  (mailbox: string) => `send-delays/${hashed(mailbox).slice(0, 16)}`,
  z.object({ mailbox: z.string(), since: z.string(), reason: z.string() }),
);

/**
 * A received email: how it was judged, and what was done. `mails/<mailId>`. It is written after the onboarding is told and
 * before the message is moved, so a watcher that finds the message again only has to move it.
 */
export const mails = recordKind(
  (mailId: string) => `mails/${mailId}`,
  z.looseObject({
    mailId: z.string(),
    mailbox: z.string(),
    receivedAt: z.string(),
    firstSeenAt: z.string(),
    /**
     * `waiting`: no match yet, will be looked at again. `signalled`, `ignored`: done. `review`: waits for a person, who
     * makes it `assigned` or `dismissed`.
     */
    state: z.enum(['waiting', 'signalled', 'ignored', 'review', 'assigned', 'dismissed']),
    settledAt: z.string().optional(),
    /** The folder it is in, if that does not follow from the state. */
    folder: z.enum(['processed', 'review']).optional(),
    /** The onboarding it belongs to, once it was told or a person assigned it. */
    workflowId: z.string().optional(),
    reference: z.string().optional(),
    candidates: z.array(
      z.looseObject({ reference: z.string(), evidence: z.array(z.string()), workflowId: z.string().optional() }),
    ),
    /** Why the onboarding was told, the email ignored, or a person asked. */
    reasons: z.array(z.string()),
    credentials: z.boolean().optional(),
    fraud: z.boolean().optional(),
    /** What the onboarding was told, or would be told. */
    mail: z.custom<ReceivedMail>((value) => typeof value === 'object' && value !== null && 'mailId' in value),
    /** What people did with it, oldest first. */
    handled: z.array(z.object({ at: z.string(), actor: z.string(), what: z.string(), reason: z.string() })).optional(),
  }),
);
export type MailRecord = z.infer<typeof mails.schema>;

/** The email whose CBP signature moved a case, so that the same signature never moves one again: `signatures/<sha256 of the signature>`. */
export const signatures = recordKind(
  (signature: string) => `signatures/${signature}`,
  z.object({ mailId: z.string(), workflowId: z.string() }),
);

/** Emails that wait for a person, listed without reading all others: `review/<mailId>`. The email's own record decides. */
export const reviews = recordKind(
  (mailId: string) => `review/${mailId}`,
  z.object({ mailId: z.string(), since: z.string() }),
);

/** An email to reply aliases that we never issued, by UTC day: `alias-guesses/<YYYY-MM-DD>/<mailId>`. */
export const aliasGuesses = recordKind(
  (day: string, mailId: string) => `alias-guesses/${day}/${mailId}`,
  z.object({ mailId: z.string(), aliases: z.number() }),
);

/**
 * What a person decided about an email in review: `review-decisions/<mailId>`. Its exclusive create decides who was first;
 * a process that finds it carries out that decision.
 */
export const reviewDecisions = recordKind(
  (mailId: string) => `review-decisions/${mailId}`,
  z.object({
    mailId: z.string(),
    at: z.string(),
    actor: z.string(),
    reason: z.string(),
    what: z.enum(['assigned', 'dismissed']),
    /** With `assigned`. */
    workflowId: z.string().optional(),
    reference: z.string().optional(),
  }),
);
export type ReviewDecision = z.infer<typeof reviewDecisions.schema>;

/** An email of a case, sent or received, to find it without reading all others: `case-mails/<workflowId>/<hash>`. */
export const caseMails = recordKind(
  (workflowId: string, name: string) => `case-mails/${workflowId}/${hashed(name)}`,
  z.object({
    documentSha256: z.string(),
    /** For an email we sent. */
    sent: z.object({ messageId: z.string(), purpose: z.string() }).optional(),
    /** For an email we received. */
    mailId: z.string().optional(),
  }),
);

/**
 * What a case has asked an account owner for and waits to get: `requests/<person>/<workflowId>`. A person is an HMAC of the
 * email address, see `personKey`.
 */
export const requests = recordKind(
  (person: string, workflowId: string) => `requests/${person}/${workflowId}`,
  z.object({
    workflowId: z.string(),
    reference: z.string(),
    company: z.string(),
    /** The notice that asked last. */
    template: z.string(),
    /** The stage in which the case asks. */
    stage: z.enum(['awaiting-decision', 'awaiting-correction', 'awaiting-access-grant']),
    since: z.string(),
  }),
);
export type OpenRequest = z.infer<typeof requests.schema>;

/** Whom a case asks now, since its account owner may change: `requests-of/<workflowId>`. */
export const requestOf = recordKind(
  (workflowId: string) => `requests-of/${workflowId}`,
  z.object({ workflowId: z.string(), person: z.string() }),
);

/**
 * One of the reminders that a person may get in a week: `reminders/<person>/<Monday>/<n>`, n from 1. The second is made only
 * by someone who has seen that the first belongs to another day, so the exclusive create keeps both limits.
 */
export const reminderSlots = recordKind(
  (person: string, week: string, place: number) => `reminders/${person}/${week}/${place}`,
  z.object({
    /** The person's day, `YYYY-MM-DD`. */
    day: z.string(),
    workflowId: z.string(),
    reference: z.string(),
    template: z.string(),
    ordinal: z.number(),
    /** It was refused: no email went out on that day. */
    unsent: z.boolean().optional(),
  }),
);
export type ReminderSlot = z.infer<typeof reminderSlots.schema>;

/** A reminder that went out in the email of another case: `reminders-bundled/<workflowId>/<template>/<ordinal>`. */
export const bundledReminders = recordKind(
  (workflowId: string, template: string, ordinal: number) => `reminders-bundled/${workflowId}/${template}/${ordinal}`,
  z.object({
    workflowId: z.string(),
    /** Our Message-ID of that email, and the reference of its case. */
    messageId: z.string(),
    bundledWith: z.string(),
  }),
);

/** An email from CBP that is not a known letter and waits for a person: `unknown-letters/<mailId>`. */
export const unknownLetters = recordKind(
  (mailId: string) => `unknown-letters/${mailId}`,
  z.object({
    mailId: z.string(),
    workflowId: z.string(),
    reference: z.string(),
    /** Emails with the same letter have the same group. */
    group: z.string(),
    /** The domain that signed it. */
    domain: z.string(),
    since: z.string(),
  }),
);
export type UnknownLetter = z.infer<typeof unknownLetters.schema>;

/** The last test whether reply addresses lead into a mailbox: `alias-tests/<mailbox>`. */
export const aliasTests = recordKind(
  (mailbox: string) => `alias-tests/${mailbox}`,
  z.object({
    mailbox: z.string(),
    nonce: z.string(),
    address: z.string(),
    startedAt: z.string(),
    /** Missing while its email is being sent, and if the process died meanwhile. */
    outcome: z.enum(['sent', 'refused', 'unsent']).optional(),
    reason: z.string().optional(),
  }),
);

/** A test email that left, or may have, by the secret in it: `alias-test-mails/<nonce>`. */
export const aliasTestMails = recordKind(
  (nonce: string) => `alias-test-mails/${nonce}`,
  z.object({ nonce: z.string(), mailbox: z.string(), startedAt: z.string() }),
);

/** What happened to a test email, as the first process that saw it says: `alias-test-arrivals/<nonce>`. */
export const aliasTestArrivals = recordKind(
  (nonce: string) => `alias-test-arrivals/${nonce}`,
  z.object({
    nonce: z.string(),
    at: z.string(),
    what: z.enum(['arrived', 'returned']),
    /** Where it was seen. */
    mailbox: z.string(),
    /** With `arrived`: it was in the junk folder. */
    suspected: z.boolean().optional(),
    reason: z.string().optional(),
  }),
);

/** The status of a mailbox and its watcher: `mailboxes/<mailbox>`. */
export const mailboxStatus = recordKind(
  (mailbox: string) => `mailboxes/${mailbox}`,
  z.object({
    mailbox: z.string(),
    connected: z.boolean(),
    /** Since when it has been connected or not, ISO instant. */
    connectionSince: z.string().optional(),
    /** The inbox is read at least this often. */
    sweepSeconds: z.number().optional(),
    /** When this mailbox was first read. */
    watchedSince: z.string().optional(),
    /** Start of the last finished sweep, ISO instant. Unless email is `blocked`, onboardings know all mail from before it. */
    sweptUpTo: z.string().optional(),
    /** Start of the last sweep that left no email `blocked`. */
    toldUpTo: z.string().optional(),
    lastSweepFinishedAt: z.string().optional(),
    lastMailAt: z.string().optional(),
    /**
     * In total: `signalled`, `review`, `ignored`. At the last sweep: `waiting`, `unmovable`, `unfetchable`, `blocked`,
     * `flagged`.
     */
    counts: z.record(z.string(), z.number()),
    /** The problems on our side that emails wait for, each with what to do. */
    blockedBy: z.array(z.string()).optional(),
    /** The last test of reply addresses, if this mailbox has one. */
    aliasTest: z
      .object({ startedAt: z.string(), arrivedAt: z.string().optional(), reason: z.string().optional() })
      .optional(),
    problem: z.string().optional(),
    /** What operations should look at. */
    troubles: z.array(z.object({ kind: z.string(), says: z.string() })).optional(),
  }),
);
export type MailboxStatus = z.infer<typeof mailboxStatus.schema>;

/** The last morning for which every digest was settled: `digests/<workflowId>`. */
export const lastDigests = recordKind(
  (workflowId: string) => `digests/${workflowId}`,
  z.object({
    workflowId: z.string(),
    /** The morning's name, as in `calendar/mornings.ts`. */
    morning: z.string(),
    /** When the last of its emails was out, ISO instant. */
    at: z.string(),
    emails: z.number(),
  }),
);

/** When a user of the broker last signed in to ACE, as a person recorded it: `ace-user/<hash of address>`. */
export const aceUsers = recordKind(
  (address: string) => `ace-user/${hashed(address.trim().toLowerCase())}`,
  z.object({
    /** `YYYY-MM-DD`. */
    signedInOn: z.string(),
    actor: z.string(),
    recordedAt: z.string(),
  }),
);
export type AceUserRecord = z.infer<typeof aceUsers.schema>;
