import type { Archive } from '../../../archive/archive.js';
import { storeOne } from '../../../archive/owned-document.js';
import { caseMails, composeDates, type OutboxRecord, outbox, read } from '../../../archive/records.js';
import { buildMessage, type EmailContent } from './compose.js';

/** An email without its name and date. */
export interface Draft {
  letter: Omit<EmailContent, 'messageId' | 'name' | 'date'>;
  envelope: { from: string; to: string[] };
  recipient: string;
  formSha256?: string;
  brokerAceEmail?: string;
  /** Workflow IDs of the other cases that a reminder also asks about. */
  alsoAsks?: string[];
}

export interface SenderIdentity {
  messageId: string;
  name: string;
  workflowId: string;
  purpose: string;
}

/**
 * The email with this identity as it was first composed. Later callers get the same bytes, whatever they would have
 * written, so every try sends the same message. Its date is fixed first: a try after one that died composes the same bytes,
 * and no other document is left.
 * @param draft gets the date of the email, which is the only clock it may use
 */
export async function composeOnce(
  archive: Archive,
  identity: SenderIdentity,
  now: Date,
  draft: (at: Date) => Promise<Draft>,
): Promise<OutboxRecord> {
  const composed = await read(archive, outbox, identity.messageId);
  if (composed) return await noted(archive, composed);
  const date = await dateOf(archive, identity, now);
  const { letter, ...rest } = await draft(date);
  const bytes = await buildMessage({ ...letter, messageId: identity.messageId, name: identity.name, date });
  const documentSha256 = await storeOne(archive, identity, bytes);
  const record: OutboxRecord = {
    messageId: identity.messageId,
    workflowId: identity.workflowId,
    purpose: identity.purpose,
    documentSha256,
    composedAt: date.toISOString(),
    ...rest,
  };
  const claimed = await archive.createRecord(outbox.key(identity.messageId), record);
  return await noted(archive, claimed.created ? record : outbox.schema.parse(claimed.existing));
}

async function dateOf(archive: Archive, { messageId, workflowId }: SenderIdentity, now: Date): Promise<Date> {
  const first = { messageId, workflowId, at: now.toISOString() };
  const fixed = await archive.createRecord(composeDates.key(messageId), first);
  return new Date(fixed.created ? first.at : composeDates.schema.parse(fixed.existing).at);
}

/** Also lists the email under its case, because replies may quote from it. */
async function noted(archive: Archive, record: OutboxRecord): Promise<OutboxRecord> {
  const { workflowId, messageId, purpose, documentSha256 } = record;
  await archive.createRecord(caseMails.key(workflowId, messageId), {
    documentSha256,
    sent: { messageId, purpose },
  });
  return record;
}
