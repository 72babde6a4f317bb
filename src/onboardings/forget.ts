import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import { problemWithActor } from '../application/actor-validation.js';
import { workflowIdOf } from '../application/reference.js';
import type { Archive } from '../archive/archive.js';
import type { EncryptedArchive } from '../archive/encrypted-archive.js';
import {
  aliasIndex,
  bundledReminders,
  caseMails,
  cases,
  documentRefs,
  importerIndex,
  mailCopies,
  mails,
  messageIndex,
  onboardings,
  outbox,
  type RecordKind,
  read,
  recordsBelow,
  reminderSlots,
  requestOf,
  requests,
  type StartedOnboarding,
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

  const traces = await tracesOf(archive, record, workflowIds);
  const histories = await Promise.all(workflowIds.map((workflowId) => historyOf(temporal, workflowId)));
  const last = [record.startedAt, ...traces.instants, ...histories.flatMap((history) => history?.closedAt ?? [])]
    .sort()
    .at(-1);
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
    ...traces.documents,
    ...histories.flatMap((h) => h?.documents ?? []),
  ]);
  for (const sha256 of documents) await archive.removeDocument(sha256);
  // The email's own record goes last, since it leads to its copies and its place in review.
  for (const key of traces.records.toReversed()) await archive.removeRecord(key);
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
    records: traces.records.length,
  };
}

interface Traces {
  records: string[];
  documents: string[];
  /** ISO instants at which something happened. */
  instants: string[];
}

/** What the archive has about a client, except the submission records and the claims. */
async function tracesOf(archive: Archive, { reference }: StartedOnboarding, workflowIds: string[]): Promise<Traces> {
  const traces: Traces = { records: [], documents: [], instants: [] };
  const isTheirs = (workflowId: string | undefined) => workflowId !== undefined && workflowIds.includes(workflowId);
  const each = async <T>(
    prefix: string,
    kind: RecordKind<never[], T>,
    theirs: (found: T) => boolean,
    take: (found: T) => void = () => {},
  ) => {
    for await (const { key, record } of recordsBelow(archive, prefix, kind)) {
      if (!theirs(record)) continue;
      traces.records.push(key);
      take(record);
    }
  };
  const mailIds: string[] = [];
  await each(
    'mails/',
    mails,
    (mail) => isTheirs(mail.workflowId) || mail.reference?.toLowerCase() === reference.toLowerCase(),
    (mail) => {
      const { mailId } = mail;
      traces.records.push(`review/${mailId}`, `review-decisions/${mailId}`, `unknown-letters/${mailId}`);
      mailIds.push(mailId);
      traces.documents.push(mail.mail.documentSha256);
      traces.instants.push(instant(mail.receivedAt));
    },
  );
  for (const mailId of mailIds)
    await each(
      `mail-copies/${mailId}/`,
      mailCopies,
      () => true,
      ({ documentSha256 }) => traces.documents.push(documentSha256),
    );
  await each(
    'outbox/',
    outbox,
    ({ workflowId }) => isTheirs(workflowId),
    (sent) => {
      traces.documents.push(sent.documentSha256, ...(sent.formSha256 ? [sent.formSha256] : []));
      traces.instants.push(instant(sent.composedAt));
    },
  );
  for (const workflowId of workflowIds) await each(`case-mails/${workflowId}/`, caseMails, () => true);
  for (const workflowId of workflowIds)
    await each(
      `papers/${workflowId}/`,
      documentRefs,
      () => true,
      ({ documents }) => traces.documents.push(...documents),
    );
  await each('cases/', cases, ({ workflowId }) => isTheirs(workflowId));
  for (const [prefix, kind] of [
    ['index/alias/', aliasIndex],
    ['index/message/', messageIndex],
    ['index/importer/', importerIndex],
    ['requests/', requests],
    ['requests-of/', requestOf],
    ['reminders/', reminderSlots],
    ['reminders-bundled/', bundledReminders],
  ] as const)
    await each<{ workflowId: string }>(prefix, kind as RecordKind<never[], { workflowId: string }>, ({ workflowId }) =>
      isTheirs(workflowId),
    );
  return traces;
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

function instant(at: string): string {
  return new Date(at).toISOString();
}
