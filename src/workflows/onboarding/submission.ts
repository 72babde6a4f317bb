import { workflowInfo } from '@temporalio/workflow';
import type { DueStep } from '../contract/waits.js';
import { settlementOnRecord, submissionFacts, submissionOutcome } from '../record/submission-policy.js';
import { submission } from './activities.js';
import type { Prepared } from './prepared-application.js';
import type { Onboarding } from './runtime.js';

/** Gets the application to CBP and starts the decision clock. A refusal by the mail server counts as a decision. */
export async function submitApplication(onboarding: Onboarding, prepared: Prepared): Promise<void> {
  const { record } = onboarding;
  const { channel } = record.application.route;
  if (channel.kind === 'already-submitted' && record.attempt === 1) {
    record.submissions.push({ attempt: record.attempt, at: earliestInstant(channel.at) });
    return await startDecisionClock(onboarding, asInstant(channel.at));
  }
  if (channel.kind === 'email' && prepared.formSha256) {
    return await submitByEmail(onboarding, prepared.applicationSha256, prepared.formSha256);
  }
  return await submitByHand(onboarding);
}

/** Emails CBP once. While the outcome is unknown, nothing is sent again until our blind copy, CBP's reply or a person settles it. */
async function submitByEmail(onboarding: Onboarding, applicationSha256: string, formSha256: string): Promise<void> {
  const { record, clock } = onboarding;
  const { workflowId } = workflowInfo();
  const { reference } = record.application;
  for (let transmission = 1; ; transmission++) {
    onboarding.enter('submitting', 'nobody');
    if (transmission > 1) clock.startWork();
    const order = { workflowId, reference, attempt: record.attempt, transmission, applicationSha256, formSha256 };
    const summary = `email to CBP, attempt ${record.attempt}`;
    const sent = await onboarding.performUntilClosed(
      () => submission().sendApplication.executeWithOptions({ summary }, [order]),
      () => {
        record.submissions.push({ attempt: record.attempt, stopped: true });
        onboarding.note('The email to CBP was stopped. Most likely it never went out.');
      },
    );
    onboarding.emails.recordSent(`application, attempt ${record.attempt}`, sent);
    const mail = { attempt: record.attempt, messageId: sent.messageId, ...serverIdOf(sent) };
    record.submissions.push(
      sent.kind === 'accepted' ? { ...mail, at: sent.at } : sent.kind === 'refused' ? { ...mail, stopped: true } : mail,
    );

    if (sent.kind === 'accepted') return beginDecision(onboarding, sent.at, sent.deadlines);
    if (sent.kind === 'refused') return onboarding.recordRefusal(`The application was not sent: ${sent.reason}`);

    onboarding.enter('submitting', 'nobody', `We don't know yet whether CBP got the application: ${sent.reason}`);
    clock.start({ wait: 'send-unknown', at: sent.since }, sent.deadlines);
    onboarding.resendsAtAsk = sent.resend === true;
    const outcome = await onboarding.until((all) => submissionOutcome(all, sent.messageId));
    const settled = outcome.kind === 'sent' ? 'CBP got the application' : 'The application was not sent';
    onboarding.note(`${settled}.`, `We know because ${outcome.why}.`);
    if (outcome.kind === 'sent') {
      record.submissions[record.submissions.length - 1] = { ...mail, at: outcome.at };
      return await startDecisionClock(onboarding, outcome.at);
    }
    onboarding.consume(outcome);
  }
}

/** CBP's web form asks for a code and a captcha, so a person submits it and reports that. */
async function submitByHand(onboarding: Onboarding): Promise<void> {
  const { record } = onboarding;
  const how = "Submit the application through CBP's web form (not by email), then record when you submitted it.";
  onboarding.enter('submitting', 'broker', how, 'web-form');
  await onboarding.clock.begin('task');
  for (;;) {
    const outcome = await onboarding.until(settlementOnRecord);
    if (outcome.kind === 'not-sent') {
      onboarding.consume(outcome);
      continue;
    }
    record.submissions.push({ attempt: record.attempt, at: outcome.at });
    return await startDecisionClock(onboarding, outcome.at);
  }
}

async function startDecisionClock(onboarding: Onboarding, at: string): Promise<void> {
  await onboarding.perform(() => onboarding.clock.begin('decision', { at }));
  tellClient(onboarding);
}

function beginDecision(onboarding: Onboarding, at: string, steps: DueStep[]): void {
  onboarding.clock.start({ wait: 'decision', at, ...onboarding.clock.zone() }, steps);
  tellClient(onboarding);
}

/** The client hears what was sent, and that CBP writes to them, unless the first question is due already. */
function tellClient(onboarding: Onboarding): void {
  onboarding.endIfClosed();
  const { record } = onboarding;
  const asked = record.clock?.steps.some(({ name, at }) => name === 'question-1' && Date.parse(at) <= Date.now());
  if (!asked) onboarding.notify('application-submitted', submissionFacts(record));
}

/** A date without a time means noon, which is exact enough to count business days from. */
function asInstant(at: string): string {
  return at.includes('T') ? at : `${at}T12:00:00-05:00`;
}

/** The earliest instant that a date can mean, so that CBP's emails of that day come after it. */
function earliestInstant(at: string): string {
  return at.includes('T') ? at : `${at}T00:00:00-04:00`;
}

function serverIdOf(sent: { serverMessageId?: string } | object): { serverMessageId?: string } {
  return 'serverMessageId' in sent && sent.serverMessageId ? { serverMessageId: sent.serverMessageId } : {};
}
