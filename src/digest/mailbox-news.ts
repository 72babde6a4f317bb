import type { Archive } from '../archive/archive.js';
import { mails, read, recordsBelow, reviews, unknownLetters } from '../archive/records.js';

/** Email that waits for a person and belongs to no case, or that would be known if someone taught its letter. */
export interface MailboxNews {
  /** Emails in review. */
  review: Waiting;
  /** Kinds of CBP letter that no one has taught, and the emails that have them. */
  letters: Waiting & { kinds: number };
}

export interface Waiting {
  count: number;
  /** Since when the oldest has waited, ISO instant. */
  oldest?: string;
}

export async function mailboxNews(archive: Archive): Promise<MailboxNews> {
  const inReview: string[] = [];
  // The email's own record decides: another process may have finished with it.
  for await (const { record } of recordsBelow(archive, 'review/', reviews))
    if ((await read(archive, mails, record.mailId))?.state === 'review') inReview.push(record.since);
  const letters: string[] = [];
  const kinds = new Set<string>();
  for await (const { record } of recordsBelow(archive, 'unknown-letters/', unknownLetters)) {
    letters.push(record.since);
    kinds.add(record.group);
  }
  return { review: waiting(inReview), letters: { ...waiting(letters), kinds: kinds.size } };
}

function waiting(since: string[]): Waiting {
  const [oldest] = since.sort();
  return { count: since.length, ...(oldest ? { oldest } : {}) };
}
