import { workflowInfo } from '@temporalio/workflow';
import type { EscalationStep } from '../record/escalation-step.js';
import { fateOfSubmission, settlementOnRecord } from '../record/policy.js';
import { calendar, submission } from './activities.js';
import type { Prepared } from './prepared-application.js';
import { named, type Onboarding } from './runtime.js';

/** The application is with CBP, and the clock of the decision runs. What the mail server refuses is a decision already. */
export async function submitted(onboarding: Onboarding, prepared: Prepared): Promise<void> {
  const { record } = onboarding;
  const { channel } = record.application.route;
  if (channel.kind === 'already-submitted' && record.attempt === 1) {
    record.submissions.push({ attempt: record.attempt, at: beginOf(channel.at) });
    return await startDecisionClock(onboarding, asInstant(channel.at));
  }
  if (channel.kind === 'email' && prepared.formSha256) {
    return await mailed(onboarding, prepared.applicationSha256, prepared.formSha256);
  }
  return await submittedByHand(onboarding);
}

/** One mail to CBP. While its fate is unknown nothing is sent again: our blind copy tells, or CBP's answer, or a person. */
async function mailed(onboarding: Onboarding, applicationSha256: string, formSha256: string): Promise<void> {
  const { record } = onboarding;
  const { workflowId } = workflowInfo();
  const { reference } = record.application;
  for (let transmission = 1; ; transmission++) {
    onboarding.enter('submitting', 'nobody');
    const order = { workflowId, reference, attempt: record.attempt, transmission, applicationSha256, formSha256 };
    const summary = `mail to CBP, attempt ${record.attempt}`;
    const sent = await onboarding.performUntilClosed(
      () => submission().sendApplication.executeWithOptions({ summary }, [order]),
      () => record.submissions.push({ attempt: record.attempt, stopped: true }),
    );
    onboarding.sent(`application, attempt ${record.attempt}`, sent);
    const mail = { attempt: record.attempt, messageId: sent.messageId, ...serverIdOf(sent) };
    record.submissions.push(sent.kind === 'accepted' ? { ...mail, at: sent.at } : mail);

    if (sent.kind === 'accepted')
      return onboarding.startClock({ kind: 'decision', at: sent.at }, { ...sent.deadlines });
    if (sent.kind === 'refused') return onboarding.refused(`The application was not sent: ${sent.reason}`);

    onboarding.enter('submitting', 'nobody', `We don't know yet whether CBP got the application: ${sent.reason}`);
    onboarding.startClock(undefined, { ask: sent.askAt });
    const fate = await onboarding.until(
      (all) => fateOfSubmission(all, sent.messageId),
      [sent.resend ? resendByPolicy : askAboutSubmission],
    );
    const settled = fate.kind === 'sent' ? 'CBP got the application' : 'The application was not sent';
    onboarding.note(`${settled}.`, `How that is known: ${fate.why}.`);
    if (fate.kind === 'sent') {
      record.submissions[record.submissions.length - 1] = { ...mail, at: fate.at };
      return await startDecisionClock(onboarding, fate.at);
    }
    onboarding.take(fate);
  }
}

/** Through CBP's web form, which asks for a code and a captcha: a person does it and says so. */
async function submittedByHand(onboarding: Onboarding): Promise<void> {
  const { record } = onboarding;
  const how = "Submit the application through CBP's web form (not by email), then record when you submitted it.";
  onboarding.enter('submitting', 'broker', how, 'web-form');
  onboarding.notify('operations-task', { attention: 'web-form', what: how });
  for (;;) {
    const fate = await onboarding.until(settlementOnRecord);
    if (fate.kind === 'not-sent') {
      onboarding.take(fate);
      continue;
    }
    record.submissions.push({ attempt: record.attempt, at: fate.at });
    return await startDecisionClock(onboarding, fate.at);
  }
}

async function startDecisionClock(onboarding: Onboarding, at: string): Promise<void> {
  const base = { kind: 'decision', at } as const;
  const deadlines = await onboarding.perform(() =>
    calendar.computeDeadlines.executeWithOptions({ summary: 'when is a decision due?' }, [base]),
  );
  onboarding.startClock(base, named(deadlines));
}

const resendByPolicy: EscalationStep<Onboarding> = {
  deadline: 'ask',
  say: 'it is sent once more, as the configuration says',
  escalates: true,
  act(onboarding) {
    onboarding.settledByPolicy();
  },
};

const askAboutSubmission: EscalationStep<Onboarding> = {
  deadline: 'ask',
  say: 'operations are asked whether CBP has the application',
  escalates: true,
  act(onboarding) {
    onboarding.raise('send-unknown', 'broker');
    onboarding.notify('operations-task', {
      attention: 'send-unknown',
      what: "The email to CBP may or may not have gone out. Find out (sent folder, CBP's desk), then settle it. Until then it will not be sent again.",
    });
  },
};

/** A date stands for its beginning in New York's winter: good enough for a clock that counts business days. */
function asInstant(at: string): string {
  return at.includes('T') ? at : `${at}T12:00:00-05:00`;
}

/** The earliest instant it can mean: what CBP wrote on that very day came after it. */
function beginOf(at: string): string {
  return at.includes('T') ? at : `${at}T00:00:00-04:00`;
}

function serverIdOf(sent: { serverMessageId?: string } | object): { serverMessageId?: string } {
  return 'serverMessageId' in sent && sent.serverMessageId ? { serverMessageId: sent.serverMessageId } : {};
}
