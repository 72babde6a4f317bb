import { type Archive, ArchiveError } from '../../archive/archive.js';
import type { MailRecord } from '../../archive/records.js';
import { type ParsedMessage, parseMessage } from '../parse-message.js';
import { isQuoteOf, wordsOfCase } from './case-facts.js';
import type { CaseFacts, LetterBook } from './letter.js';
import { type Match, matchLetter } from './match.js';
import { groupOf } from './waiting-letters.js';
import { writingOf } from './writing.js';

/** An archived mail, compared with the letters that are known now. */
export interface Reread {
  message: ParsedMessage;
  match: Match;
  /** What it quotes that no archived mail of its case says. With any of these it is no known letter, whatever matches. */
  foreignQuotes: string[];
  /** The same for mails that are the same letter. */
  group: string;
  domain: string;
}

/** @returns undefined when it cannot be compared: its bytes or its signer are not on record. */
export async function rereadMail(
  archive: Archive,
  { mailId, mail, workflowId, credentials }: MailRecord,
  facts: CaseFacts,
  book: LetterBook,
): Promise<Reread | undefined> {
  if (credentials || !mail.signedBy || !workflowId) return undefined;
  const raw = await archive.getDocument(mail.documentSha256).catch((error: unknown) => {
    if (error instanceof ArchiveError && error.code === 'document-missing') return undefined;
    throw error;
  });
  if (!raw) return undefined;
  const message = await parseMessage(raw);
  if (message.unreadable) return undefined;
  const { writing, quoted } = writingOf(message, facts, { domain: mail.signedBy, address: mail.from });
  const quotes = Object.values(quoted).flat();
  const words = quotes.length > 0 ? await wordsOfCase(archive, workflowId, mailId) : [];
  return {
    message,
    match: matchLetter(writing, facts, book),
    foreignQuotes: quotes.filter((paragraph) => !isQuoteOf(paragraph, words)),
    group: groupOf(writing, facts),
    domain: writing.domain,
  };
}
