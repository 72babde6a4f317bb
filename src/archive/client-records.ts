import { onboardingOf } from '../application/reference.js';
import type { Archive, RecordKey } from './archive.js';
import {
  aliasIndex,
  bundledReminders,
  caseMails,
  cases,
  composeDates,
  documentRefs,
  fills,
  importerIndex,
  mailCopies,
  mailDocuments,
  mails,
  messageIndex,
  onboardings,
  outbox,
  type RecordKind,
  read,
  reminderSlots,
  requestOf,
  requests,
  reviewDecisions,
  reviews,
  signatures,
  unknownLetters,
} from './records.js';

/** What a record that goes with its client says. */
export interface ClientRecord {
  key: RecordKey;
  /** The workflow ID or the `mailId` to which it belongs. */
  owner: string;
  /** Documents that it names. */
  documents: string[];
  /** When it was written, if that counts as an entry of the client's records. ISO instant. */
  at?: string | undefined;
}

/** Onboardings and received emails, to which records belong. An email may belong to any onboarding or to none. */
interface Owners {
  workflowId: readonly string[];
  mailId: readonly string[];
}

interface Content {
  documents?: string[];
  at?: string | undefined;
  /** The received email that the documents are. They are this owner's only if the email is. */
  mailId?: string | undefined;
}

interface ClientRecordKind {
  /** Where the keys begin. */
  folder: string;
  /** What the next part of the key names: the owner. Without it, the record's content names its onboarding. */
  keyNames?: keyof Owners | undefined;
  /** Whether the key has a further part. */
  hasMore: boolean;
  contentOf(found: unknown): Content & { documents: string[]; workflowId?: string | undefined };
}

/** @param place the keys: `<mailId>` or `<workflowId>` says whose the record is; without it, its content does */
function goesWithClient<T>(
  place: string,
  { schema }: Pick<RecordKind<never[], T>, 'schema'>,
  contentOf: (record: T) => Content = () => ({}),
): ClientRecordKind {
  const [, folder = '', keyNames, more] = /^([^<]+)(?:<(mailId|workflowId)>(\/?))?$/.exec(place) ?? [];
  return {
    folder,
    keyNames: keyNames as keyof Owners | undefined,
    hasMore: more === '/',
    contentOf(found) {
      const record = schema.parse(found);
      const { workflowId } = record as { workflowId?: string };
      return { workflowId, documents: [], ...contentOf(record) };
    },
  };
}

/**
 * Every kind of record that goes with its client. `forget` deletes by this table, and a document has an owner only if the
 * table leads to it. An email's own record comes first and is deleted last, since it leads to the others.
 */
const CLIENT_RECORDS: readonly ClientRecordKind[] = [
  goesWithClient('mails/<mailId>', mails, ({ mail, receivedAt }) => ({
    documents: [mail.documentSha256],
    at: receivedAt,
  })),
  goesWithClient('mail-copies/<mailId>/', mailCopies, ({ documentSha256 }) => ({ documents: [documentSha256] })),
  goesWithClient('mail-documents/<mailId>', mailDocuments, ({ documentSha256 }) => ({ documents: [documentSha256] })),
  goesWithClient('review/<mailId>', reviews),
  goesWithClient('review-decisions/<mailId>', reviewDecisions),
  goesWithClient('unknown-letters/<mailId>', unknownLetters),
  goesWithClient('outbox/', outbox, ({ documentSha256, formSha256, composedAt }) => ({
    documents: [documentSha256, ...(formSha256 ? [formSha256] : [])],
    at: composedAt,
  })),
  goesWithClient('compose-dates/', composeDates, ({ at }) => ({ at })),
  goesWithClient('papers/<workflowId>/', documentRefs, ({ documents, at }) => ({ documents, at })),
  goesWithClient('fills/<workflowId>', fills, ({ applicationSha256, form: { sha256, preview } }) => ({
    documents: [applicationSha256, sha256, ...(preview ? [preview] : [])],
  })),
  goesWithClient('case-mails/<workflowId>/', caseMails, ({ mailId, documentSha256 }) => ({
    documents: [documentSha256],
    mailId,
  })),
  goesWithClient('cases/<workflowId>', cases),
  goesWithClient('index/alias/', aliasIndex),
  goesWithClient('index/message/', messageIndex),
  goesWithClient('index/importer/', importerIndex),
  goesWithClient('requests/', requests),
  goesWithClient('requests-of/<workflowId>', requestOf),
  goesWithClient('reminders/', reminderSlots),
  goesWithClient('reminders-bundled/<workflowId>/', bundledReminders),
  goesWithClient('signatures/', signatures),
];

/** The records of these onboardings and emails, in the order of the table. Delete them in the opposite order. */
export async function* clientRecords(
  archive: Pick<Archive, 'listRecords' | 'readRecord'>,
  owners: Owners,
): AsyncIterable<ClientRecord> {
  for (const kind of CLIENT_RECORDS)
    for await (const key of keysOf(archive, kind, owners)) {
      const found = await archive.readRecord(key);
      if (found === undefined) continue;
      const { workflowId = '', documents, at, mailId } = kind.contentOf(found);
      const owner = kind.keyNames ? ownerInKey(kind, key) : workflowId;
      if (!kind.keyNames && !owners.workflowId.includes(owner)) continue;
      const areTheirs = mailId === undefined || owners.mailId.includes(mailId);
      yield { key, owner, documents: areTheirs ? documents : [], at };
    }
}

async function* keysOf(
  archive: Pick<Archive, 'listRecords'>,
  { folder, keyNames, hasMore }: ClientRecordKind,
  owners: Owners,
): AsyncIterable<RecordKey> {
  if (!keyNames) yield* archive.listRecords(folder);
  else
    for (const owner of owners[keyNames])
      if (hasMore) yield* archive.listRecords(`${folder}${owner}/`);
      else yield `${folder}${owner}`;
}

/**
 * The documents that a record names, and whether forgetting a client would find them there: not if the onboarding or email was
 * never recorded. Undefined if this kind of record doesn't go with a client.
 */
export async function documentsNamedBy(
  archive: Archive,
  key: RecordKey,
  found: unknown,
): Promise<{ documents: string[]; isOwner: boolean } | undefined> {
  const kind = CLIENT_RECORDS.find(({ folder }) => key.startsWith(folder));
  if (!kind) return undefined;
  const { workflowId = '', documents } = kind.contentOf(found);
  const owner = ownerInKey(kind, key);
  if (documents.length === 0) return { documents, isOwner: false };
  const isOwner =
    kind.keyNames === 'mailId'
      ? (await read(archive, mails, owner)) !== undefined
      : await isRecorded(archive, kind.keyNames ? owner : workflowId);
  return { documents, isOwner };
}

function ownerInKey({ folder }: ClientRecordKind, key: RecordKey): string {
  return key.slice(folder.length).split('/')[0] ?? '';
}

/** Workflows other than onboardings have no record: they write to our own people. */
async function isRecorded(archive: Archive, workflowId: string): Promise<boolean> {
  const onboarding = onboardingOf(workflowId);
  if (!onboarding) return true;
  const record = await read(archive, onboardings, onboarding.reference);
  return record !== undefined && onboarding.round <= record.round;
}
