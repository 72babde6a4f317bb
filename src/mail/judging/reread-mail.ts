import { type Archive, ArchiveError } from '../../archive/archive.js';
import type { MailRecord } from '../../archive/records.js';
import { DOUBTS, type Doubt, doubtsAboutSender, doubtsAboutTime } from '../../workflows/contract/doubts.js';
import type { ReceivedMail } from '../../workflows/contract/received-mail.js';
import { type ParsedMessage, parseMessage } from '../incoming/parse-message.js';
import type { KnownCase } from './correlation/correlation-index.js';
import type { KnownLetter, LetterBook } from './letters/letter.js';
import { type Match, matchLetter } from './letters/match.js';
import { groupOf } from './letters/waiting-letters.js';
import { wordsOfCase } from './text/case-facts.js';
import { withForeignQuotes, writingOf } from './text/writing.js';

/** An archived email, compared with the letters known now. */
export interface Reread {
  message: ParsedMessage;
  match: Match;
  /** The email as a known letter, if it is one, came from one of that letter's addresses, and quotes nothing foreign. */
  asKnown: { letter: KnownLetter; mail: ReceivedMail } | undefined;
  /** Equal for all emails that are the same letter. */
  group: string;
  domain: string;
}

/** @returns undefined if it cannot be compared, because its bytes or its signer are not on record */
export async function rereadMail(
  archive: Archive,
  { mailId, mail, workflowId, credentials }: MailRecord,
  { submittedAt, ...facts }: KnownCase,
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
  const read = writingOf(message, facts, { domain: mail.signedBy, address: mail.from });
  const hasQuotes = Object.keys(read.quoted).length > 0;
  const writing = withForeignQuotes(read, hasQuotes ? await wordsOfCase(archive, workflowId, mailId) : []);
  const match = matchLetter(writing, facts, book);
  const { letter } = match;
  const isKnown = letter?.addresses.includes(mail.from);
  return {
    message,
    match,
    asKnown: letter && isKnown ? { letter, mail: knownMail(mail, letter, match.dates, submittedAt) } : undefined,
    group: groupOf(writing, facts),
    domain: writing.domain,
  };
}

/** Removes doubts about its words. Doubts about who wrote it and which case it belongs to remain. */
function knownMail(
  { unknown: _, ...mail }: ReceivedMail,
  { id, kind }: KnownLetter,
  dates: string[],
  submittedAt: string | undefined,
): ReceivedMail {
  const known = { ...mail, kind, confidence: 1, evidence: [`it matches ${id} word for word`], letter: { id, dates } };
  const doubts = new Set([
    ...mail.doubts.filter((doubt) => !ABOUT_ITS_WORDS.includes(doubt)),
    // These checks are only for decisions, and it was not known to be one before.
    ...doubtsAboutSender(mail),
    ...doubtsAboutTime(known, submittedAt),
  ]);
  return { ...known, doubts: (Object.keys(DOUBTS) as Doubt[]).filter((doubt) => doubts.has(doubt)) };
}

const ABOUT_ITS_WORDS: readonly Doubt[] = ['unknown-letter', 'new-address', 'guess', 'unclear', 'day-out-of-range'];
