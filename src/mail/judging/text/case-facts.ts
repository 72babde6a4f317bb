import type { Application } from '../../../application/application.js';
import { importerNumbersOf } from '../../../application/application.js';
import { onboardingOf } from '../../../application/reference.js';
import { type Archive, ArchiveError } from '../../../archive/archive.js';
import { caseMails, onboardings, read, recordsBelow, sendResults, sends } from '../../../archive/records.js';
import { parseMessage } from '../../incoming/parse-message.js';
import type { CaseFacts } from './mask.js';
import { partQuotes, subjectParagraph } from './paragraphs.js';
import { bareWords, readable } from './readable.js';

/** What letters of one case say where others have another value, and since when CBP may have had its application. */
export interface ArchivedCase extends CaseFacts {
  reference: string;
  workflowId: string;
  /** When the application of the latest attempt went out, ISO instant; undefined when none has. */
  submittedAt?: string;
}

/** @returns undefined when there is no such onboarding, or its application was forgotten */
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

/** Of the latest attempt that went out: when its first transmission did. */
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
 * What mails of a case said, ours and those received, as bare words, one text for each version of each mail. Of a mail
 * received only what its sender newly wrote: quoting something does not make it old.
 * @param except a mail that is being judged, which is no witness of itself
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
 * The bare words of a mail, one text for each of its versions, for its subject and for the name of each file attached: mail
 * programs put these into quotes, too, the subject in two lines where it is long.
 */
export async function wordsIn(raw: Uint8Array): Promise<string[]> {
  const { text, alternativeText, subject, attachments } = await parseMessage(raw);
  const versions = [text, alternativeText ?? ''].map((version) =>
    partQuotes(readable(version).split('\n')).written.join('\n'),
  );
  return [...versions, subjectParagraph(subject), ...attachments.map(({ filename = '' }) => filename)]
    .map(bareWords)
    .filter(Boolean);
}

/** Whether all of a paragraph stands in one of these texts, word for word. */
export function isQuoteOf(paragraph: string, words: readonly string[]): boolean {
  const wanted = bareWords(paragraph);
  return wanted !== '' && words.some((text) => ` ${text} `.includes(` ${wanted} `));
}

/** Puts on record that a mail belongs to a case, for `wordsOfCase`. Again changes nothing. */
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
