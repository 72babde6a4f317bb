import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { problemWithActor } from '../application/actor-validation.js';
import { workflowIdOf } from '../application/reference.js';
import type { Archive } from '../archive/archive.js';
import { type ClientRecord, clientRecords } from '../archive/client-records.js';
import type { EncryptedArchive } from '../archive/encrypted-archive.js';
import {
  caseMails,
  lastDigests,
  type MailRecord,
  mails,
  onboardings,
  type RecordKind,
  read,
  recordsBelow,
  type StartedOnboarding,
  unknownLetters,
} from '../archive/records.js';

/**
 * Forgets a client: deletes histories, applications, forms, and emails. The proof that an application was submitted and the
 * claim of the importer number stay. They contain no personal data, and without the claim someone could apply for the
 * number again.
 */
export interface ForgetOrder {
  reference: string;
  /** Two people, by name: no one can forget a client alone. */
  actors: readonly [string, string];
  reason: string;
}

export interface Forgotten {
  reference: string;
  workflows: number;
  documents: number;
  records: number;
}

export class ForgetRefused extends Error {
  constructor(
    readonly code: 'not-found' | 'open' | 'too-early' | 'one-person' | 'actor-refused',
    message: string,
  ) {
    super(message);
    this.name = 'ForgetRefused';
  }
}

/** Who requested it, and when: `forgotten/<reference>`. */
export const forgotten = {
  key: (reference: string) => `forgotten/${reference.toLowerCase()}`,
  schema: z.object({
    reference: z.string(),
    /** The last forgotten round. */
    round: z.number().default(1),
    at: z.string(),
    actors: z.array(z.string()),
    reason: z.string(),
  }),
} satisfies RecordKind<[string], unknown>;

export interface ForgetDependencies {
  temporal: Client;
  archive: Archive & Pick<EncryptedArchive, 'removeDocument'>;
  /** How long to keep records after the case closed (19 CFR 111.23, 163.4: five years). */
  retentionYears: number;
  now?: Date;
}

/** Safe to repeat: after a crash, the next run finishes the work. @throws ForgetRefused */
export async function forget(
  order: ForgetOrder,
  { temporal, archive, retentionYears, now = new Date() }: ForgetDependencies,
): Promise<Forgotten> {
  const [one, other] = order.actors.map((actor) => actor.trim().toLowerCase());
  if (!one || !other || one === other || !order.reason.trim())
    throw new ForgetRefused('one-person', 'To forget a client, enter the names of two different people and a reason.');
  for (const actor of order.actors) {
    const problem = problemWithActor(actor);
    if (problem) throw new ForgetRefused('actor-refused', problem);
  }
  const record = await read(archive, onboardings, order.reference);
  if (!record) throw new ForgetRefused('not-found', `There is no onboarding ${order.reference}.`);
  const workflowIds = Array.from({ length: record.round }, (_, n) => workflowIdOf(record.reference, n + 1));

  const cutoff = new Date(now);
  cutoff.setUTCFullYear(cutoff.getUTCFullYear() - retentionYears);
  const traces = await tracesOf(archive, record, workflowIds, cutoff);
  const entries = traces.flatMap(({ at }) => (at ? [new Date(at).toISOString()] : []));
  const histories = await Promise.all(workflowIds.map((workflowId) => historyOf(temporal, workflowId)));
  const last = [record.startedAt, ...entries, ...histories.flatMap((history) => history?.closedAt ?? [])].sort().at(-1);
  const until = new Date(last ?? record.startedAt);
  until.setUTCFullYear(until.getUTCFullYear() + retentionYears);
  if (until > now)
    throw new ForgetRefused(
      'too-early',
      `The records of ${order.reference} must be kept until ${until.toISOString().slice(0, 10)}, ${retentionYears} years after its last entry.`,
    );

  // Recorded first, so that a run that dies halfway leaves who requested it.
  await archive.replaceRecord(forgotten.key(record.reference), {
    reference: record.reference,
    round: record.round,
    at: now.toISOString(),
    actors: [...order.actors],
    reason: order.reason,
  });
  const documents = new Set([
    record.applicationSha256,
    ...traces.flatMap(({ documents }) => documents),
    ...histories.flatMap((h) => h?.documents ?? []),
  ]);
  for (const sha256 of documents) await archive.removeDocument(sha256);
  // The email's own record goes last, since it leads to its copies and its place in review.
  for (const { key } of traces.toReversed()) await archive.removeRecord(key);
  const { namespace } = temporal.options;
  for (const history of histories) {
    if (!history) continue;
    await temporal.workflowService.deleteWorkflowExecution({
      namespace,
      workflowExecution: { workflowId: history.workflowId, runId: history.runId },
    });
  }
  return {
    reference: record.reference,
    workflows: histories.filter(Boolean).length,
    documents: documents.size,
    records: traces.length,
  };
}

/**
 * What the archive has about a client, except what stays. Digests to our own people name clients, too, so those from before
 * the cutoff go with whichever client is forgotten first.
 */
async function tracesOf(
  archive: Archive,
  onboarding: StartedOnboarding,
  workflowIds: string[],
  cutoff: Date,
): Promise<ClientRecord[]> {
  const mailId = await mailsOf(archive, onboarding, workflowIds);
  const digests: string[] = [];
  for await (const { record } of recordsBelow(archive, 'digests/', lastDigests)) digests.push(record.workflowId);
  const traces: ClientRecord[] = [];
  const digestDocuments = new Set<string>();
  for await (const trace of clientRecords(archive, { workflowId: [...workflowIds, ...digests], mailId })) {
    const { owner, documents, at } = trace;
    if (digests.includes(owner)) {
      const isOld = at ? new Date(at) < cutoff : documents.some((one) => digestDocuments.has(one));
      if (!isOld) continue;
      for (const one of documents) digestDocuments.add(one);
    }
    traces.push(trace);
  }
  return traces;
}

/** The emails that belong to the client, and those that could belong only to the client or to others that are forgotten. */
async function mailsOf(archive: Archive, { reference }: StartedOnboarding, workflowIds: string[]): Promise<string[]> {
  const gone = new Set([reference.toLowerCase()]);
  for await (const { record } of recordsBelow(archive, 'forgotten/', forgotten))
    gone.add(record.reference.toLowerCase());
  const isTheirs = (mail: MailRecord) =>
    mail.workflowId || mail.reference
      ? workflowIds.includes(mail.workflowId ?? '') || mail.reference?.toLowerCase() === reference.toLowerCase()
      : mail.candidates.length > 0 && mail.candidates.every((one) => gone.has(one.reference.toLowerCase()));
  const found = new Set<string>();
  for await (const { record } of recordsBelow(archive, 'mails/', mails)) if (isTheirs(record)) found.add(record.mailId);
  // Emails that left the mailbox before their own records were written.
  const add = async (mailId: string) => {
    if (!(await read(archive, mails, mailId))) found.add(mailId);
  };
  for (const workflowId of workflowIds)
    for await (const { record } of recordsBelow(archive, `case-mails/${workflowId}/`, caseMails))
      if (record.mailId) await add(record.mailId);
  for await (const { record } of recordsBelow(archive, 'unknown-letters/', unknownLetters))
    if (workflowIds.includes(record.workflowId)) await add(record.mailId);
  return [...found];
}

interface History {
  workflowId: string;
  runId: string;
  closedAt: string[];
  /** Every sha256 in it: applications and corrections, forms, emails. */
  documents: string[];
}

/** Undefined if Temporal no longer has it. @throws ForgetRefused `open` */
async function historyOf(temporal: Client, workflowId: string): Promise<History | undefined> {
  const handle = temporal.workflow.getHandle(workflowId);
  try {
    const { status, runId, closeTime } = await handle.describe();
    if (status.name === 'RUNNING')
      throw new ForgetRefused('open', `${workflowId} is open. Only closed cases can be forgotten.`);
    const documents = await documentsIn(temporal, await handle.fetchHistory());
    return { workflowId, runId, closedAt: closeTime ? [closeTime.toISOString()] : [], documents };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || isNotFound(error)) return undefined;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  return isGrpcServiceError(cause) && cause.code === NOT_FOUND;
}
/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;

async function documentsIn(temporal: Client, history: unknown): Promise<string[]> {
  const { payloadCodecs } = temporal.options.loadedDataConverter;
  const found = new Set<string>();
  for (const payload of payloadsIn(history)) {
    let decoded = [payload];
    for (const codec of [...payloadCodecs].reverse()) decoded = await codec.decode(decoded);
    const text = Buffer.from(decoded[0]?.data ?? []).toString('utf8');
    for (const [, sha256] of text.matchAll(/"([0-9a-f]{64})"/g)) if (sha256) found.add(sha256);
  }
  return [...found];
}

function* payloadsIn(value: unknown): Generator<Payload> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  if ('metadata' in value && 'data' in value) yield value as Payload;
  else for (const part of Object.values(value)) yield* payloadsIn(part);
}
