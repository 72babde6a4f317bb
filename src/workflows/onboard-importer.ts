import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { Application } from '../application/application.js';
import { complain } from '../application/complaint.js';
import { workflowIdOf } from '../application/reference.js';
import type { Rung } from './ladder.js';
import type { CorrectApplication, Outcome } from './messages.js';
import { Closed, named, Onboarding } from './onboarding.js';
import { calendar, preparation, submission } from './proxies.js';
import {
  type Answered,
  acknowledgementOnRecord,
  announcedBusinessDays,
  approvalOnRecord,
  correctionOnRecord,
  type Decision,
  decisionOnRecord,
  fateOfSubmission,
  grantOnRecord,
  missingAccess,
  settlementOnRecord,
} from './questions.js';
import type { OnboardingRecord } from './record.js';

/**
 * One client of the broker on the way to an ACE portal account: from the application to the day on which the broker
 * sees the client's importer numbers in ACE. Ends with an outcome; it fails only when we have made a mistake.
 */
export async function onboardImporter(application: Application, round = 1): Promise<Outcome> {
  refuseStranger(application, round);
  const onboarding = new Onboarding(application, round);
  try {
    for (;;) {
      const prepared = await preparedApplication(onboarding);
      if (prepared.accountExists) return await accessGranted(onboarding);

      await submitted(onboarding, prepared);
      await acknowledgedByCbp(onboarding);
      const decision = await decisionFromCbp(onboarding);
      if (decision.kind !== 'correction') return await accessGranted(onboarding);

      const next = await correctedApplication(onboarding, decision);
      if (next !== 'corrected') return await accessGranted(onboarding);
      onboarding.record.attempt += 1;
    }
  } catch (ending) {
    if (!(ending instanceof Closed)) throw ending;
    return await closedByPerson(onboarding, ending);
  }
}

async function closedByPerson(onboarding: Onboarding, { outcome, by, why }: Closed): Promise<Outcome> {
  onboarding.record.outcome = outcome;
  if (outcome === 'withdrawn' && onboarding.record.submissions.length > 0) {
    await onboarding.tell('operations-task', {
      attention: 'withdrawn',
      what: `Withdrawn by ${by}: ${why}. CBP has the application: tell the applications desk that it is withdrawn.`,
    });
  }
  return await onboarding.close(outcome);
}

/** An onboarding without a reference, or under another's id, was never started by our client: nobody could find or correct it. */
function refuseStranger(application: Application | undefined, round: number): void {
  const { workflowId } = workflowInfo();
  if (application?.reference && workflowIdOf(application.reference, round) === workflowId) return;
  const problem = application?.reference
    ? `The application is for ${application.reference}, which ${workflowId} is not the id of.`
    : 'There is no application with a reference.';
  throw ApplicationFailure.nonRetryable(
    `${problem} Start onboardings with \`ace-onboarding start\` or the client.`,
    'not-an-onboarding',
  );
}

// The application ------------------------------------------------------------------------------------------------------

interface Prepared {
  /** So the application says, or somebody saw CBP's approval before anything was sent. */
  accountExists: boolean;
  applicationSha256: string;
  formSha256?: string;
}

/** Checked, claimed, filled, read back and archived. What is refused waits for a corrected application; nothing has been sent. */
async function preparedApplication(onboarding: Onboarding): Promise<Prepared> {
  const { record } = onboarding;
  for (;;) {
    onboarding.enter('preparing', 'nobody');
    const prepared = await onboarding.perform(() =>
      preparation.prepareApplication.executeWithOptions(
        { summary: `attempt ${record.attempt}: check, claim the number, fill the form` },
        [
          {
            application: record.application,
            round: record.round,
            attempt: record.attempt,
            form: needsForm(record.application),
          },
        ],
      ),
    );
    if (prepared.kind === 'ready') {
      record.applicationSha256 = prepared.applicationSha256;
      onboarding.list(prepared.listed);
      for (const warning of prepared.warnings) onboarding.note(warning);
      return {
        accountExists: record.application.route.existingAccount === 'yes' || approvalOnRecord(record) !== undefined,
        applicationSha256: prepared.applicationSha256,
        ...(prepared.form ? { formSha256: prepared.form.sha256 } : {}),
      };
    }
    const what = prepared.complaints.map((complaint) => `- ${complain(complaint)}`).join('\n');
    onboarding.enter('awaiting-correction', 'broker', `The application cannot go out as it is:\n${what}`, prepared.why);
    takeUp(onboarding, await onboarding.until(correctionOnRecord));
  }
}

/** The form goes out only by mail, and only for an importer without an account. */
function needsForm({ route }: Application): boolean {
  return route?.existingAccount === 'none' && route.channel.kind === 'email';
}

// The submission -------------------------------------------------------------------------------------------------------

/** The application is with CBP, and the clock of the decision runs. What the mail server refuses is a decision already. */
async function submitted(onboarding: Onboarding, prepared: Prepared): Promise<void> {
  const { record } = onboarding;
  const { channel } = record.application.route;
  if (channel.kind === 'already-submitted' && record.attempt === 1) {
    record.submissions.push({ attempt: record.attempt });
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
    const sent = await onboarding.perform(() =>
      submission().sendApplication.executeWithOptions({ summary: `mail to CBP, attempt ${record.attempt}` }, [order]),
    );
    onboarding.sent(`application, attempt ${record.attempt}`, sent);
    record.submissions.push({ attempt: record.attempt, messageId: sent.messageId, ...serverIdOf(sent) });

    if (sent.kind === 'accepted')
      return onboarding.startClock({ kind: 'decision', at: sent.at }, { ...sent.deadlines });
    if (sent.kind === 'refused') return onboarding.refused(`The mail server refused the application: ${sent.reason}`);

    onboarding.enter('submitting', 'nobody', `Nobody knows yet whether CBP got the application: ${sent.reason}`);
    onboarding.startClock(undefined, { ask: sent.askAt });
    const fate = await onboarding.until((all) => fateOfSubmission(all, sent.messageId), [askAboutSubmission]);
    onboarding.note(`The application was ${fate.kind}: ${fate.why}.`);
    if (fate.kind === 'sent') return await startDecisionClock(onboarding, fate.at);
    onboarding.take(fate);
  }
}

/** Through CBP's web form, which asks for a code and a captcha: a person does it and says so. */
async function submittedByHand(onboarding: Onboarding): Promise<void> {
  const { record } = onboarding;
  const how = "Fill CBP's web form with the data of the application (not by mail), then say when it was sent.";
  onboarding.enter('submitting', 'broker', how, 'web-form');
  await onboarding.tell('operations-task', { attention: 'web-form', what: how });
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

const askAboutSubmission: Rung = {
  deadline: 'ask',
  say: 'operations are asked whether CBP has the application',
  escalates: true,
  async act(onboarding) {
    onboarding.raise('send-unknown', 'broker');
    await onboarding.tell('operations-task', {
      attention: 'send-unknown',
      what: "The mail to CBP may or may not have left. Find out (sent folder, CBP's desk), then settle it. It is not sent again before that.",
    });
  },
};

// The acknowledgement and the decision ----------------------------------------------------------------------------------

/** CBP's automatic reply. Often there is one for a sender only, so a missing one is noted and the decision awaited all the same. */
async function acknowledgedByCbp(onboarding: Onboarding): Promise<void> {
  onboarding.enter('awaiting-acknowledgement', 'cbp');
  await onboarding.until(
    (record) => acknowledgementOnRecord(record) ?? (wasNoted(record) ? 'silence' : undefined),
    [noteSilence],
  );
}

const noteSilence: Rung = {
  deadline: 'acknowledgement',
  say: 'the missing acknowledgement is noted, and the decision awaited',
  async act(onboarding) {
    onboarding.record.silenceNoted = onboarding.record.attempt;
    onboarding.note(
      'No acknowledgement by now. Automatic replies often come once for each sender, so this alone means nothing.',
    );
  },
};

const wasNoted = (record: OnboardingRecord) => record.silenceNoted === record.attempt;

/** CBP's decision, however long it takes: people are told when it is late, and again when it is overdue. */
async function decisionFromCbp(onboarding: Onboarding): Promise<Answered<Decision>> {
  onboarding.enter('awaiting-decision', 'cbp');
  for (;;) {
    const answer = await onboarding.until(
      (record) => decisionOnRecord(record) ?? longerThanPromised(record),
      [late, overdue],
    );
    if (answer !== 'announced') {
      onboarding.take(answer);
      return answer;
    }
    await onboarding.extendClock(announcedBusinessDays(onboarding.record));
  }
}

/** An acknowledgement that announces other days than the clock was set for. */
function longerThanPromised(record: OnboardingRecord): 'announced' | undefined {
  const days = announcedBusinessDays(record);
  return days !== undefined && days > USUAL_DAYS && days !== record.announcedDays ? 'announced' : undefined;
}
/** "3 to 5 business days" is what CBP's automatic reply says, and what the clock is set for without it. */
const USUAL_DAYS = 5;

const late: Rung = {
  deadline: 'late',
  say: "operations are told, and the client is asked whether CBP's account mail reached them",
  escalates: true,
  async act(onboarding) {
    onboarding.raise('late');
    await onboarding.tell('operations-late', {});
    await onboarding.tell('ask-whether-approved', {});
  },
};

const overdue: Rung = {
  deadline: 'overdue',
  say: "the manager is told: phone CBP's desk, or change the route",
  escalates: true,
  async act(onboarding) {
    onboarding.raise('overdue');
    await onboarding.tell('manager-overdue', {});
  },
};

// The correction --------------------------------------------------------------------------------------------------------

/** What CBP wants mended, mended. Unless CBP approves meanwhile after all. */
async function correctedApplication(
  onboarding: Onboarding,
  decision: Extract<Decision, { kind: 'correction' }>,
): Promise<'corrected' | Decision> {
  onboarding.enter('awaiting-correction', decision.waitingOn, decision.what, 'correction-needed');
  if (decision.waitingOn === 'client') await onboarding.tell('correction-needed', { what: decision.what });
  else await onboarding.tell('operations-task', { attention: 'correction-needed', what: decision.what });

  const answer = await onboarding.until((record) => approvalOnRecord(record) ?? correctionOnRecord(record));
  onboarding.take(answer);
  if ('kind' in answer) return answer;
  onboarding.record.application = answer.application;
  return 'corrected';
}

/** Before anything was sent only the correction itself is used up: an approval that came before it still counts. */
function takeUp(onboarding: Onboarding, correction: Answered<CorrectApplication>): void {
  onboarding.record.spent.push(correction.entry);
  onboarding.record.application = correction.application;
}

// The grant -------------------------------------------------------------------------------------------------------------

/** The client's account owner clicks; we instruct, remind, and believe only what the broker sees in ACE. */
async function accessGranted(onboarding: Onboarding): Promise<Outcome> {
  const { record } = onboarding;
  onboarding.enter('awaiting-access-grant', 'client');
  await instructed(onboarding, 'grant-instructions');
  for (;;) {
    const answer = await onboarding.until(
      (all) => grantOnRecord(all) ?? correctionOnRecord(all),
      ladderOfGrant(record),
    );
    onboarding.take(answer);
    if ('application' in answer) {
      // Another contact, or another number: the client gets the instructions anew.
      record.application = answer.application;
      await preparedApplication(onboarding);
      onboarding.enter('awaiting-access-grant', 'client');
      await instructed(onboarding, 'grant-instructions');
      continue;
    }
    const missing = missingAccess(record, answer);
    record.importerNumbersMissing = missing.numbers;
    if (missing.numbers.length === 0 && !missing.role) return await onboarding.close('access-granted');

    onboarding.enter('awaiting-access-grant', 'client', saidMissing(missing), 'grant-partial');
    await instructed(onboarding, 'grant-partial', { missing: missing.numbers, role: answer.role });
  }
}

/** The clicks, or what is missing of them, by mail; the broker's ACE address is the one of the first instructions. */
async function instructed(
  onboarding: Onboarding,
  template: 'grant-instructions' | 'grant-partial',
  facts: Record<string, string | string[]> = {},
): Promise<void> {
  const sentAt = new Date().toISOString();
  const { grant } = await onboarding.tell(template, { ...facts, ...onboarding.pinnedAddress() });
  if (grant) {
    onboarding.record.brokerAceEmail ??= grant.brokerAceEmail;
    onboarding.startClock({ kind: 'grant', at: sentAt }, named(grant.deadlines));
  }
}

function saidMissing(missing: { numbers: string[]; role: boolean }): string {
  const parts = [
    missing.numbers.length > 0 ? `importer numbers not seen: ${missing.numbers.join(', ')}` : '',
    missing.role ? 'the role is not Full Access' : '',
  ];
  return `The grant is incomplete: ${parts.filter((part) => part !== '').join('; ')}.`;
}

function ladderOfGrant(record: OnboardingRecord): Rung[] {
  const reminders = Object.keys(record.deadlines).filter((name): name is `reminder-${number}` =>
    name.startsWith('reminder-'),
  );
  return [...reminders.map(reminder), clientSilent, parked];
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];

function reminder(deadline: `reminder-${number}`, index: number): Rung {
  return {
    deadline,
    say: `${ORDINALS[index] ?? 'another'} reminder to the client`,
    async act(onboarding) {
      await onboarding.tell('grant-reminder', onboarding.pinnedAddress());
    },
  };
}

const clientSilent: Rung = {
  deadline: 'silent',
  say: 'operations are told that the client is silent',
  escalates: true,
  async act(onboarding) {
    onboarding.raise('client-silent');
    await onboarding.tell('operations-client-silent', {});
  },
};

const parked: Rung = {
  deadline: 'parked',
  say: 'parked with the broker',
  async act(onboarding) {
    onboarding.raise('parked', 'broker');
  },
};

/** A date stands for its beginning in New York's winter: good enough for a clock that counts business days. */
function asInstant(at: string): string {
  return at.includes('T') ? at : `${at}T12:00:00-05:00`;
}

function serverIdOf(sent: { serverMessageId?: string } | object): { serverMessageId?: string } {
  return 'serverMessageId' in sent && sent.serverMessageId ? { serverMessageId: sent.serverMessageId } : {};
}
