import { refundDeadlineOf } from '../../application/application.js';
import { ACE_RULES } from '../../calendar/ace-rules.js';
import { addDays, newYorkDayOf, newYorkInstant } from '../../calendar/day.js';
import type { Attention, Escalation, Task } from '../contract/progress.js';
import { ATTENTION_HELP, TASKS } from '../contract/tasks.js';
import type { OnboardingRecord } from './record.js';
import { isUndelivered, messagesForReview, mismatchedApprovals } from './review-policy.js';
import { higher } from './step-policy.js';

/** What people must do, since when, and who is told. Pure. */

/** Why the onboarding needs attention: because of its stage, and because of emails and approvals that wait for review. */
export function attentionOf(record: OnboardingRecord): Attention[] {
  if (record.stage === 'closed') return [];
  const fromMails = messagesForReview(record).map((task) => task.why);
  const fromApprovals: Attention[] = mismatchedApprovals(record) ? ['approval-mismatch'] : [];
  const fromEmails: Attention[] = isUndelivered(record) ? ['bounced'] : [];
  return [...new Set<Attention>([...record.stageAttention, ...fromMails, ...fromApprovals, ...fromEmails])].sort();
}

/** Keeps since when there is each reason. */
export function updateAttentionSince(record: OnboardingRecord, attention: readonly Attention[], now: string): void {
  const since = record.attentionSince;
  record.attentionSince = Object.fromEntries(attention.map((reason) => [reason, since[reason] ?? now]));
}

export function tasksOf(record: OnboardingRecord, attention: readonly Attention[]): Task[] {
  return attention.map((reason) => {
    const dies = diesAt(reason, record);
    return { reason, since: record.attentionSince[reason] ?? record.since, ...(dies ? { dies } : {}) };
  });
}

/** When it is too late: the sign-in link has expired, ACE has disabled the user, the refund can't be filed any more. */
function diesAt(reason: Attention, { clock, application }: OnboardingRecord): string | undefined {
  switch (reason) {
    case 'refund-deadline':
      return refundDeadlineOf(application)?.toISOString();
    case 'link-dies':
      return clock && endOf(addDays(clock.start.linkSentOn ?? newYorkDayOf(clock.start.at), ACE_RULES.signInLink.days));
    case 'lock-soon':
      return clock && endOf(addDays(newYorkDayOf(clock.start.signedInAt ?? clock.start.at), ACE_RULES.idleUser.days));
    default:
      return undefined;
  }
}

const endOf = (day: string) => newYorkInstant(day, 23, 59).toISOString();

/** Why people are told of a wait that no other reason explains. */
export function reasonFor({ clock }: OnboardingRecord): Attention {
  switch (clock?.start.wait) {
    case 'acknowledgement':
    case 'decision':
      return 'overdue';
    case 'sign-in':
    case 'grant':
    case 'client-correction':
      return 'client-silent';
    default:
      return 'delayed';
  }
}

/** Urgent tasks, each with what makes it a new one: its reason, or the email that it is about. */
export function urgentTasks(
  record: OnboardingRecord,
  attention: readonly Attention[],
): { reason: Attention; key: string }[] {
  return urgentReasons(record, attention).flatMap((reason) => {
    const about = messagesForReview(record).filter(({ why }) => why === reason);
    const keys = about.length > 0 ? about.map(({ mail }) => `${reason} ${mail.mailId}`) : [reason];
    return keys.map((key) => ({ reason, key }));
  });
}

/** Reasons that the handler hears about at once. An email that is proven to be from CBP is one of them. */
export function urgentReasons(record: OnboardingRecord, attention: readonly Attention[]): Attention[] {
  const fromCbp = () =>
    messagesForReview(record).some(({ mail }) => mail.authenticity.verdict === 'authentic' && mail.alias !== 'client');
  return attention.filter((reason) => TASKS[reason].urgent || (reason === 'mail-to-review' && fromCbp()));
}

/** What the email about an urgent task says. */
export function taskFacts(reason: Attention, record: OnboardingRecord): Record<string, string> {
  const [task] = tasksOf(record, [reason]);
  // In the grant, that can name importer numbers.
  const about = record.stage !== 'awaiting-access-grant' && record.stageAttention.includes(reason);
  const wanted = about ? record.wanted : undefined;
  return {
    attention: reason,
    what: wanted ? `${ATTENTION_HELP[reason]}\n${wanted}` : ATTENTION_HELP[reason],
    ...(task ? { since: task.since, ...(task.dies ? { dies: task.dies } : {}) } : {}),
  };
}

/** Who must be told besides the handler. */
export function escalationOf({ escalation, besides }: OnboardingRecord): Escalation {
  return Object.values(besides).reduce(higher, escalation);
}
