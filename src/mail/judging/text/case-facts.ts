import type { Application } from '../../../application/application.js';
import { importerNumbersOf } from '../../../application/application.js';
import { onboardingOf } from '../../../application/reference.js';
import { type Archive, ArchiveError } from '../../../archive/archive.js';
import { caseMails, onboardings, read, recordsBelow, sendResults, sends } from '../../../archive/records.js';
import { parseMessage } from '../../incoming/parse-message.js';
import type { CaseFacts } from './mask.js';
import { splitQuotes, subjectParagraph } from './paragraphs.js';
import { bareWords, readable } from './readable.js';

/** The values of one case that letters fill in, and when its application went out. */
export interface ArchivedCase extends CaseFacts {
  reference: string;
  workflowId: string;
  /** When the application of the latest attempt went out, ISO instant. Undefined if none has. */
  submittedAt?: string;
}

/** @returns undefined if there is no such onboarding, or its application was deleted */
export async function caseFacts(
  archive: Archive,
  of: { workflowId: string } | { reference: string },
): Promise<ArchivedCase | undefined> {
  const named = 'reference' in of ? of.reference : onboardingOf(of.workflowId)?.reference;
  const onboarding = named === undefined ? undefined : await read(archive, onboardings, named);
  if (!onboarding) return undefined;
  const { reference } = onboarding;
  const workflowId = 'workflowId' in of ? of.workflowId : onboarding.workflowId;
  const bytes = await documentIfThere(archive, onboarding.correctedSha256 ?? onboarding.applicationSha256);
  if (!bytes) return undefined;
  const application = JSON.parse(Buffer.from(bytes).toString('utf8')) as Application;
  const { firstName, lastName } = application.accountOwner;
  const submittedAt = await submission(archive, workflowId);
  return {
    reference,
    workflowId,
    company: application.company.legalName,
    importerNumbers: importerNumbersOf(application),
    owner: { firstName, lastName },
    ...(submittedAt ? { submittedAt } : {}),
  };
}

/** When the first transmission of the latest attempt went out. */
async function submission(archive: Archive, workflowId: string): Promise<string | undefined> {
  const sentAt = new Map<number, string>();
  for await (const { record } of recordsBelow(archive, `case-mails/${workflowId}/`, caseMails)) {
    const attempt = Number(/^application\/(\d+)\//.exec(record.sent?.purpose ?? '')?.[1]);
    if (!attempt || !record.sent) continue;
    const { messageId } = record.sent;
    const at =
      (await read(archive, sends, messageId))?.claimedAt ?? (await read(archive, sendResults, messageId))?.acceptedAt;
    const earlier = sentAt.get(attempt);
    if (at && (!earlier || at < earlier)) sentAt.set(attempt, at);
  }
  return sentAt.get(Math.max(...sentAt.keys()));
}

/**
 * The bare words of a case's emails, sent and received, one text for each version of each email. Received emails contribute
 * only what their sender newly wrote: quoting something does not prove that it was said before.
 * @param except the email being judged, which cannot prove its own quotes
 */
export async function wordsOfCase(archive: Archive, workflowId: string, except?: string): Promise<string[]> {
  const words: string[] = [];
  for await (const { record } of recordsBelow(archive, `case-mails/${workflowId}/`, caseMails)) {
    if (record.mailId !== undefined && record.mailId === except) continue;
    const bytes = await documentIfThere(archive, record.documentSha256);
    if (bytes) words.push(...(await wordsIn(bytes)));
  }
  return words;
}

/**
 * The bare words of an email: one text for each version, for its subject, and for the name of each attached file. Mail
 * programs also quote subjects and file names, and may wrap a long subject.
 */
export async function wordsIn(raw: Uint8Array): Promise<string[]> {
  const { text, alternativeText, subject, attachments } = await parseMessage(raw);
  const versions = [text, alternativeText ?? ''].map((version) =>
    splitQuotes(readable(version).split('\n')).written.join('\n'),
  );
  return [...versions, subjectParagraph(subject), ...attachments.map(({ filename = '' }) => filename)]
    .map(bareWords)
    .filter(Boolean);
}

/** Whether one of these texts contains the whole paragraph, word for word. */
export function isQuoteOf(paragraph: string, words: readonly string[]): boolean {
  const wanted = bareWords(paragraph);
  return wanted !== '' && words.some((text) => ` ${text} `.includes(` ${wanted} `));
}

/** Records that an email belongs to a case, for `wordsOfCase`. Idempotent. */
export async function noteCaseMail(
  archive: Archive,
  workflowId: string,
  received: { mailId: string; documentSha256: string },
): Promise<void> {
  const { mailId, documentSha256 } = received;
  await archive.createRecord(caseMails.key(workflowId, mailId), { mailId, documentSha256 });
}

async function documentIfThere(archive: Archive, sha256: string): Promise<Uint8Array | undefined> {
  try {
    return await archive.getDocument(sha256);
  } catch (error) {
    if (error instanceof ArchiveError && error.code === 'document-missing') return undefined;
    throw error;
  }
}
