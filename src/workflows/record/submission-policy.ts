import { isOfCbp } from '../contract/doubts.js';
import { isDecisionKind } from '../contract/received-mail.js';
import { decisionIn } from './decision-policy.js';
import { doubtsAbout } from './mail-policy.js';
import { type Answered, type Entry, firstAnswer, type OnboardingRecord } from './record.js';

/** Whether CBP got a submission, according to the record. Pure. */

export type SubmissionOutcome = { kind: 'sent'; at: string; why: string } | { kind: 'not-sent'; why: string };

/** Settles a submission that the mail server did not confirm: by our blind copy, CBP's reply, a bounce, or a person. */
export function submissionOutcome(
  record: OnboardingRecord,
  messageId: string,
): Answered<SubmissionOutcome> | undefined {
  return firstAnswer(record, (entry): SubmissionOutcome | undefined => {
    if (entry.kind !== 'mail') return outcomeByPerson(entry, record);
    const { mail } = entry;
    const about = mail.aboutMessageId === messageId;
    if (mail.kind === 'own-copy' && about)
      return { kind: 'sent', at: mail.receivedAt, why: 'our blind copy came back' };
    if (mail.kind === 'bounce' && about && mail.doubts.length === 0)
      return { kind: 'sent', at: mail.receivedAt, why: 'it came back undelivered' };
    // A repeated request for the correction that we just sent does not show that CBP got it.
    const answers =
      about || (isDecisionKind(mail.kind) && doubtsAbout(mail, record).every((doubt) => doubt === 'nothing-submitted'));
    if (mail.kind !== 'bounce' && mail.authenticity.verdict === 'authentic' && isOfCbp(mail.doubts) && answers) {
      return { kind: 'sent', at: mail.receivedAt, why: 'CBP answered it' };
    }
    return undefined;
  });
}

/** What a person reported about a submission: sent, or not sent. */
export function settlementOnRecord(record: OnboardingRecord): Answered<SubmissionOutcome> | undefined {
  return firstAnswer(record, (entry) => outcomeByPerson(entry, record));
}

/** If CBP decided on a submission, CBP has it. */
function outcomeByPerson(entry: Entry, record: OnboardingRecord): SubmissionOutcome | undefined {
  if (entry.kind === 'settle') {
    const { settle } = entry;
    const why = `${settle.actor} says so`;
    return settle.outcome === 'sent' ? { kind: 'sent', at: settle.at, why } : { kind: 'not-sent', why };
  }
  const decided = (entry.kind === 'decide' || entry.kind === 'approval') && decisionIn(entry, record);
  return decided ? { kind: 'sent', at: entry.at, why: 'CBP decided on it' } : undefined;
}

/** When the application went to CBP, and who sent it, for emails. */
export function submissionFacts({ submissions, application, attempt }: OnboardingRecord): Record<string, string> {
  const last = submissions.at(-1);
  if (!last?.at) return {};
  const { channel } = application.route;
  const byOther = channel.kind === 'already-submitted' && last.attempt === 1;
  const submittedBy = last.messageId ? 'us' : byOther && channel.by === 'client' ? 'client' : 'unknown';
  return { submittedOn: last.at, submittedBy, ...(attempt > 1 ? { replaces: 'yes' } : {}) };
}
