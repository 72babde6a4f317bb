import { log } from '@temporalio/activity';
import type { Archive } from '../archive/archive.js';
import { type MailRecord, mails, read, recordsBelow, type UnknownLetter, unknownLetters } from '../archive/records.js';
import type { KnownCase } from '../mail/judging/correlation/correlation-index.js';
import type { KnownLetter, LetterBook } from '../mail/judging/letters/letter.js';
import type { LetterStore } from '../mail/judging/letters/letter-store.js';
import { dropUnknownLetter } from '../mail/judging/letters/waiting-letters.js';
import { claimSignatures } from '../mail/judging/origin/claim-signatures.js';
import { rereadMail } from '../mail/judging/reread-mail.js';
import { DOUBTS } from '../workflows/contract/doubts.js';
import type { ReceivedMail } from '../workflows/contract/received-mail.js';

export interface LetterRetrial {
  archive: Archive;
  store: Pick<LetterStore, 'book'>;
  /** Tells an onboarding about an email, once for each request ID. Throws errors that are worth retrying. */
  signal: (workflowId: string, mail: ReceivedMail, requestId: string) => Promise<'delivered' | 'not-found'>;
  /** Undefined if the case is unknown or was forgotten. */
  factsOf: (workflowId: string) => Promise<KnownCase | undefined>;
  now: () => Date;
  /** Called after each email. What it throws ends the comparison. */
  progress?: () => void;
}

export interface Retried {
  /** The version of the letters that they were compared with. */
  version: string;
  waiting: number;
  /** Emails that turned out to be a known letter, and whose onboarding was told. */
  known: string[];
}

/** How soon waiting emails are compared once more. */
const AGAIN_MS = 60_000;

/**
 * Compares the waiting emails whenever the letters change, and once more a minute later: an email that was being judged by
 * the old letters may not have been recorded yet. An email that cannot be compared is not a problem of the mailbox, so all
 * of them are tried again a minute later. Keep the function from sweep to sweep.
 */
export function retryWhenTaught(retrial: Omit<LetterRetrial, 'progress'>) {
  let compared: { version: string; again?: number } | undefined;

  return async ({ mailbox, signal, progress }: { mailbox: string; signal: AbortSignal; progress: () => void }) => {
    let version = compared?.version ?? '';
    try {
      ({ version } = await retrial.store.book());
      const isNew = compared?.version !== version;
      if (!isNew && (compared?.again === undefined || Date.now() < compared.again)) return;
      compared = { version, ...(isNew ? { again: Date.now() + AGAIN_MS } : {}) };
      const { known } = await retryWaitingLetters({
        ...retrial,
        progress: () => {
          signal.throwIfAborted();
          progress();
        },
      });
      if (known.length > 0) log.info('Waiting emails turned out to be known letters', { mails: known.length });
    } catch (error) {
      compared = { version, again: Date.now() + AGAIN_MS };
      signal.throwIfAborted();
      log.warn('Not all waiting emails could be compared with the letters', { mailbox, error });
    }
  };
}

/** How many emails are compared at once. Most of the time is spent waiting for the archive and the server. */
const AT_ONCE = 16;

/**
 * Compares all waiting emails with the letters that are known now. For a match, the onboarding is told, then the email's
 * record is updated, then it stops waiting. After a crash in between this is repeated, and the request ID makes the second
 * signal have no effect.
 * @throws the first failure, after all others were tried; whatever `progress` throws, at once
 */
export async function retryWaitingLetters(retrial: LetterRetrial): Promise<Retried> {
  const { archive, store } = retrial;
  const { version } = await store.book();
  const done: Retried = { version, waiting: 0, known: [] };
  const failures: unknown[] = [];
  let batch: UnknownLetter[] = [];
  for await (const { record: waiting } of recordsBelow(archive, 'unknown-letters/', unknownLetters)) {
    batch.push(waiting);
    if (batch.length === AT_ONCE) await tryBatch();
  }
  await tryBatch();
  if (failures.length > 0) throw failures[0];
  return done;

  async function tryBatch(): Promise<void> {
    if (batch.length === 0) return;
    // Read again for each batch: a letter revoked meanwhile no longer counts for the rest.
    const { book } = await store.book();
    const tried = await Promise.allSettled(batch.map(({ mailId, workflowId }) => retry(mailId, workflowId, book)));
    for (const [at, one] of tried.entries()) {
      done.waiting++;
      if (one.status === 'rejected') failures.push(one.reason);
      else if (one.value) done.known.push(batch[at]?.mailId ?? '');
      retrial.progress?.();
    }
    batch = [];
  }

  async function retry(mailId: string, workflowId: string, book: LetterBook): Promise<boolean> {
    const record = await read(archive, mails, mailId);
    // The email's own record is written after this one. Without it, the email is still being received.
    if (!record || record.state === 'waiting') return false;
    const facts = await retrial.factsOf(workflowId);
    if (!facts) return false;
    const reread = await rereadMail(archive, { ...record, workflowId }, facts, book);
    if (!reread?.asKnown) return false;
    const { letter } = reread.asKnown;
    const mail = await claimSignatures(archive, reread.asKnown.mail, workflowId);
    const told = await retrial.signal(workflowId, mail, `${mailId}/${letter.id}`);
    if (told === 'delivered') await archive.replaceRecord(mails.key(mailId), withMail(record, mail, letter));
    await dropUnknownLetter(archive, mailId);
    return told === 'delivered';
  }

  function withMail(record: MailRecord, mail: ReceivedMail, { id }: KnownLetter): MailRecord {
    const entry = {
      at: retrial.now().toISOString(),
      actor: 'the watcher',
      what: 'known',
      reason: `It is ${id}, which was taught after this email arrived.`,
    };
    const before = (record.handled ?? []).filter(({ what, reason }) => what !== entry.what || reason !== entry.reason);
    return { ...record, mail, reasons: mail.doubts.map((doubt) => DOUBTS[doubt]), handled: [...before, entry] };
  }
}
