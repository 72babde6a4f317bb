import { longDay, longDayAndTime } from '../../calendar/format.js';
import type * as messages from '../contract/messages.js';
import { isDecisionKind } from '../contract/received-mail.js';
import { isComplete, seenIn } from '../record/access-policy.js';
import { daysLater, stepsAhead } from '../record/clock.js';
import { changesForCbp, changesGrant } from '../record/correction-policy.js';
import { isRevoked } from '../record/people-policy.js';
import type { OnboardingRecord } from '../record/record.js';
import { messagesForReview } from '../record/review-policy.js';
import { morningOf } from '../record/step-policy.js';

/**
 * What happens now, for the person who sent an update: whether an email goes out, and whose turn it is. Computed before the update
 * is recorded. Pure. Temporal stores these answers encrypted, but they still name no numbers.
 */

export function afterDecision(decide: messages.Decide, record: OnboardingRecord): string {
  const waiting = messagesForReview(record).length;
  const emails =
    waiting === 1
      ? 'The email that waits for review counts as read.'
      : `The ${waiting} emails that wait for review count as read.`;
  return waiting > 0 ? `${decided(decide, record)} ${emails}` : decided(decide, record);
}

function decided(decide: messages.Decide, { stage }: OnboardingRecord): string {
  switch (decide.decision) {
    case 'approved':
      return `The client gets the steps for the first sign-in and for adding our user.${decide.mailedOn ? '' : " Once you know the day of CBP's account email, record it: its sign-in link lives for 21 days."}`;
    case 'already-registered':
      return decide.next === 'grant'
        ? 'The client gets the steps for adding our user.'
        : 'The onboarding ends as already registered. The client is not told.';
    case 'correction-needed':
      return decide.waitingOn === 'client'
        ? "The client gets your text now, and reminders. CBP's clock is paused."
        : `It is your task${decide.work === 'form-5106' ? ': update the Form 5106' : decide.work === 'abi' ? ': the work in ABI' : ''}, then send the correction or answer CBP. The client is not told. CBP's clock is paused.`;
    case 'rejected':
    case 'abandoned':
      return `The onboarding ends as ${decide.decision}${stage === 'preparing' ? '' : '. The client is not told'}.`;
  }
}

export function afterCorrection(correct: messages.CorrectApplication, record: OnboardingRecord): string {
  const forCbp = changesForCbp(record, correct);
  if (correct.because === 'form-5106')
    return "Nothing was changed or sent. Updating the Form 5106 is now the broker's task. After that, send the same correction again without --because form-5106.";
  if (record.stage === 'awaiting-access-grant')
    return changesGrant(record, correct)
      ? 'The application is checked again, and the client gets new instructions.'
      : 'Only our record changes. No one is emailed.';
  if (record.submissions.length === 0) return 'The application is checked again. It is what will be sent to CBP.';
  if (forCbp.length === 0 && correct.replace) return 'CBP gets the same application once more.';
  if (forCbp.length === 0) return 'Only our record changes. No one is emailed.';
  return `CBP gets a new application as a replacement, because of ${forCbp.join(', ')}. The client is told that it was sent.`;
}

export function afterSettlement(settle: messages.SettleSubmission, record: OnboardingRecord): string {
  if (settle.outcome === 'sent') return "CBP's clock runs from that time.";
  return record.stageAttention.includes('web-form')
    ? 'The web form is still to be submitted.'
    : 'The application is emailed to CBP once more.';
}

export function afterLook(grant: messages.ConfirmAccessGranted, record: OnboardingRecord): string {
  const seen = seenIn(record, grant);
  const some = seen.numbers.length > 0;
  if (isRevoked(record)) return 'We have no access any more, so the onboarding ends as withdrawn.';
  if (isComplete(seen)) return 'That is all that we need: the client is thanked, and the onboarding ends.';
  if (record.stageAttention.includes('owner-left')) return 'No one is emailed until the new account owner is known.';
  if (!some && !record.access?.userAdded && !seen.wrongTopAccount)
    return 'The client is not told, and is reminded of the steps as before.';
  const missing = [
    ...(seen.missing.length > 0
      ? [`${seen.missing.length} of ${seen.numbers.length + seen.missing.length} numbers`]
      : []),
    ...(seen.narrower.length > 0 ? ['Full Access'] : []),
    ...(seen.wrongTopAccount ? ['the right top account'] : []),
  ];
  return `Still missing: ${missing.join(', ')}. The client is told exactly that.`;
}

export function afterDeadlineChange(change: messages.ChangeDeadline, record: OnboardingRecord): string {
  if ('recompute' in change)
    return 'The deadlines that are still ahead are calculated again, and so are those that a person set.';
  const step = stepsAhead(record).find(({ name }) => name === change.deadline);
  const at = 'byDays' in change ? daysLater(step?.at ?? new Date().toISOString(), change.byDays) : change.at;
  return `It is now ${longDayAndTime(new Date(at))}. All others stay.`;
}

export function afterWithdrawal(withdraw: messages.Withdraw, record: OnboardingRecord): string {
  if (record.access)
    return withdraw.because === 'power-of-attorney-revoked'
      ? 'The case stays open until someone has recorded that ACE shows us nothing any more (seen --none). The client gets no more reminders.'
      : 'The onboarding ends. No one is emailed.';
  const sent = record.submissions.some(({ stopped }) => !stopped);
  if (record.stage === 'submitting' && record.clock?.start.wait === 'work' && withdraw.notifyCbp !== false)
    return 'The email to CBP is stopped. If it has left already, CBP is told that the application is withdrawn. The onboarding ends. The client is not told.';
  return sent && withdraw.notifyCbp !== false
    ? 'CBP is told by email that the application is withdrawn. The onboarding ends. The client is not told.'
    : 'The onboarding ends. No one is emailed.';
}

export function afterSnooze({ until }: messages.Snooze): string {
  return `No reminders and no escalation until ${longDay(until)}, 8:00 AM ET. Email that arrives and what is urgent are reported all the same.`;
}

export function afterCall({ chaseOn }: messages.LogCall, { alarms, stageAttention }: OnboardingRecord): string {
  const followsUp = stageAttention.includes('chase') || alarms.some(({ name }) => name === 'chase');
  const before = followsUp ? ' The earlier call counts as followed up.' : '';
  return chaseOn
    ? `It is to be followed up on ${longDayAndTime(new Date(morningOf(chaseOn)))}. Until then nothing changes.${before}`
    : `Nothing else changes.${before}`;
}

export function afterStatement({ says }: messages.RecordStatement, record: OnboardingRecord): string {
  const inGrant = record.stage === 'awaiting-access-grant';
  switch (says) {
    case 'mail-came':
      return inGrant
        ? 'The deadlines follow the day of that email.'
        : 'The client gets the steps for the first sign-in, worded as what the client told us.';
    case 'no-mail':
      return inGrant
        ? 'Nothing else changes. The account owner can ask the ACE Account Service Desk for the email.'
        : 'CBP is still to decide. The client is asked again later.';
    case 'signed-in':
      return 'The client is now reminded to add our user, not to sign in.';
    case 'user-added':
      return 'Looking in ACE is now your task. The client gets no reminders meanwhile.';
  }
}

export function afterProblem({ problem }: messages.ReportProblem): string {
  return problem === 'owner-left'
    ? 'The old owner gets no more email. Find out who the new one is, then send the correction: the new owner is told what to do.'
    : 'The client gets the email that explains how to solve it.';
}

export function afterMessage({ to, mailId }: messages.SendMessage, record: OnboardingRecord): string {
  const waits = messagesForReview(record).some(({ mail }) => mail.mailId === mailId && !isDecisionKind(mail.kind));
  const handled = waits ? ' The email that it answers counts as handled.' : '';
  if (to === 'client') return `The client gets your text.${handled}`;
  return record.stage === 'awaiting-correction'
    ? `CBP gets your text. Once it is out, CBP's clock runs again.${handled}`
    : `CBP gets your text.${handled}`;
}
