import { newYorkDayOf } from '../../calendar/day.js';
import type { ClientStatement } from '../contract/messages.js';
import type { PlainAnswer, ReceivedMail } from '../contract/received-mail.js';
import type { Entry, OnboardingRecord } from './record.js';

/** What the client says: as a person recorded it, or in a plain answer to one of our emails. Never what anyone saw. Pure. */

export interface Statement {
  says: ClientStatement;
  /** `YYYY-MM-DD`. */
  on: string;
  /** The day was stated. Otherwise it is the day on which we heard of it. */
  dated: boolean;
}

export function statementIn(entry: Entry, record: OnboardingRecord): Statement | undefined {
  if (entry.kind === 'statement') {
    const { says, on } = entry.statement;
    return { says, on: on ?? newYorkDayOf(entry.at), dated: on !== undefined };
  }
  if (entry.kind !== 'mail') return undefined;
  const says = statementInMail(entry.mail, record);
  return says && { says, on: newYorkDayOf(entry.mail.receivedAt), dated: false };
}

/**
 * A plain answer counts only from the account owner's own address, to the client's secret alias, as a reply to the email
 * that asked for it, and in the client's language.
 */
function statementInMail(mail: ReceivedMail, record: OnboardingRecord): ClientStatement | undefined {
  const { application, answerable } = record;
  const answer = mail.answers?.[application.language ?? 'en'];
  const isOwner = mail.from === application.accountOwner?.email?.toLowerCase();
  if (!answer || !isOwner || mail.alias !== 'client' || mail.kind !== 'client-reply') return undefined;
  if (mail.credentials || mail.doubts.includes('asks-for-secrets') || !mail.aboutMessageId) return undefined;
  const answers = (ids: string[]) => ids.includes(mail.aboutMessageId ?? '');
  if (answer === 'done') return answers(answerable.instructions) ? 'user-added' : undefined;
  return answers(answerable.question) ? MEANING[answer] : undefined;
}
const MEANING: Record<Exclude<PlainAnswer, 'done'>, ClientStatement> = { yes: 'mail-came', no: 'no-mail' };
