import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays, inNewYork } from '../../../src/calendar/day.js';
import { deadlinesOf } from '../../../src/calendar/schedule.js';
import type { ApplicationMail, ApplicationSent } from '../../../src/workflows/contract/mail-activities.js';
import * as messages from '../../../src/workflows/contract/messages.js';
import type { PlainAnswer } from '../../../src/workflows/contract/received-mail.js';
import type { StepName, Wait } from '../../../src/workflows/contract/waits.js';
import { createTimeSkippingEnvironment } from '../../support/time-skipping-server.js';
import { POLICY } from '../../support/usual-policy.js';
import { messageIdOf, type Parts, RehearsedOnboarding } from './rehearsed-onboarding.js';
import { sampleApplication } from './sample-application.js';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await createTimeSkippingEnvironment();
});
afterAll(() => environment?.teardown());

let references = 0;
type Overrides = Parameters<typeof sampleApplication>[0];

/** Runs one onboarding with its own reference. A test that is retried gets its own server. */
async function onboarding(
  script: (onboarding: RehearsedOnboarding) => Promise<void>,
  parts?: Partial<Parts>,
  overrides: Overrides = {},
) {
  const { currentTestName = '' } = expect.getState();
  if (begun.has(currentTestName)) await freshServer();
  begun.add(currentTestName);
  return await RehearsedOnboarding.run(
    environment,
    sampleApplication({ reference: `journey-${++references}`, ...overrides }),
    script,
    parts,
  );
}

const begun = new Set<string>();

/** One retry, on a fresh server: the time-skipping server sometimes stops, but never because of the onboarding. */
const ONCE_MORE = { retry: 1, timeout: 45_000 };

/** The same on its own server, for tests that let time pass: an earlier test could leave time locked. */
async function onFreshServer(...rehearsed: Parameters<typeof onboarding>) {
  await freshServer();
  await onboarding(...rehearsed);
}

async function freshServer() {
  await environment.teardown();
  environment = await createTimeSkippingEnvironment();
}

const days = (n: number) => `${n} days` as const;
const route = (overrides: object) => ({ route: { ...sampleApplication().route, ...overrides } });
const decided = (onboarding: RehearsedOnboarding, decide: object) =>
  onboarding.handle.executeUpdate(messages.decide, {
    args: [{ actor: 'op', evidence: 'ticket', ...decide } as messages.Decide],
  });
const corrected = async (
  onboarding: RehearsedOnboarding,
  overrides: Overrides = {},
  how: Pick<messages.CorrectApplication, 'because' | 'replace'> = {},
) => {
  const { application } = onboarding.prepared.at(-1) ?? { application: sampleApplication() };
  return onboarding.handle.executeUpdate(messages.correctApplication, {
    args: [{ actor: 'op', reason: 'fixed', application: { ...application, ...overrides }, ...how }],
  });
};
const renamed = { company: { ...sampleApplication().company, legalName: 'Lakeside Candles Incorporated' } };
const said = (onboarding: RehearsedOnboarding, says: messages.ClientStatement, on?: string) =>
  onboarding.handle.executeUpdate(messages.recordStatement, {
    args: [{ actor: 'op', evidence: 'by phone', says, ...(on ? { on } : {}) }],
  });
/** The account owner answers one of our emails in a word. */
const answered = (onboarding: RehearsedOnboarding, aboutMessageId: string, answer: PlainAnswer) =>
  onboarding.mail('client-reply', {
    ...{ alias: 'client', from: sampleApplication().accountOwner.email, aboutMessageId, answers: { en: answer } },
    authenticity: { verdict: 'unauthentic', reasons: [] },
  });
const progress = (onboarding: RehearsedOnboarding) => onboarding.progress();
/** What went to the client and to CBP, in order. */
const told = (onboarding: RehearsedOnboarding) =>
  onboarding.notices.map(({ template }) => template).filter((template) => template !== 'task');
/** What the handler was told at once. */
const urgent = (onboarding: RehearsedOnboarding) =>
  onboarding.notices.filter(({ template }) => template === 'task').map(({ facts }) => facts.attention);
const facts = (onboarding: RehearsedOnboarding, template: string) =>
  onboarding.notices.findLast((notice) => notice.template === template)?.facts;
const steps = (wait: Wait, at: Date) => deadlinesOf({ wait, at: at.toISOString() }, POLICY);
const stepAt = async (onboarding: RehearsedOnboarding, name: StepName, wait: Wait = 'decision') =>
  steps(wait, await onboarding.now()).find((step) => step.name === name)?.at ?? '';
/** Sleeps until a minute after an instant. */
const sleepPast = async (onboarding: RehearsedOnboarding, at: string) =>
  onboarding.sleep(Date.parse(at) - (await onboarding.now()).getTime() + 60_000);
/** Sleeps past whatever is due next. */
async function sleepPastNext(onboarding: RehearsedOnboarding): Promise<string | undefined> {
  const { due } = await progress(onboarding);
  await sleepPast(onboarding, due?.at ?? '');
  return due?.name;
}
const dayAfter = async (onboarding: RehearsedOnboarding, count: number) =>
  addDays(inNewYork(await onboarding.now()).day, count);
async function granted(onboarding: RehearsedOnboarding) {
  await onboarding.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
  await onboarding.confirmAccess();
  expect(await onboarding.handle.result()).toBe('access-granted');
}

describe('messages, whenever they arrive', ONCE_MORE, () => {
  test('acknowledgement, approval and grant lead to access, with one application sent', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('acknowledgement', { responseBusinessDays: 5 }));
      await o.reaches({ stage: 'awaiting-decision' });
      await o.receive(o.mail('approved'));
      await granted(o);
      expect(o.applications).toHaveLength(1);
      expect(told(o)).toEqual(['application-submitted', 'grant-instructions', 'access-seen']);
    }));

  test('an approval before the acknowledgement counts, and the acknowledgement after it changes nothing', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('approved'));
      await o.reaches({ stage: 'awaiting-access-grant' });
      await o.receive(o.mail('acknowledgement'));
      await granted(o);
    }));

  test('without an answer, each step tells whom it says, the mailbox is read before it, and the last one comes again each week', () =>
    onFreshServer(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const started = await o.now();
      const at = (name: StepName) => steps('decision', started).find((step) => step.name === name)?.at ?? '';
      await sleepPast(o, at('acknowledgement'));
      await o.reaches({ stage: 'awaiting-decision' });
      const noted = await progress(o);
      expect(noted.notes.map((note) => note.text).join()).toContain('No acknowledgement');
      expect(noted).toMatchObject({ attention: [], escalation: 'handler', due: { name: 'late', told: 'handler' } });
      await o.sleep(new Date(at('late')).getTime() - (await o.now()).getTime() - 60_000);
      expect((await progress(o)).attention).toEqual([]);
      await o.sleep('2 minutes');
      await o.reaches({ attention: 'late' });
      expect(o.sweeps.at(-1)).toBe(at('late'));
      expect(await progress(o)).toMatchObject({ escalation: 'handler', tasks: [{ reason: 'late' }] });
      expect(told(o)).toEqual(['application-submitted']);
      await sleepPast(o, at('question-1'));
      await o.reaches({ notice: 'ask-whether-approved' });
      expect(o.sweeps.at(-1)).toBe(at('question-1'));
      expect(facts(o, 'ask-whether-approved')).not.toHaveProperty('askedOn');
      await sleepPast(o, at('overdue'));
      await o.reaches({ attention: 'overdue' });
      expect(await progress(o)).toMatchObject({ stage: 'awaiting-decision', escalation: 'manager' });
      // The next ones say when we last asked.
      expect(facts(o, 'ask-whether-approved')).toHaveProperty('askedOn');
      for (let week = 0; week < 2; week++) {
        while ((await progress(o)).due?.name !== 'weekly') await sleepPastNext(o);
        await sleepPastNext(o);
      }
      expect(await progress(o)).toMatchObject({ escalation: 'manager', due: { name: 'weekly', told: 'manager' } });
      expect(told(o).filter((template) => template === 'ask-whether-approved')).toHaveLength(4);
      expect(urgent(o)).toEqual([]);
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('an approval found by the last sweep stops the escalation', async () => {
    let deliver = async (_: string) => {};
    await onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        const late = await stepAt(o, 'late');
        deliver = async (after) => {
          if (after === late) await o.receive(o.mail('approved'));
        };
        await sleepPast(o, late);
        await granted(o);
        expect((await progress(o)).notes.map(({ text }) => text).join()).toContain('No acknowledgement');
        expect(o.sweeps.at(-1)).toBe(late);
        expect(told(o)).toEqual(['application-submitted', 'grant-instructions', 'access-seen']);
      },
      {
        awaitSweep: async ({ after }) => {
          await deliver(after);
          return { swept: true };
        },
      },
    );
  });

  test('a person who ends the case does not have to wait until the mailbox has been read', async () => {
    let release = () => {};
    const reading = new Promise<void>((resolve) => {
      release = resolve;
    });
    const quick = { ...POLICY, calendar: { ...POLICY.calendar, pace: { secondsPerBusinessDay: 0.2 } } };
    await RehearsedOnboarding.run(
      environment,
      sampleApplication({ reference: `journey-${++references}` }),
      async (o) => {
        await expect.poll(() => o.sweeps.length, { timeout: 15_000 }).toBe(1);
        await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'client left' }] });
        await expect.poll(async () => (await o.handle.describe()).status.name, { timeout: 10_000 }).toBe('COMPLETED');
        release();
      },
      {
        awaitSweep: async () => {
          await reading;
          return { swept: true };
        },
      },
      { policy: quick },
    ).finally(release);
  });

  test('an unread mailbox is reported, and the escalation takes place anyway', () =>
    onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await sleepPast(o, await stepAt(o, 'late'));
        await o.reaches({ attention: 'late' });
        expect((await progress(o)).attention).toContain('mailbox-unread');
        expect((await progress(o)).notes.map(({ text }) => text)).toContain(
          "We have not been able to read our mailbox since Wed Nov 25, 2026, 10:00 AM ET. CBP's answer may be waiting there.",
        );
        await decided(o, { decision: 'rejected', verification: 'desk-phoned' });
        expect(await o.handle.result()).toBe('rejected');
      },
      { awaitSweep: async () => ({ swept: false, unreadSince: '2026-11-25T15:00:00Z' }) },
    ));

  test('the same email counts once when it arrives twice', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const mail = o.mail('acknowledgement');
      await o.receive(mail);
      await o.receive(mail);
      await o.receive(o.mail('approved'));
      await o.reaches({ stage: 'awaiting-access-grant' });
      const { mails } = await progress(o);
      expect(mails.filter(({ what }) => what === 'acknowledgement')).toHaveLength(1);
      expect(mails[0]).toMatchObject({ direction: 'sent', what: 'application, attempt 1' });
      await granted(o);
    }));

  test('an announcement of ten business days moves the late deadline', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('acknowledgement', { responseBusinessDays: 10 }));
      await o.reaches({ stage: 'awaiting-decision' });
      await expect.poll(async () => (await progress(o)).due?.explanation).toContain('10 business days');
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('an approval from the back office counts for the client’s number; another number needs a person', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const approval = { source: 'crm', actor: 'bot', evidence: 'ticket' };
      await o.handle.signal(messages.approvalArrived, { ...approval, importerNumber: '07-9999999A1' });
      await o.reaches({ attention: 'approval-mismatch' });
      expect((await progress(o)).stage).toBe('awaiting-acknowledgement');
      await o.handle.executeUpdate(messages.dismissMail, {
        args: [{ actor: 'op', mailId: 'approval', reason: 'another client' }],
      });
      expect((await progress(o)).attention).toEqual([]);
      await o.handle.signal(messages.approvalArrived, { ...approval, importerNumber: '07-123456700' });
      await granted(o);
    }));
});

describe('a From line proves nothing', ONCE_MORE, () => {
  test.each([
    [
      'is not authentic',
      { authenticity: { verdict: 'unauthentic' as const, reasons: ['no DKIM signature'] } },
      'mail-to-review',
      [],
    ],
    ['came to the client’s alias', { alias: 'client' as const }, 'mail-to-review', []],
    // Proven to be CBP's: someone hears of it at once.
    ['is not clear', { confidence: 0.5 }, 'mail-to-review', ['mail-to-review']],
    ['names another importer number', { importerNumber: '07-765432100' }, 'approval-mismatch', []],
    [
      'could not be verified yet',
      { authenticity: { verdict: 'undetermined' as const, reasons: ['DNS'] } },
      'mail-to-review',
      [],
    ],
  ])('an approval that %s moves nothing and waits for a person', (_, overrides, attention, atOnce) =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('approved', overrides));
      await o.reaches({ attention });
      expect((await progress(o)).waitingOn).toBe('broker');
      expect(told(o)).toEqual(['application-submitted']);
      expect(urgent(o)).toEqual(atOnce);
      await decided(o, { decision: 'approved', verification: 'seen-in-ace' });
      await o.reaches({ stage: 'awaiting-access-grant' });
      expect((await progress(o)).attention).toEqual([]);
      await granted(o);
    }),
  );

  test('assigning an email to a case does not make it genuine', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const forged = o.mail('approved', { authenticity: { verdict: 'unauthentic', reasons: ['DMARC fails'] } });
      await o.receive({ ...forged, assigned: { actor: 'op', reason: 'names our client' } });
      await o.reaches({ attention: 'mail-to-review' });
      expect(told(o)).toEqual(['application-submitted']);
      await o.handle.executeUpdate(messages.dismissMail, {
        args: [{ actor: 'op', mailId: forged.mailId, reason: 'forged' }],
      });
      expect((await progress(o)).attention).toEqual([]);
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('a client who sends sign-in data is told not to', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('client-reply', { alias: 'client', credentials: true }));
      await o.reaches({ notice: 'credentials-received', attention: 'mail-to-review' });
      await o.receive(o.mail('approved', { credentials: true }));
      await granted(o);
      expect(told(o)).toEqual(['application-submitted', 'credentials-received', 'grant-instructions', 'access-seen']);
    }));

  test('an approval before anything was submitted moves nothing', () =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-correction' });
        await o.receive(o.mail('approved'));
        await o.reaches({ attention: 'mail-to-review' });
        await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'test' }] });
        expect(await o.handle.result()).toBe('withdrawn');
      },
      { prepareApplication: async () => ({ kind: 'refused', why: 'application-refused', complaints: [] }) },
    ));
});

describe('no email closes a case, and every contradiction is shown', ONCE_MORE, () => {
  test('a refusal waits for a person, and so does an approval after it', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('refused'));
      await o.reaches({ attention: 'decision-to-confirm' });
      await o.receive(o.mail('approved'));
      await o.reaches({ attention: 'contradiction' });
      expect(told(o)).toEqual(['application-submitted']);
      expect(urgent(o)).toEqual(['decision-to-confirm', 'contradiction']);
      await decided(o, { decision: 'approved', verification: 'desk-phoned' });
      await granted(o);
    }));

  test('a refusal after the approval goes to a person', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('approved'));
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      await o.receive(o.mail('refused'));
      await o.reaches({ attention: 'contradiction' });
      await decided(o, { decision: 'rejected', verification: 'desk-phoned' });
      expect(await o.handle.result()).toBe('rejected');
    }));

  test('already registered: a person continues with the grant', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('already-registered'));
      await o.reaches({ attention: 'decision-to-confirm' });
      await decided(o, { decision: 'already-registered', next: 'grant', verification: 'seen-in-ace' });
      await granted(o);
    }));

  test('already registered: a person closes the case', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await decided(o, { decision: 'already-registered', next: 'close', verification: 'seen-in-ace' });
      expect(await o.handle.result()).toBe('already-registered');
    }));
});

describe('unknown letters', ONCE_MORE, () => {
  const UNKNOWN = { confidence: 0.6, doubts: ['unknown-letter' as const], signedBy: 'cbp.dhs.gov' };

  test('an unknown letter from CBP about this attempt blocks an approval by email until a person has looked', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const unknown = o.mail('unclear', UNKNOWN);
      await o.receive(unknown);
      await o.reaches({ attention: 'mail-to-review' });
      await o.receive(o.mail('approved'));
      await o.reaches({ attention: 'contradiction' });
      expect((await progress(o)).stage).not.toBe('awaiting-access-grant');
      const looked = { actor: 'op', mailId: unknown.mailId, reason: 'a holiday notice' };
      await o.handle.executeUpdate(messages.dismissMail, { args: [looked] });
      await granted(o);
    }));

  test('a letter that is learned later counts from then on, and replaces the first judgment', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const waiting = o.mail('approved', UNKNOWN);
      await o.receive(waiting);
      await o.reaches({ attention: 'mail-to-review' });
      const letter = { id: 'letter-0123456789ab', dates: [] };
      await o.receive({ ...waiting, doubts: [], confidence: 1, letter });
      await o.reaches({ stage: 'awaiting-access-grant' });
      expect((await progress(o)).attention).toEqual([]);
      expect((await progress(o)).mails.filter(({ mailId }) => mailId === waiting.mailId)).toHaveLength(1);
      await granted(o);
    }));

  test('a dismissed letter moves nothing when it is learned', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const waiting = o.mail('approved', UNKNOWN);
      await o.receive(waiting);
      await o.reaches({ attention: 'mail-to-review' });
      const looked = { actor: 'op', mailId: waiting.mailId, reason: 'about another account' };
      await o.handle.executeUpdate(messages.dismissMail, { args: [looked] });
      await o.receive({ ...waiting, doubts: [], confidence: 1, letter: { id: 'letter-0123456789ab', dates: [] } });
      await o.receive(o.mail('acknowledgement'));
      await o.reaches({ stage: 'awaiting-decision' });
      await decided(o, { decision: 'approved', verification: 'seen-in-ace' });
      await granted(o);
    }));

  test('a known letter signed before the application was sent, or with such a date in it, needs a person', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const now = (await o.now()).getTime();
      const at = (days: number) => new Date(now + days * 86_400_000).toISOString();
      await o.receive(o.mail('approved', { signedAt: at(-1) }));
      await o.receive(
        o.mail('approved', { signedAt: at(0), letter: { id: 'letter-0123456789ab', dates: ['2019-03-04'] } }),
      );
      await o.reaches({ attention: 'mail-to-review' });
      expect((await progress(o)).stage).toBe('awaiting-acknowledgement');
      await decided(o, { decision: 'approved', verification: 'seen-in-ace' });
      await granted(o);
    }));
});

describe('corrections', ONCE_MORE, () => {
  test('more information: a person reads the request, then the client is told, and the corrected application goes out', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('more-information'));
      await o.reaches({ stage: 'awaiting-correction', attention: 'decision-to-confirm', notice: 'task' });
      expect(urgent(o)).toEqual(['decision-to-confirm']);
      expect(await progress(o)).toMatchObject({
        ...{ waitingOn: 'broker', wait: 'task', due: { name: 'operations' } },
        next: 'operations is told that this has not been done',
      });
      expect(told(o)).not.toContain('correction-needed');
      await decided(o, { decision: 'correction-needed', waitingOn: 'client', what: 'the name on the 5106' });
      await o.reaches({ notice: 'correction-needed' });
      expect(facts(o, 'correction-needed')).toMatchObject({ what: 'the name on the 5106' });
      expect(await progress(o)).toMatchObject({
        ...{ waitingOn: 'client', wait: 'client-correction', attention: ['correction-needed'] },
        due: { name: 'reminder-1', told: 'client' },
      });
      await corrected(o, renamed);
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      expect(o.applications.map(({ attempt }) => attempt)).toEqual([1, 2]);
      expect(o.prepared.at(-1)?.application).toMatchObject(renamed);
      expect(facts(o, 'application-submitted')).toMatchObject({ submittedBy: 'us', replaces: 'yes' });
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('an approval while waiting for the correction counts', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('not-on-file'));
      await o.reaches({ stage: 'awaiting-correction' });
      await o.receive(o.mail('approved'));
      await granted(o);
      expect(o.applications).toHaveLength(1);
    }));

  test('a late request about an earlier attempt is not repeated, but a late approval counts', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const first = messageIdOf(o.applications[0] as ApplicationMail);
      await o.receive(o.mail('more-information'));
      await o.reaches({ stage: 'awaiting-correction', attention: 'decision-to-confirm' });
      await corrected(o, {}, { replace: true });
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('more-information', { aboutMessageId: first }));
      await o.reaches({ attention: 'mail-to-review' });
      expect((await progress(o)).stage).toBe('awaiting-acknowledgement');
      await o.receive(o.mail('approved', { aboutMessageId: first }));
      await granted(o);
    }));

  test('told to use the web form: a person submits it there, and the clock starts then', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('use-web-form'));
      await o.reaches({ stage: 'awaiting-correction' });
      await corrected(o, route({ channel: { kind: 'web-form' } }));
      await o.reaches({ stage: 'submitting', attention: 'web-form' });
      // The form may not go through at first.
      await o.handle.executeUpdate(messages.settleSubmission, {
        args: [{ actor: 'op', outcome: 'not-sent', evidence: 'the site was down' }],
      });
      await o.reaches({ stage: 'submitting', attention: 'web-form' });
      const at = (await o.now()).toISOString();
      await o.handle.executeUpdate(messages.settleSubmission, {
        args: [{ actor: 'op', outcome: 'sent', at, evidence: 'receipt' }],
      });
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await decided(o, { decision: 'approved', verification: 'seen-in-ace' });
      await granted(o);
      expect(o.applications).toHaveLength(1);
    }));

  test('a bounced application is the broker’s to correct', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('bounce', { authenticity: { verdict: 'unauthentic', reasons: [] } }));
      await o.reaches({ stage: 'awaiting-correction' });
      expect((await progress(o)).waitingOn).toBe('broker');
      await corrected(o, {}, { replace: true });
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('an application that fails the checks waits for a correction, and nothing is sent', async () => {
    let refusals = 0;
    const complaint = {
      field: 'officer.dateOfBirth',
      section: 'A',
      problem: 'The date is in the future.',
      remedy: 'Check it.',
    };
    await onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-correction', attention: 'application-refused' });
        expect((await progress(o)).wanted).toContain('officer.dateOfBirth');
        expect(o.applications).toEqual([]);
        await corrected(o);
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await o.receive(o.mail('approved'));
        await granted(o);
      },
      {
        prepareApplication: async ({ application }) =>
          refusals++ === 0
            ? { kind: 'refused', why: 'application-refused', complaints: [complaint] }
            : {
                kind: 'ready',
                applicationSha256: 'b',
                form: { sha256: 'c', pages: 1, edition: 'e' },
                warnings: [],
                timeZone: 'America/New_York',
                listed: { company: application.company.legalName, importerKey: 'KEY' },
              },
      },
    );
  });
});

describe('a submission with an unknown outcome', ONCE_MORE, () => {
  const unknown = async (mail: ApplicationMail): Promise<ApplicationSent> => {
    const at = new Date(await environment.currentTimeMs());
    if (mail.transmission > 1)
      return {
        kind: 'accepted',
        messageId: messageIdOf(mail),
        at: at.toISOString(),
        deadlines: steps('decision', at),
      };
    return {
      kind: 'unknown',
      messageId: messageIdOf(mail),
      since: at.toISOString(),
      reason: 'No answer after the body.',
      deadlines: steps('send-unknown', at),
    };
  };

  test.each(['own-copy', 'acknowledgement', 'approved'] as const)('is settled by %s and never sent again', (kind) =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'submitting' });
        await expect.poll(() => o.applications.length).toBe(1);
        await o.receive(o.mail(kind));
        if (kind !== 'approved') {
          await expect.poll(async () => (await progress(o)).stage).toMatch(/awaiting/);
          await o.receive(o.mail('approved'));
        }
        await granted(o);
        expect(o.applications).toHaveLength(1);
      },
      { sendApplication: unknown },
    ),
  );

  test('goes to a person after a while; if the person says it was not sent, it goes out with a new Message-ID', () =>
    onFreshServer(
      async (o) => {
        await expect.poll(() => o.applications.length).toBe(1);
        await o.sleep('20 minutes');
        await o.reaches({ attention: 'send-unknown', notice: 'task' });
        expect(urgent(o)).toEqual(['send-unknown']);
        expect(await progress(o)).toMatchObject({ waitingOn: 'broker', due: { name: 'operations' } });
        await o.handle.executeUpdate(messages.settleSubmission, {
          args: [{ actor: 'op', outcome: 'not-sent', evidence: 'desk' }],
        });
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        expect(o.applications.map(({ transmission }) => transmission)).toEqual([1, 2]);
        await o.receive(o.mail('approved'));
        await granted(o);
      },
      { sendApplication: unknown },
    ));

  test('is sent once more automatically only if the configuration says so', () =>
    onFreshServer(
      async (o) => {
        await expect.poll(() => o.applications.length).toBe(1);
        await o.sleep('20 minutes');
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        expect(o.applications.map(({ transmission }) => transmission)).toEqual([1, 2]);
        expect(told(o)).toEqual(['application-submitted']);
        expect(urgent(o)).toEqual([]);
        await o.receive(o.mail('approved'));
        await granted(o);
      },
      {
        sendApplication: async (mail) => {
          const sent = await unknown(mail);
          return sent.kind === 'unknown' ? { ...sent, resend: true } : sent;
        },
      },
    ));

  test('an email to the client that the mail server refuses is noted, and the broker is asked', () =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', attention: 'bounced' });
        const { notes, waitingOn, due } = await progress(o);
        expect(waitingOn).toBe('broker');
        expect(due).toBeDefined();
        expect(notes.at(-1)?.text).toContain('550 no such user');
        await decided(o, { decision: 'abandoned' });
        expect(await o.handle.result()).toBe('abandoned');
      },
      { sendNotice: async () => ({ result: { kind: 'refused', messageId: 'notice@x', reason: '550 no such user' } }) },
      route({ existingAccount: 'yes' }),
    ));

  test('an application refused by the mail server goes out again once the broker corrects it', async () => {
    await onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-correction' });
        expect((await progress(o)).wanted).toContain('550 no such user');
        await corrected(o, {}, { replace: true });
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await o.receive(o.mail('approved'));
        await granted(o);
      },
      {
        sendApplication: async (mail) => {
          const at = new Date(await environment.currentTimeMs());
          return mail.attempt === 1
            ? { kind: 'refused', messageId: messageIdOf(mail), reason: '550 no such user' }
            : {
                kind: 'accepted',
                messageId: messageIdOf(mail),
                at: at.toISOString(),
                deadlines: steps('decision', at),
              };
        },
      },
    );
  });
});

describe('the route', ONCE_MORE, () => {
  test('an importer with an account gets no application, only the grant', () =>
    onboarding(
      async (o) => {
        await granted(o);
        expect(o.applications).toEqual([]);
        expect(o.prepared[0]?.form).toBe(false);
      },
      {},
      route({ existingAccount: 'yes' }),
    ));

  test('an application that someone already submitted is not sent again, and its clock runs from that day', () =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-decision' });
        expect(o.sweeps[0]).toBe('2026-11-23T22:00:00.000Z');
        expect(o.applications).toEqual([]);
        await o.receive(o.mail('approved', { aboutMessageId: 'x' }));
        await granted(o);
      },
      {},
      route({ channel: { kind: 'already-submitted', at: '2026-11-20', by: 'the client' } }),
    ));

  test('the correction of an application that someone else submitted must be submitted', () =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await decided(o, { decision: 'correction-needed', waitingOn: 'broker', what: 'the name' });
        await o.reaches({ stage: 'awaiting-correction' });
        await corrected(o, renamed);
        await o.reaches({ stage: 'submitting', attention: 'web-form' });
        const quietly = { actor: 'op', reason: 'enough', notifyCbp: false };
        await o.handle.executeUpdate(messages.withdraw, { args: [quietly] });
        expect(await o.handle.result()).toBe('withdrawn');
        expect(told(o)).not.toContain('cbp-withdrawal');
      },
      {},
      route({ channel: { kind: 'already-submitted', at: '2026-11-20', by: 'the client' } }),
    ));
});

test('an approval that the back office saw before anything was sent stops the application', () => {
  let preparations = 0;
  return onboarding(
    async (o) => {
      await o.reaches({ stage: 'awaiting-correction' });
      const approval = { source: 'crm', actor: 'bot', evidence: 'ticket', importerNumber: '07-123456700' };
      await o.handle.signal(messages.approvalArrived, approval);
      await corrected(o);
      await granted(o);
      expect(o.applications).toEqual([]);
    },
    {
      prepareApplication: async () =>
        preparations++ === 0
          ? { kind: 'refused', why: 'route-unknown', complaints: [] }
          : {
              kind: 'ready',
              applicationSha256: 'b',
              warnings: [],
              timeZone: 'America/New_York',
              listed: { company: 'Lakeside', importerKey: 'KEY' },
            },
    },
  );
});

describe('the grant', ONCE_MORE, () => {
  test('a read-only grant without one of the numbers goes back to the client with exactly what is missing', () =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
        await o.confirmAccess({ role: 'read-only' });
        await o.reaches({ attention: 'grant-partial', notice: 'grant-partial' });
        expect(o.notices.at(-1)?.facts).toMatchObject({
          missing: ['07-7654321A1'],
          role: 'read-only',
          brokerAceEmail: 'ace@broker.example',
        });
        const partial = await progress(o);
        expect(partial.importerNumbersMissing).toEqual(['07-7654321A1']);
        expect(partial.wanted).toContain(
          'importer numbers not seen: 07-7654321A1; the role is not Full Access (07-123456700: read-only).',
        );

        const all = ['07-123456700', '07-7654321A1'];
        await o.confirmAccess({ importerNumbers: all, role: 'read-only' });
        await expect
          .poll(async () => (await progress(o)).wanted)
          .toContain('The grant is incomplete: the role is not Full Access (');
        expect((await progress(o)).importerNumbersMissing).toBeUndefined();
        await o.confirmAccess({ importerNumbers: all });
        expect(await o.handle.result()).toBe('access-granted');
      },
      {},
      { ...route({ existingAccount: 'yes' }), furtherImporterNumbers: ['07-7654321A1'] },
    ));

  test('after a partial grant the client gets one email: earlier reminders are not repeated', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
        await expect.poll(async () => (await progress(o)).due?.name).toBe('reminder-1');
        await sleepPastNext(o);
        await o.reaches({ notice: 'grant-reminder' });
        const before = told(o);
        await o.confirmAccess({ role: 'read-only' });
        await expect.poll(() => told(o)).toContain('grant-partial');
        // Until that email is out, the client is not reminded of anything.
        expect((await progress(o)).due?.name).toBe('delayed');
        release();
        await expect
          .poll(async () => (await progress(o)).due?.what)
          .toBe('first reminder to the client to add our user in ACE');
        expect(told(o)).toEqual([...before, 'grant-partial']);
        // A narrower role is enough if the broker says so.
        await o.confirmAccess({ role: 'read-only', acceptRole: true });
        expect(await o.handle.result()).toBe('access-granted');
        expect(told(o).at(-1)).toBe('access-seen');
      },
      {
        sendNotice: async ({ template, ordinal, starts }) => {
          if (template === 'grant-partial') await held;
          const at = new Date(await environment.currentTimeMs()).toISOString();
          const result = { kind: 'accepted', messageId: `${template}-${ordinal}`, at } as const;
          return starts ? { result, deadlines: deadlinesOf({ ...starts, at }, POLICY) } : { result };
        },
      },
      route({ existingAccount: 'yes' }),
    ).finally(release);
  });

  test('a silent client gets three reminders, then operations and the manager hear of it; the case stays open, and a grant still counts', () =>
    onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
        await o.sleep(days(45));
        await o.reaches({ attention: 'parked' });
        expect(told(o)).toEqual(['grant-instructions', 'grant-reminder', 'grant-reminder', 'grant-reminder']);
        expect(o.notices.filter(({ template }) => template === 'grant-reminder').map(({ ordinal }) => ordinal)).toEqual(
          [1, 2, 3],
        );
        // Where the account existed before, no link to a first sign-in can die.
        expect(urgent(o)).toEqual([]);
        const { waitingOn, escalation, tasks, due } = await progress(o);
        expect({ waitingOn, escalation, due }).toMatchObject({
          ...{ waitingOn: 'broker', escalation: 'manager', due: { name: 'weekly', told: 'manager' } },
        });
        expect(tasks.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['client-silent', 'parked']));
        await granted(o);
      },
      {},
      route({ existingAccount: 'yes' }),
    ));
});

describe('what the client says', ONCE_MORE, () => {
  test('a plain yes leads to the instructions, worded as what the client told us; a plain no changes nothing', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement', notice: 'application-submitted' });
      const before = await progress(o);
      await o.receive(answered(o, 'application-submitted-1', 'no'));
      await expect.poll(async () => (await progress(o)).mails.length).toBe(before.mails.length + 1);
      const { stage, due, attention } = await progress(o);
      expect({ stage, due, attention }).toEqual({ stage: before.stage, due: before.due, attention: [] });
      await o.receive(answered(o, 'application-submitted-1', 'yes'));
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      expect(facts(o, 'grant-instructions')).toEqual({ approval: 'client-stated' });
      expect(await progress(o)).toMatchObject({ attention: [], access: { approved: { by: 'client' } } });
      await granted(o);
      expect(urgent(o)).toEqual([]);
    }));

  test('each step is recorded as said, and the client hears only what fits it', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement', notice: 'application-submitted' });
      const today = await dayAfter(o, 0);
      await said(o, 'mail-came', today);
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      expect(facts(o, 'grant-instructions')).toEqual({
        ...{ approval: 'client-stated', approvedOn: today, linkExpiresOn: addDays(today, 21) },
      });
      await expect.poll(async () => (await progress(o)).wait).toBe('sign-in');
      // Nothing seen is no news as long as no one said otherwise.
      await o.confirmAccess({ importerNumbers: [] });
      await said(o, 'signed-in');
      await expect.poll(async () => (await progress(o)).wait).toBe('grant');
      expect(told(o)).toEqual(['application-submitted', 'grant-instructions']);
      await said(o, 'user-added');
      await o.reaches({ attention: 'look-in-ace' });
      expect(await progress(o)).toMatchObject({ waitingOn: 'broker', wait: 'task', due: { name: 'operations' } });
      await o.confirmAccess({ importerNumbers: [] });
      await o.reaches({ attention: 'grant-partial', notice: 'grant-partial' });
      expect(facts(o, 'grant-partial')).toMatchObject({ seen: [], missing: ['07-123456700'], userAdded: 'client' });
      await o.confirmAccess({ topAccount: 'wrong' });
      await expect.poll(() => facts(o, 'grant-partial')?.topAccount).toBe('wrong');
      await granted(o);
    }));

  test('a problem is answered with the email that solves it; a new owner starts again, and the old one hears nothing', () =>
    onboarding(async (o) => {
      const reported = (problem: messages.AccessProblem) =>
        o.handle.executeUpdate(messages.reportProblem, { args: [{ actor: 'op', evidence: 'by phone', problem }] });
      await o.reaches({ stage: 'awaiting-acknowledgement', notice: 'application-submitted' });
      await o.receive(o.mail('approved'));
      await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
      await reported('link-expired');
      await o.reaches({ attention: 'link-expired', notice: 'link-expired' });
      await said(o, 'signed-in');
      await expect.poll(async () => (await progress(o)).wait).toBe('grant');
      expect((await progress(o)).attention).toEqual([]);
      await reported('owner-left');
      await o.reaches({ attention: 'owner-left' });
      expect(await progress(o)).toMatchObject({ waitingOn: 'broker', wait: 'task' });
      expect(told(o)).toEqual(['application-submitted', 'grant-instructions', 'link-expired']);
      await corrected(o, { accountOwner: { ...sampleApplication().accountOwner, email: 'new@lakeside.example' } });
      await o.reaches({ notice: 'owner-left' });
      await expect.poll(async () => (await progress(o)).wait).toBe('sign-in');
      expect((await progress(o)).access).not.toHaveProperty('signedIn');
      expect(told(o)).toEqual(['application-submitted', 'grant-instructions', 'link-expired', 'owner-left']);
      await o.confirmAccess();
      expect(await o.handle.result()).toBe('access-granted');
    }));

  test('a reply that no one has handled stops reminders; one that must wait goes out later', () => {
    let refusals = 1;
    return onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
        const reply = o.mail('client-reply', { alias: 'client' });
        await o.receive(reply);
        await o.reaches({ attention: 'mail-to-review' });
        for (let name: string | undefined; name !== 'reminder-1'; ) name = await sleepPastNext(o);
        while ((await progress(o)).escalation === 'handler') await sleepPastNext(o);
        expect(told(o)).toEqual(['grant-instructions']);
        await o.handle.executeUpdate(messages.dismissMail, {
          args: [{ actor: 'op', mailId: reply.mailId, reason: 'answered by phone' }],
        });
        expect(await progress(o)).toMatchObject({ attention: [], escalation: 'handler', due: { name: 'reminder-2' } });
        await sleepPastNext(o);
        await o.reaches({ notice: 'grant-reminder' });
        await expect.poll(async () => (await progress(o)).due?.name).toBe('reminder-2');
        await sleepPastNext(o);
        await expect.poll(() => told(o)).toEqual(['grant-instructions', 'grant-reminder', 'grant-reminder']);
        const ordinals = o.notices.filter(({ template }) => template === 'grant-reminder');
        // No number is used twice: an email with it may have been composed.
        expect(ordinals.map(({ ordinal }) => ordinal)).toEqual([1, 2]);
        const sent = (await progress(o)).mails.filter(({ what }) => what === 'grant-reminder');
        expect(sent).toHaveLength(1);
        await o.confirmAccess();
        expect(await o.handle.result()).toBe('access-granted');
      },
      {
        sendNotice: async ({ template, ordinal, starts }) => {
          const now = await environment.currentTimeMs();
          const at = new Date(now).toISOString();
          const result = { kind: 'accepted', messageId: `${template}-${ordinal}`, at } as const;
          if (template === 'grant-reminder' && refusals-- > 0)
            return { result, deferredUntil: new Date(now + 3_600_000).toISOString() };
          return starts ? { result, deadlines: deadlinesOf({ ...starts, at }, POLICY) } : { result };
        },
      },
      route({ existingAccount: 'yes' }),
    );
  });
});

describe('our own corrections', ONCE_MORE, () => {
  test('what CBP has is replaced only if a person says so; everything else changes in place and emails no one', () =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement', notice: 'application-submitted' });
        await o.receive(o.mail('acknowledgement'));
        await o.reaches({ stage: 'awaiting-decision' });
        // Its last day is so near that the handler hears of it at once, whatever the case waits for.
        expect(urgent(o)).toEqual(['refund-deadline']);
        const { due } = await progress(o);
        await corrected(o, { handler: 'kim' });
        await expect.poll(async () => (await progress(o)).handler).toBe('kim');
        expect(o.prepared.map(({ form }) => form)).toEqual([true, false]);
        expect(await progress(o)).toMatchObject({ stage: 'awaiting-decision', attempt: 1, due });

        await corrected(o, renamed, { because: 'form-5106' });
        await o.reaches({ stage: 'awaiting-correction', attention: 'form-5106' });
        expect(await progress(o)).toMatchObject({ waitingOn: 'broker', wait: 'task' });
        expect(told(o)).toEqual(['application-submitted']);
        expect(o.prepared).toHaveLength(2);

        await corrected(o, renamed);
        await expect.poll(() => o.applications.length).toBe(2);
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await corrected(o, { company: sampleApplication().company }, { because: 'our-typo', replace: true });
        await expect.poll(() => o.applications.length).toBe(3);
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        expect(await progress(o)).toMatchObject({ attempt: 3, handler: 'kim' });
        await o.receive(o.mail('approved'));
        await granted(o);
        expect(urgent(o)).toEqual(['refund-deadline']);
      },
      {},
      { refundDeadline: addDays(inNewYork(new Date()).day, 10) },
    ));
});

describe('changes by people', ONCE_MORE, () => {
  test('a deadline set by a person applies, and says who set it', () =>
    onFreshServer(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('acknowledgement'));
      await o.reaches({ stage: 'awaiting-decision' });
      const late = await stepAt(o, 'late');
      const at = new Date(Date.parse(late) + 3_600_000).toISOString();
      const change = { actor: 'op', reason: 'the desk asked for more time', deadline: 'late' as const, at };
      await o.handle.executeUpdate(messages.changeDeadline, { args: [change] });
      const said = { explanation: 'set by op: the desk asked for more time', brief: 'set by a person' };
      expect((await o.progress()).due).toMatchObject({ at, ...said });
      await sleepPast(o, late);
      expect((await progress(o)).attention).toEqual([]);
      await o.handle.executeUpdate(messages.changeDeadline, {
        args: [{ actor: 'op', reason: 'closure announced', recompute: true }],
      });
      await o.reaches({ attention: 'late' });
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('a deadline moved while the mailbox is read before an alert still applies', () => {
    let meanwhile = async () => {};
    return onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await o.receive(o.mail('acknowledgement'));
        await o.reaches({ stage: 'awaiting-decision' });
        const late = await stepAt(o, 'late');
        const at = new Date(Date.parse(late) + 3_600_000).toISOString();
        const change = { actor: 'op', reason: 'the desk asked for more time', deadline: 'late' as const, at };
        const moved = new Promise<void>((resolve) => {
          meanwhile = async () => {
            meanwhile = async () => {};
            await o.handle.executeUpdate(messages.changeDeadline, { args: [change] });
            resolve();
          };
        });
        await sleepPast(o, late);
        await moved;
        await o.sleep(60_000);
        expect((await progress(o)).attention).toEqual([]);
        expect((await o.progress()).due).toMatchObject({ at });
        await sleepPast(o, at);
        await o.reaches({ attention: 'late' });
        await o.receive(o.mail('approved'));
        await granted(o);
      },
      {
        awaitSweep: async () => {
          await meanwhile();
          return { swept: true };
        },
      },
    );
  });

  test('a call is followed up on its day, a snooze stops reminders, and an answer in the thread starts CBP’s clock again', () =>
    onFreshServer(async (o) => {
      const { handle } = o;
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('acknowledgement'));
      await o.reaches({ stage: 'awaiting-decision' });
      const { due } = await progress(o);
      await handle.executeUpdate(messages.handOver, { args: [{ actor: 'op', handler: 'kim', reason: 'on leave' }] });
      await handle.executeUpdate(messages.addNote, { args: [{ actor: 'op', text: 'prefers calls before 10' }] });
      const call = { actor: 'op', with: 'cbp' as const, who: 'agent 12', said: 'in process', ticket: 'INC1' };
      await handle.executeUpdate(messages.logCall, { args: [{ ...call, chaseOn: await dayAfter(o, 1) }] });
      const noted = (await progress(o)).notes.map(({ text }) => text);
      expect(noted).toEqual(
        expect.arrayContaining(['prefers calls before 10', expect.stringContaining('ticket INC1')]),
      );
      expect(await progress(o)).toMatchObject({ handler: 'kim', attention: [], due: { name: 'chase' } });
      await sleepPastNext(o);
      await o.reaches({ attention: 'chase' });
      await handle.executeUpdate(messages.logCall, { args: [call] });
      expect(await progress(o)).toMatchObject({ attention: [], due });

      await decided(o, { decision: 'correction-needed', waitingOn: 'client', what: 'the fiscal year' });
      await o.reaches({ stage: 'awaiting-correction', notice: 'correction-needed' });
      expect(facts(o, 'correction-needed')).toEqual({ what: 'the fiscal year', handler: 'kim' });
      await expect.poll(async () => (await progress(o)).due?.name).toBe('reminder-1');
      const until = await dayAfter(o, 40);
      await handle.executeUpdate(messages.snooze, { args: [{ actor: 'op', until, reason: 'the owner is away' }] });
      expect(await progress(o)).toMatchObject({ snoozed: { by: 'op' }, due: { told: expect.any(String) } });
      await o.sleep(days(35));
      expect(told(o)).toEqual(['application-submitted', 'correction-needed']);
      expect(await progress(o)).toMatchObject({ escalation: 'handler', attention: ['correction-needed'] });
      await o.sleep(days(6));
      await o.reaches({ notice: 'correction-reminder', attention: 'parked' });
      // Three fell due meanwhile; the client gets one.
      expect(told(o)).toEqual(['application-submitted', 'correction-needed', 'correction-reminder']);
      expect(facts(o, 'correction-reminder')).toMatchObject({ what: 'the fiscal year', askedOn: expect.any(String) });
      expect(await progress(o)).toMatchObject({ escalation: 'manager', due: { name: 'weekly' } });

      const answer = { actor: 'op', to: 'cbp' as const, text: 'It ends in June.', ticket: 'INC1', attachForm: true };
      await handle.executeUpdate(messages.sendMessage, { args: [answer] });
      await o.reaches({ stage: 'awaiting-decision', notice: 'cbp-message' });
      expect(facts(o, 'cbp-message')).toEqual({
        ...{ text: 'It ends in June.', ticket: 'INC1', attachForm: 'yes', formSha256: 'c'.repeat(64), handler: 'kim' },
      });
      expect(await progress(o)).toMatchObject({ attempt: 1, escalation: 'handler', wait: 'decision' });
      await o.receive(o.mail('approved'));
      await granted(o);
      expect(o.applications).toHaveLength(1);
    }));

  test('while an email cannot go out, the handler hears of it after a day, although other alarms come meanwhile', () =>
    onFreshServer(
      async (o) => {
        await expect.poll(async () => (await progress(o)).stage).toBe('awaiting-access-grant');
        await o.receive(o.mail('unclear', { alias: 'none' }));
        await expect.poll(async () => (await progress(o)).attention).toContain('mail-to-review');
        // Not `o.sleep`: the email waits for its next try all the time.
        await o.environment.sleep('25 hours');
        await expect.poll(async () => (await progress(o)).attention).toContain('delayed');
        // The last email has ten minutes, and meanwhile nothing can change any more.
        await o.confirmAccess();
        await expect(o.confirmAccess({ importerNumbers: [] })).rejects.toThrow();
        await o.environment.sleep('11 minutes');
        expect(await o.handle.result()).toBe('access-granted');
        expect((await progress(o)).notes.at(-1)?.text).toBe('The email "access-seen" was not sent within 10 minutes.');
      },
      {
        sendNotice: async () => {
          throw ApplicationFailure.create({ message: 'The mail server does not answer.', nextRetryDelay: '30 hours' });
        },
      },
      route({ existingAccount: 'yes' }),
    ));

  test('a revoked power of attorney keeps the case open until our user sees nothing, and the client hears nothing', () =>
    onboarding(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
        const revoked = { actor: 'op', reason: 'client left', because: 'power-of-attorney-revoked' as const };
        await o.handle.executeUpdate(messages.withdraw, { args: [revoked] });
        await o.reaches({ attention: 'remove-our-user' });
        expect(await progress(o)).toMatchObject({ waitingOn: 'broker', wait: 'task', due: { name: 'operations' } });
        await expect(said(o, 'user-added')).rejects.toMatchObject({
          cause: { message: expect.stringContaining('revoked') },
        });
        await o.confirmAccess({ importerNumbers: [] });
        expect(await o.handle.result()).toBe('withdrawn');
        expect(told(o)).toEqual(['grant-instructions']);
      },
      {},
      route({ existingAccount: 'yes' }),
    ));

  test.each(['awaiting-acknowledgement', 'awaiting-access-grant'] as const)(
    'a withdrawal ends the onboarding while %s',
    (stage) =>
      onboarding(
        async (o) => {
          await o.reaches({ stage });
          await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'client left' }] });
          expect(await o.handle.result()).toBe('withdrawn');
          // CBP is told only if it has the application, and before the end.
          expect(told(o).filter((template) => template === 'cbp-withdrawal')).toHaveLength(o.applications.length);
          expect(facts(o, 'cbp-withdrawal')?.withdrawn).toBe(
            stage === 'awaiting-acknowledgement' ? 'client-withdraws' : undefined,
          );
        },
        {},
        stage === 'awaiting-access-grant' ? route({ existingAccount: 'yes' }) : {},
      ),
  );
});
