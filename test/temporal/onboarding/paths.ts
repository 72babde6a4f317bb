import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Application } from '../../../src/application/application.js';
import { inNewYork } from '../../../src/calendar/day.js';
import { deadlinesOf } from '../../../src/calendar/schedule.js';
import type { ApplicationMail, ApplicationSent } from '../../../src/workflows/contract/mail-activities.js';
import * as messages from '../../../src/workflows/contract/messages.js';
import type { PlainAnswer } from '../../../src/workflows/contract/received-mail.js';
import type { DueStep } from '../../../src/workflows/contract/waits.js';
import { POLICY } from '../../support/usual-policy.js';
import { messageIdOf, type Parts, type RehearsedOnboarding } from './rehearsed-onboarding.js';
import { sampleApplication } from './sample-application.js';

/**
 * Every path through an onboarding, from start to end. Their histories are recorded for each version and replayed
 * forever. A new path through the workflow needs an entry here.
 */

export interface Path {
  application?: Partial<Application>;
  /** Starts another round. */
  reopened?: messages.Reopened;
  parts?: (environment: TestWorkflowEnvironment) => Partial<Parts>;
  go(onboarding: RehearsedOnboarding): Promise<void>;
}

const OP = { actor: 'op', evidence: 'ticket 1' };
const decided = (o: RehearsedOnboarding, decide: object) =>
  o.handle.executeUpdate(messages.decide, { args: [{ ...OP, ...decide } as messages.Decide] });
const approved = { decision: 'approved', verification: 'seen-in-ace' };
const corrected = (
  o: RehearsedOnboarding,
  overrides: Partial<Application> = {},
  how: Pick<messages.CorrectApplication, 'because' | 'replace'> = {},
) =>
  o.handle.executeUpdate(messages.correctApplication, {
    args: [{ actor: 'op', reason: 'mended', application: { ...application(o), ...overrides }, ...how }],
  });
const said = (o: RehearsedOnboarding, says: messages.ClientStatement, on?: string) =>
  o.handle.executeUpdate(messages.recordStatement, { args: [{ ...OP, says, ...(on ? { on } : {}) }] });
const problemReported = (o: RehearsedOnboarding, problem: messages.AccessProblem) =>
  o.handle.executeUpdate(messages.reportProblem, { args: [{ ...OP, problem }] });
/** The account owner answers one of our emails in a word. */
const fromOwner = (o: RehearsedOnboarding, aboutMessageId: string, answer: PlainAnswer) =>
  o.mail('client-reply', {
    alias: 'client',
    from: sampleApplication().accountOwner.email,
    authenticity: { verdict: 'unauthentic', reasons: [] },
    aboutMessageId,
    answers: { en: answer },
  });
const dayOf = (at: Date) => inNewYork(at).day;
const application = (o: RehearsedOnboarding) => o.prepared.at(-1)?.application ?? sampleApplication();
const submitted = (o: RehearsedOnboarding) => o.reaches({ stage: 'awaiting-acknowledgement' });
const existingAccount = { route: { ...sampleApplication().route, existingAccount: 'yes' as const } };
const withChannel = (channel: Application['route']['channel']) => ({
  route: { ...sampleApplication().route, channel },
});

const decisionSteps = (at: Date) => deadlinesOf({ wait: 'decision', at: at.toISOString() }, POLICY);
const unknownSteps = (at: Date) => deadlinesOf({ wait: 'send-unknown', at: at.toISOString() }, POLICY);
const dueAt = (steps: DueStep[], which: string) => steps.find(({ name }) => name === which)?.at ?? '';

async function granted(o: RehearsedOnboarding): Promise<void> {
  await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
  await o.confirmAccess({ importerNumbers: [application(o).importerNumber] });
}
async function approvedAndGranted(o: RehearsedOnboarding): Promise<void> {
  await o.receive(o.mail('approved'));
  await granted(o);
}
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
/** Past a decision deadline, however many holidays come before it. */
async function sleepPast(o: RehearsedOnboarding, which: 'late' | 'overdue'): Promise<void> {
  const now = await o.now();
  const at = dueAt(decisionSteps(now), which);
  await o.environment.sleep(new Date(at).getTime() - now.getTime() + 60_000);
}

/** The first transmission gets no answer or is refused. The next is accepted. */
function firstTransmission(environment: TestWorkflowEnvironment, first: 'unknown' | 'refused'): Partial<Parts> {
  return {
    async sendApplication(mail: ApplicationMail): Promise<ApplicationSent> {
      const at = new Date(await environment.currentTimeMs());
      const messageId = messageIdOf(mail);
      if (mail.attempt > 1 || mail.transmission > 1)
        return { kind: 'accepted', messageId, at: at.toISOString(), deadlines: decisionSteps(at) };
      if (first === 'refused') return { kind: 'refused', messageId, reason: '550 no such user' };
      return {
        kind: 'unknown',
        messageId,
        since: at.toISOString(),
        reason: 'No answer after the body.',
        deadlines: unknownSteps(at),
      };
    },
  };
}

export const PATHS: Record<string, Path> = {
  'all-goes-well': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('own-copy'));
      await o.receive(o.mail('acknowledgement', { responseBusinessDays: 5 }));
      await o.reaches({ stage: 'awaiting-decision' });
      await approvedAndGranted(o);
    },
  },
  'approved-before-acknowledged': {
    async go(o) {
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'ten-days-announced': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('acknowledgement', { responseBusinessDays: 10 }));
      await o.reaches({ stage: 'awaiting-decision' });
      await approvedAndGranted(o);
    },
  },
  'late-and-overdue': {
    async go(o) {
      await submitted(o);
      const started = await o.now();
      await sleepPast(o, 'late');
      await o.reaches({ attention: 'late' });
      const at = dueAt(decisionSteps(started), 'overdue');
      await o.environment.sleep(new Date(at).getTime() - (await o.now()).getTime() + 60_000);
      await o.reaches({ attention: 'overdue', notice: 'ask-whether-approved' });
      await approvedAndGranted(o);
    },
  },
  'mailbox-unread-then-rejected': {
    parts: () => ({ awaitSweep: async () => ({ swept: false, unreadSince: '2026-11-25T15:00:00Z' }) }),
    async go(o) {
      await submitted(o);
      await sleepPast(o, 'late');
      await o.reaches({ attention: 'mailbox-unread' });
      await decided(o, { decision: 'rejected', verification: 'desk-phoned' });
    },
  },
  'forged-approval-dismissed': {
    async go(o) {
      await submitted(o);
      const forged = o.mail('approved', { authenticity: { verdict: 'unauthentic', reasons: ['DMARC fails'] } });
      await o.receive(forged);
      await o.receive(forged);
      await o.receive({ ...forged, assigned: { actor: 'op', reason: 'names our client' } });
      await o.reaches({ attention: 'mail-to-review' });
      await o.handle.executeUpdate(messages.dismissMail, {
        args: [{ actor: 'op', mailId: forged.mailId, reason: 'forged' }],
      });
      await approvedAndGranted(o);
    },
  },
  'unclear-mail-decided-by-a-person': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('unclear'));
      await o.reaches({ attention: 'mail-to-review' });
      await decided(o, approved);
      await granted(o);
    },
  },
  'approved-by-the-back-office': {
    async go(o) {
      await submitted(o);
      const approval = { source: 'crm', actor: 'bot', evidence: 'ticket 2' };
      await o.handle.signal(messages.approvalArrived, { ...approval, importerNumber: '07-9999999A1' });
      await o.reaches({ attention: 'approval-mismatch' });
      await o.handle.signal(messages.approvalArrived, {
        ...approval,
        importerNumber: application(o).importerNumber,
      });
      await granted(o);
    },
  },
  'unusable-signals': {
    async go(o) {
      await submitted(o);
      await o.handle.signal('mailReceived');
      await o.handle.signal('approvalArrived', { source: 7 });
      await approvedAndGranted(o);
    },
  },
  'refusal-and-approval-contradict': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('refused'));
      await o.reaches({ attention: 'decision-to-confirm' });
      await o.receive(o.mail('approved'));
      await o.reaches({ attention: 'contradiction' });
      await decided(o, approved);
      await granted(o);
    },
  },
  'unknown-letter-learned': {
    async go(o) {
      await submitted(o);
      const waiting = o.mail('approved', { confidence: 0.6, doubts: ['unknown-letter'], signedBy: 'cbp.dhs.gov' });
      await o.receive(waiting);
      await o.reaches({ attention: 'mail-to-review' });
      await o.receive({ ...waiting, doubts: [], letter: { id: 'letter-0123456789ab', dates: [] } });
      await granted(o);
    },
  },
  'already-registered-then-grant': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('already-registered'));
      await o.reaches({ attention: 'decision-to-confirm' });
      await decided(o, { decision: 'already-registered', next: 'grant', verification: 'seen-in-ace' });
      await granted(o);
    },
  },
  'already-registered-closed': {
    async go(o) {
      await submitted(o);
      await decided(o, { decision: 'already-registered', next: 'close', verification: 'seen-in-ace' });
    },
  },
  'client-corrects': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('more-information'));
      await o.reaches({ stage: 'awaiting-correction', notice: 'task' });
      await decided(o, { decision: 'correction-needed', waitingOn: 'client', what: 'the name on the 5106' });
      await o.reaches({ notice: 'correction-needed' });
      await corrected(o, { company: { ...sampleApplication().company, legalName: 'Lakeside Candles Incorporated' } });
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'client-sends-sign-in-data': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('client-reply', { alias: 'client', credentials: true }));
      await o.reaches({ notice: 'credentials-received' });
      await approvedAndGranted(o);
    },
  },
  'unknown-sent-once-more': {
    parts: (environment) => ({
      sendApplication: async (mail) => {
        const at = new Date(await environment.currentTimeMs());
        if (mail.transmission > 1)
          return {
            kind: 'accepted',
            messageId: messageIdOf(mail),
            at: at.toISOString(),
            deadlines: decisionSteps(at),
          };
        return {
          kind: 'unknown',
          messageId: messageIdOf(mail),
          since: at.toISOString(),
          reason: 'No answer.',
          deadlines: unknownSteps(at),
          resend: true,
        };
      },
    }),
    async go(o) {
      await until(() => o.applications.length > 0);
      await o.environment.sleep('20 minutes');
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'a-person-asks-for-a-correction': {
    async go(o) {
      await submitted(o);
      await decided(o, { decision: 'correction-needed', waitingOn: 'broker', what: 'the name on the 5106' });
      await o.reaches({ stage: 'awaiting-correction' });
      await corrected(o, { company: { ...sampleApplication().company, fiscalYearEnd: '06-30' } });
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'approved-while-correcting': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('not-on-file'));
      await o.reaches({ stage: 'awaiting-correction', notice: 'task' });
      await approvedAndGranted(o);
    },
  },
  'sent-to-the-web-form': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('use-web-form'));
      await o.reaches({ stage: 'awaiting-correction', notice: 'task' });
      await corrected(o, withChannel({ kind: 'web-form' }));
      await o.reaches({ stage: 'submitting', attention: 'web-form' });
      const settled = { ...OP, outcome: 'sent' as const, at: (await o.now()).toISOString() };
      await o.handle.executeUpdate(messages.settleSubmission, { args: [settled] });
      await submitted(o);
      await decided(o, approved);
      await granted(o);
    },
  },
  'application-bounced': {
    async go(o) {
      await submitted(o);
      await o.receive(o.mail('bounce', { authenticity: { verdict: 'unauthentic', reasons: [] } }));
      await o.reaches({ stage: 'awaiting-correction' });
      await corrected(o, {}, { replace: true });
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'refused-before-sending': {
    parts: () => {
      let tries = 0;
      return {
        prepareApplication: async ({ application: { company } }) =>
          tries++ === 0
            ? {
                kind: 'refused',
                why: 'application-refused',
                complaints: [{ field: 'officer', problem: 'There is none.', remedy: 'Name one.' }],
              }
            : {
                kind: 'ready',
                applicationSha256: 'b'.repeat(64),
                form: { sha256: 'c'.repeat(64), pages: 6, edition: 'replica' },
                warnings: ['Compare it with the 5106.'],
                timeZone: 'America/New_York',
                listed: { company: company.legalName, importerKey: 'KEY' },
              },
      };
    },
    async go(o) {
      await o.reaches({ stage: 'awaiting-correction', attention: 'application-refused' });
      await corrected(o);
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'fate-settled-by-our-copy': {
    parts: (environment) => firstTransmission(environment, 'unknown'),
    async go(o) {
      await until(() => o.applications.length > 0);
      await o.receive(o.mail('own-copy'));
      // Time may have passed the acknowledgement deadline.
      await until(async () => (await o.progress()).stage.startsWith('awaiting'));
      await approvedAndGranted(o);
    },
  },
  'fate-settled-by-a-person': {
    parts: (environment) => firstTransmission(environment, 'unknown'),
    async go(o) {
      await until(() => o.applications.length > 0);
      await o.environment.sleep('20 minutes');
      await o.reaches({ attention: 'send-unknown', notice: 'task' });
      await o.handle.executeUpdate(messages.settleSubmission, { args: [{ ...OP, outcome: 'not-sent' }] });
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'refused-by-the-mail-server': {
    parts: (environment) => firstTransmission(environment, 'refused'),
    async go(o) {
      await o.reaches({ stage: 'awaiting-correction' });
      await corrected(o, {}, { replace: true });
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'account-exists': { application: existingAccount, go: granted },
  'submitted-before': {
    application: withChannel({ kind: 'already-submitted', at: '2026-11-20', by: 'the client' }),
    async go(o) {
      await o.reaches({ stage: 'awaiting-decision' });
      await o.receive(o.mail('approved', { aboutMessageId: 'of-the-client' }));
      await granted(o);
    },
  },
  'grant-incomplete': {
    application: { ...existingAccount, furtherImporterNumbers: ['07-7654321A1'] },
    async go(o) {
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      await o.confirmAccess({ importerNumbers: [application(o).importerNumber], role: 'read-only' });
      await o.reaches({ attention: 'grant-partial', notice: 'grant-partial' });
      await o.confirmAccess({ importerNumbers: [application(o).importerNumber, '07-7654321A1'] });
    },
  },
  'another-account-owner': {
    application: existingAccount,
    async go(o) {
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      const owner = { ...sampleApplication().accountOwner, email: 'new@lakeside-candles.example' };
      await corrected(o, { accountOwner: owner });
      await until(() => o.notices.length >= 2);
      await granted(o);
    },
  },
  'client-says-yes': {
    async go(o) {
      await submitted(o);
      await o.reaches({ notice: 'application-submitted' });
      await o.receive(fromOwner(o, 'application-submitted-1', 'no'));
      await o.receive(fromOwner(o, 'application-submitted-1', 'yes'));
      await granted(o);
    },
  },
  'asked-and-told-by-phone': {
    async go(o) {
      await submitted(o);
      await sleepPast(o, 'late');
      await o.environment.sleep('4 days');
      await o.reaches({ notice: 'ask-whether-approved' });
      await said(o, 'no-mail');
      await said(o, 'mail-came', dayOf(await o.now()));
      await granted(o);
    },
  },
  'small-acts': {
    async go(o) {
      await submitted(o);
      await o.reaches({ notice: 'application-submitted' });
      const { handle } = o;
      await handle.executeUpdate(messages.handOver, { args: [{ actor: 'op', handler: 'kim', reason: 'on leave' }] });
      await handle.executeUpdate(messages.addNote, { args: [{ actor: 'op', text: 'prefers calls before 10' }] });
      const call = { actor: 'op', with: 'cbp' as const, who: 'agent 12', said: 'in process', ticket: 'INC1' };
      const chaseOn = dayOf(new Date((await o.now()).getTime() + 2 * 86_400_000));
      await handle.executeUpdate(messages.logCall, { args: [{ ...call, chaseOn }] });
      const message = { actor: 'op', to: 'client' as const, text: 'We called CBP.' };
      await handle.executeUpdate(messages.sendMessage, { args: [message] });
      await o.reaches({ notice: 'message' });
      await o.environment.sleep('4 days');
      await o.reaches({ attention: 'chase' });
      await handle.executeUpdate(messages.logCall, { args: [call] });
      const until = dayOf(new Date((await o.now()).getTime() + 30 * 86_400_000));
      await handle.executeUpdate(messages.snooze, { args: [{ actor: 'op', until, reason: 'CBP is closed' }] });
      await approvedAndGranted(o);
    },
  },
  'answered-in-the-thread': {
    async go(o) {
      await submitted(o);
      await decided(o, { decision: 'correction-needed', waitingOn: 'client', what: 'the fiscal year' });
      await o.reaches({ stage: 'awaiting-correction', notice: 'correction-needed' });
      await o.environment.sleep('7 days');
      await o.reaches({ notice: 'correction-reminder' });
      const answer = { actor: 'op', to: 'cbp' as const, text: 'The fiscal year ends in June.', attachForm: true };
      await o.handle.executeUpdate(messages.sendMessage, { args: [answer] });
      await o.reaches({ stage: 'awaiting-decision', notice: 'cbp-message' });
      await approvedAndGranted(o);
    },
  },
  'form-5106-first-then-replaced': {
    async go(o) {
      await submitted(o);
      const company = { ...sampleApplication().company, legalName: 'Lakeside Candles LLC' };
      await corrected(o, { handler: 'kim' });
      await until(async () => (await o.progress()).handler === 'kim');
      await corrected(o, { company }, { because: 'form-5106' });
      await o.reaches({ stage: 'awaiting-correction', attention: 'form-5106' });
      await corrected(o, { company });
      await until(() => o.applications.length === 2);
      await submitted(o);
      await corrected(o, { company: sampleApplication().company }, { because: 'our-typo', replace: true });
      await until(() => o.applications.length === 3);
      await submitted(o);
      await approvedAndGranted(o);
    },
  },
  'step-by-step': {
    async go(o) {
      await submitted(o);
      await decided(o, { ...approved, mailedOn: dayOf(await o.now()) });
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      await o.environment.sleep('6 days');
      await o.reaches({ notice: 'sign-in-reminder' });
      for (const problem of ['link-expired', 'user-locked', 'wrong-address', 'wrong-top-account'] as const) {
        await problemReported(o, problem);
        await o.reaches({ notice: problem });
      }
      await said(o, 'signed-in');
      await o.environment.sleep('6 days');
      await o.reaches({ notice: 'grant-reminder' });
      await o.confirmAccess({ importerNumbers: [] });
      await o.receive(fromOwner(o, 'grant-instructions-1', 'done'));
      await o.reaches({ attention: 'look-in-ace' });
      await o.confirmAccess({ importerNumbers: [] });
      await o.reaches({ notice: 'grant-partial' });
      await problemReported(o, 'owner-left');
      await o.reaches({ attention: 'owner-left' });
      const owner = { ...sampleApplication().accountOwner, email: 'new@lakeside-candles.example' };
      await corrected(o, { accountOwner: owner });
      await o.reaches({ notice: 'owner-left' });
      await o.confirmAccess({ importerNumbers: [application(o).importerNumber] });
    },
  },
  'power-of-attorney-revoked': {
    application: existingAccount,
    async go(o) {
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      const because = 'power-of-attorney-revoked' as const;
      await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'client left', because }] });
      await o.reaches({ attention: 'remove-our-user' });
      await o.confirmAccess({ importerNumbers: [] });
    },
  },
  'reopened-at-the-grant': {
    reopened: { actor: 'op', reason: 'CBP approved late', at: 'grant' },
    go: granted,
  },
  'silent-client-abandoned': {
    application: existingAccount,
    async go(o) {
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      await o.environment.sleep('45 days');
      await o.reaches({ attention: 'parked' });
      await decided(o, { decision: 'abandoned' });
    },
  },
  'deadlines-changed': {
    async go(o) {
      await submitted(o);
      const late = dueAt(decisionSteps(await o.now()), 'late');
      const at = new Date(Date.parse(late) + 86_400_000).toISOString();
      const change = { actor: 'op', reason: 'the desk asks for patience' };
      await o.handle.executeUpdate(messages.changeDeadline, { args: [{ ...change, deadline: 'late', at }] });
      await o.handle.executeUpdate(messages.changeDeadline, { args: [{ ...change, recompute: true }] });
      await o.handle.executeUpdate(messages.changeDeadline, { args: [{ ...change, deadline: 'late', byDays: 1 }] });
      await approvedAndGranted(o);
    },
  },
  withdrawn: {
    async go(o) {
      await submitted(o);
      await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'client left' }] });
    },
  },
};
