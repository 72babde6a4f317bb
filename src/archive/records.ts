import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ReceivedMail } from '../workflows/contract/received-mail.js';
import type { Archive, RecordKey } from './archive.js';

/**
 * Every record of ours: where it lies, what it holds. A key made from foreign data (a Message-ID can be a kilobyte of
 * anything) goes through a hash.
 */
export const hashed = (value: string): string => createHash('sha256').update(value).digest('hex');

/** One kind of record: how its key is made, and how what is read back is checked. */
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

/** Reads and checks one record; undefined when there is none. */
export async function read<Name extends unknown[], T>(
  archive: Archive,
  kind: RecordKind<Name, T>,
  ...name: Name
): Promise<T | undefined> {
  const found = await archive.readRecord(kind.key(...name));
  return found === undefined ? undefined : kind.schema.parse(found);
}

/** Reads and checks every record whose key begins so; one that is removed meanwhile is left out. */
export async function* recordsBelow<T>(
  archive: Pick<Archive, 'listRecords' | 'readRecord'>,
  prefix: string,
  kind: Pick<RecordKind<never[], T>, 'schema'>,
): AsyncIterable<{ key: RecordKey; record: T }> {
  for await (const key of archive.listRecords(prefix)) {
    const found = await archive.readRecord(key);
    if (found !== undefined) yield { key, record: kind.schema.parse(found) };
  }
}

/** Which onboarding has an importer number, for ever: `claims/<ImporterKey>`. */
export const claims = recordKind(
  (importerKey: string) => `claims/${importerKey}`,
  z.object({ reference: z.string(), workflowId: z.string(), claimedAt: z.string() }),
);

/** What is known of a client reference outside Temporal, whose histories go after retention: `onboardings/<reference>`. */
export const onboardings = recordKind(
  (reference: string) => `onboardings/${reference.toLowerCase()}`,
  z.object({
    reference: z.string(),
    /** Id of the latest round. */
    workflowId: z.string(),
    round: z.number(),
    /** Document of the application as started, to tell a repeated start from a different one. */
    applicationSha256: z.string(),
    /** Document of the last correction that the round took from a client of ours: its data may be imported again, too. */
    correctedSha256: z.string().optional(),
    /** `starting` until the workflow is known to exist: a crash in between starts it, never calls it closed. */
    state: z.enum(['starting', 'started']),
    startedAt: z.string(),
  }),
);
export type StartedOnboarding = z.infer<typeof onboardings.schema>;

/** What correlation and mail need to know of one onboarding, pinned before its first mail: `cases/<workflowId>`. */
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
 * Documents of an onboarding, named before they are stored: applications, forms, pictures, mails that we write. Each time
 * something is stored it gets a record of its own, under a random name, so nobody changes or removes what another wrote;
 * the sha256 of what may be guessed has no place in a key. `papers/<workflowId>/<random>`
 */
export const documentRefs = recordKind(
  (workflowId: string, name: string) => `papers/${workflowId}/${name}`,
  z.object({ documents: z.array(z.string()) }),
);

/**
 * One copy of a mail as it was delivered, named before it is stored. A mail delivered twice has two that differ in their
 * trace headers, while the mail's own record names one. `mail-copies/<mailId>/<sha256 of the copy>`
 */
export const mailCopies = recordKind(
  (mailId: string, documentSha256: string) => `mail-copies/${mailId}/${documentSha256}`,
  z.object({ mailId: z.string(), documentSha256: z.string() }),
);

const indexEntry = z.object({ workflowId: z.string(), reference: z.string() });
export type IndexEntry = z.infer<typeof indexEntry>;

/** Reply alias token to onboarding: `index/alias/<token>`. */
export const aliasIndex = recordKind(
  (token: string) => `index/alias/${hashed(token.toLowerCase())}`,
  indexEntry.extend({ alias: z.enum(['cbp', 'client']) }),
);

/** A Message-ID of ours, or the one a mail server gave in its place, to the message it names: `index/message/<hash>`. */
export const messageIndex = recordKind(
  (messageId: string) => `index/message/${hashed(messageId)}`,
  indexEntry.extend({ messageId: z.string(), purpose: z.string() }),
);

/** ImporterKey to every onboarding that has the number: `index/importer/<ImporterKey>/<workflowId>`. */
export const importerIndex = recordKind(
  (importerKey: string, workflowId: string) => `index/importer/${importerKey}/${workflowId}`,
  indexEntry.extend({
    /** Legal name, to break ties. */
    company: z.string(),
  }),
);

/** A message of ours before it leaves: the bytes that every try sends. `outbox/<hash of Message-ID>`. */
export const outbox = recordKind(
  (messageId: string) => `outbox/${hashed(messageId)}`,
  z.object({
    messageId: z.string(),
    workflowId: z.string(),
    purpose: z.string(),
    documentSha256: z.string(),
    envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
    /** Whose acceptance counts: the one recipient that is not our blind copy. */
    recipient: z.string(),
    composedAt: z.string(),
    /** The form in it, for an application: another form under the same name is never taken for sent. */
    formSha256: z.string().optional(),
    /** The broker's ACE address that it names. */
    brokerAceEmail: z.string().optional(),
  }),
);
export type OutboxRecord = z.infer<typeof outbox.schema>;

/** Made at the first pull of a body, after the server's 354: from here on the message may be out. `sends/<hash>`. */
export const sends = recordKind(
  (messageId: string) => `sends/${hashed(messageId)}`,
  z.object({ messageId: z.string(), claimedAt: z.string(), by: z.string() }),
);

/** How a claimed send is known to have ended: `send-results/<hash>`. Created once, never changed. */
export const sendResults = recordKind(
  (messageId: string) => `send-results/${hashed(messageId)}`,
  z.object({
    messageId: z.string(),
    acceptedAt: z.string(),
    /** The Message-ID the server gave in place of ours. */
    serverMessageId: z.string().optional(),
    /** What told us: the server's reply, our blind copy, the copy in the sent folder, or a person. */
    source: z.enum(['server', 'blind-copy', 'sent-folder', 'person']),
    response: z.string().optional(),
  }),
);
export type SendResultRecord = z.infer<typeof sendResults.schema>;

/**
 * A transmission that a person settled as not sent and that another one replaces: whatever process still has it in its
 * hands lets go of it. `send-voids/<hash>`.
 */
export const sendVoids = recordKind(
  (messageId: string) => `send-voids/${hashed(messageId)}`,
  z.object({ messageId: z.string(), replacedBy: z.string(), at: z.string() }),
);

/** One mail's place in its mailbox's daily allowance: `sends-per-day/<hash of mailbox>/<New York date>/<n>`, n from 1. */
export const sendsPerDay = recordKind(
  (mailbox: string, date: string, place: number) => `sends-per-day/${hashed(mailbox).slice(0, 16)}/${date}/${place}`,
  z.object({ at: z.string() }),
);

/** Sending from a mailbox has stopped because the server does not take us: `send-stops/<hash of mailbox>`. */
export const sendStops = recordKind(
  (mailbox: string) => `send-stops/${hashed(mailbox).slice(0, 16)}`,
  z.object({
    mailbox: z.string(),
    since: z.string(),
    reason: z.string(),
    /** When the next mail may try whether it works again. */
    probeAt: z.string(),
  }),
);
export type SendStop = z.infer<typeof sendStops.schema>;

/** The mail server of a mailbox cannot be reached or asks for patience, since the first try that failed: `send-delays/<hash of mailbox>`. */
export const sendDelays = recordKind(
  (mailbox: string) => `send-delays/${hashed(mailbox).slice(0, 16)}`,
  z.object({ mailbox: z.string(), since: z.string(), reason: z.string() }),
);

/**
 * A message received: what we made of it, and what was done. `mails/<mailId>`. It is written after the onboarding was
 * told and before the message is moved, so whoever finds the message again knows that only the move is left.
 */
export const mails = recordKind(
  (mailId: string) => `mails/${mailId}`,
  z.looseObject({
    mailId: z.string(),
    mailbox: z.string(),
    receivedAt: z.string(),
    firstSeenAt: z.string(),
    /**
     * `waiting`: matches nothing yet and is looked at again. `signalled`, `ignored`: done. `review`: waits for a person,
     * who makes it `assigned` or `dismissed`.
     */
    state: z.enum(['waiting', 'signalled', 'ignored', 'review', 'assigned', 'dismissed']),
    settledAt: z.string().optional(),
    /** Where it lies, when that does not follow from the state. */
    folder: z.enum(['processed', 'review']).optional(),
    /** Whose it is, once signalled or assigned. */
    workflowId: z.string().optional(),
    reference: z.string().optional(),
    candidates: z.array(
      z.looseObject({ reference: z.string(), evidence: z.array(z.string()), workflowId: z.string().optional() }),
    ),
    /** Why it was signalled, ignored or put to a person. */
    reasons: z.array(z.string()),
    credentials: z.boolean().optional(),
    fraud: z.boolean().optional(),
    /** What the onboarding was told, or would be. */
    mail: z.custom<ReceivedMail>((value) => typeof value === 'object' && value !== null && 'mailId' in value),
    /** What people did with it, oldest first. */
    handled: z.array(z.object({ at: z.string(), actor: z.string(), what: z.string(), reason: z.string() })).optional(),
  }),
);
export type MailRecord = z.infer<typeof mails.schema>;

/** The mail by which a signature of CBP's moved a case, so that it moves none again: `signatures/<sha256 of the signature>`. */
export const signatures = recordKind(
  (signature: string) => `signatures/${signature}`,
  z.object({ mailId: z.string(), workflowId: z.string() }),
);

/** Mails that wait for a person, so that listing them reads no others: `review/<mailId>`. The mail's own record is the truth. */
export const reviews = recordKind(
  (mailId: string) => `review/${mailId}`,
  z.object({ mailId: z.string(), since: z.string() }),
);

/** A mail to reply aliases that we never gave, by UTC day: `alias-guesses/<YYYY-MM-DD>/<mailId>`. */
export const aliasGuesses = recordKind(
  (day: string, mailId: string) => `alias-guesses/${day}/${mailId}`,
  z.object({ mailId: z.string(), aliases: z.number() }),
);

/**
 * What a person decided about a mail in review: `review-decisions/<mailId>`. Its exclusive create settles who was first;
 * whoever finds it carries out the same.
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

/** A mail that belongs to a case, ours or one received, to find them without looking at all: `case-mails/<workflowId>/<hash>`. */
export const caseMails = recordKind(
  (workflowId: string, name: string) => `case-mails/${workflowId}/${hashed(name)}`,
  z.object({
    documentSha256: z.string(),
    /** Of a mail of ours. */
    sent: z.object({ messageId: z.string(), purpose: z.string() }).optional(),
    /** Of a mail received. */
    mailId: z.string().optional(),
  }),
);

/** A mail of CBP's that no known letter is, and that waits for a person: `unknown-letters/<mailId>`. */
export const unknownLetters = recordKind(
  (mailId: string) => `unknown-letters/${mailId}`,
  z.object({
    mailId: z.string(),
    workflowId: z.string(),
    reference: z.string(),
    /** The same for mails that are the same letter. */
    group: z.string(),
    /** Whose signature it has. */
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
    /** Missing while its mail is handed over, and when nobody lived to see the end of that. */
    outcome: z.enum(['sent', 'refused', 'unsent']).optional(),
    reason: z.string().optional(),
  }),
);

/** A test mail that went out or may have, by the secret in it: `alias-test-mails/<nonce>`. */
export const aliasTestMails = recordKind(
  (nonce: string) => `alias-test-mails/${nonce}`,
  z.object({ nonce: z.string(), mailbox: z.string(), startedAt: z.string() }),
);

/** What came of a test mail, as whoever saw it first says: `alias-test-arrivals/<nonce>`. */
export const aliasTestArrivals = recordKind(
  (nonce: string) => `alias-test-arrivals/${nonce}`,
  z.object({
    nonce: z.string(),
    at: z.string(),
    what: z.enum(['arrived', 'returned']),
    /** Where it was seen. */
    mailbox: z.string(),
    /** With `arrived`: it lay among suspected mail. */
    suspected: z.boolean().optional(),
    reason: z.string().optional(),
  }),
);

/** Where the watcher of a mailbox stands: `mailboxes/<mailbox>`. */
export const mailboxStatus = recordKind(
  (mailbox: string) => `mailboxes/${mailbox}`,
  z.object({
    mailbox: z.string(),
    connected: z.boolean(),
    /** Since when that is so, ISO instant. */
    connectionSince: z.string().optional(),
    /** The inbox is read at least this often. */
    sweepSeconds: z.number().optional(),
    /** When this mailbox was first read. */
    watchedSince: z.string().optional(),
    /** Begin of the last sweep that finished, ISO instant: all mail delivered before it has been signalled. */
    sweptUpTo: z.string().optional(),
    lastSweepFinishedAt: z.string().optional(),
    lastMailAt: z.string().optional(),
    /** Since the beginning: `signalled`, `review`, `ignored`. At the last sweep: `waiting`, `unmovable`, `unfetchable`, `flagged`. */
    counts: z.record(z.string(), z.number()),
    /** The last test of reply addresses, where this mailbox has one. */
    aliasTest: z
      .object({ startedAt: z.string(), arrivedAt: z.string().optional(), reason: z.string().optional() })
      .optional(),
    problem: z.string().optional(),
    /** What operations should look at. */
    troubles: z.array(z.object({ kind: z.string(), says: z.string() })).optional(),
  }),
);
export type MailboxStatus = z.infer<typeof mailboxStatus.schema>;
