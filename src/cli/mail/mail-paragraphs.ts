import { type Archive, ArchiveError } from '../../archive/archive.js';
import type { MailRecord } from '../../archive/records.js';
import { parseMessage } from '../../mail/incoming/parse-message.js';
import { shownParagraphs } from '../../mail/judging/letters/teach.js';
import { caseFacts } from '../../mail/judging/text/case-facts.js';
import { writingOf } from '../../mail/judging/text/writing.js';
import { createMailReview, MailReviewError } from '../../onboardings/mail-review.js';
import { CommandFailure, EXIT } from '../../process/output.js';
import { errorText, plain } from '../../process/plain-text-output.js';

/** A paragraph that the sender newly wrote. 0 is the subject. The letters commands number them alike. */
export interface NumberedParagraph {
  number: number;
  written: string;
}

/** @returns undefined if the email was not kept, is unreadable, or was deleted with its case */
export async function paragraphsIn(archive: Archive, record: MailRecord): Promise<NumberedParagraph[] | undefined> {
  const { mail, workflowId, credentials } = record;
  if (credentials) return undefined;
  const raw = await archive.getDocument(mail.documentSha256).catch((error: unknown) => {
    if (error instanceof ArchiveError) return undefined;
    throw error;
  });
  const message = raw && (await parseMessage(raw));
  if (!message || message.unreadable) return undefined;
  const facts = (workflowId ? await caseFacts(archive, { workflowId }) : undefined) ?? { importerNumbers: [] };
  const { writing } = writingOf(message, facts, { domain: mail.signedBy ?? '', address: mail.from });
  return shownParagraphs(writing, facts, new Set()).map(({ number, written }) => ({ number, written }));
}

/** @throws CommandFailure when there is no such email, or its text was not kept */
export async function paragraphsOfMail(archive: Archive, mailId: string): Promise<NumberedParagraph[]> {
  const record = await createMailReview({ archive })
    .find(mailId)
    .catch((error: Error) => {
      throw error instanceof MailReviewError ? new CommandFailure(EXIT.notFound, errorText(error)) : error;
    });
  const found = await paragraphsIn(archive, record);
  if (found) return found;
  throw new CommandFailure(
    EXIT.conflict,
    plain`The text of this email is not kept or can't be read, so it has no paragraphs to choose. Use --what.`,
  );
}
