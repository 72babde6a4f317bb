import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decisionDeadlines, grantDeadlines } from '../../../src/calendar/schedule.js';
import type { ApplicationMail, ApplicationSent } from '../../../src/workflows/contract/mail-activities.js';
import * as messages from '../../../src/workflows/contract/messages.js';
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
const corrected = async (onboarding: RehearsedOnboarding, overrides: Overrides = {}) => {
  const { application } = onboarding.prepared.at(-1) ?? { application: sampleApplication() };
  return onboarding.handle.executeUpdate(messages.correctApplication, {
    args: [{ actor: 'op', reason: 'fixed', application: { ...application, ...overrides } }],
  });
};
const progress = (onboarding: RehearsedOnboarding) => onboarding.progress();
const told = (onboarding: RehearsedOnboarding) => onboarding.notices.map(({ template }) => template);
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
      expect(told(o)).toEqual(['grant-instructions']);
    }));

  test('a missing acknowledgement is noted after a business day and alerts no one', () =>
    onFreshServer(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.sleep(days(5));
      await o.reaches({ stage: 'awaiting-decision' });
      const { notes, attention } = await progress(o);
      expect(notes.map((note) => note.text).join()).toContain('No acknowledgement');
      expect(attention).toEqual([]);
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('an approval before the acknowledgement counts, and the acknowledgement after it changes nothing', () =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('approved'));
      await o.reaches({ stage: 'awaiting-access-grant' });
      await o.receive(o.mail('acknowledgement'));
      await granted(o);
    }));

  test('after five business days without an answer, holidays not counted, the mailbox is read, and operations and the client are asked once', () =>
    onFreshServer(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      const { late, overdue } = decisionDeadlines(await o.now(), POLICY);
      await o.sleep(new Date(late.at).getTime() - (await o.now()).getTime() - 60_000);
      expect(told(o)).toEqual([]);
      await o.sleep('2 minutes');
      await o.reaches({ attention: 'late', notice: 'ask-whether-approved' });
      expect(told(o).sort()).toEqual(['ask-whether-approved', 'operations-late']);
      expect(o.sweeps.at(-1)).toBe(late.at);
      await o.sleep(new Date(overdue.at).getTime() - (await o.now()).getTime() + 60_000);
      await o.reaches({ attention: 'overdue', notice: 'manager-overdue' });
      expect((await progress(o)).stage).toBe('awaiting-decision');
      await o.receive(o.mail('approved'));
      await granted(o);
    }));

  test('an approval found by the last sweep stops the escalation', async () => {
    let deliver = async () => {};
    const awaitSweep = async () => {
      await deliver();
      return { swept: true };
    };
    await onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        deliver = () => o.receive(o.mail('approved'));
        await o.sleep(days(15));
        await granted(o);
        expect(told(o)).not.toContain('operations-late');
      },
      { awaitSweep },
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
      quick,
    ).finally(release);
  });

  test('an unread mailbox is reported, and the escalation takes place anyway', () =>
    onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await o.sleep(days(15));
        await o.reaches({ attention: 'mailbox-unread', notice: 'operations-late' });
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
    ],
    ['came to the client’s alias', { alias: 'client' as const }, 'mail-to-review'],
    ['is not clear', { confidence: 0.5 }, 'mail-to-review'],
    ['names another importer number', { importerNumber: '07-765432100' }, 'approval-mismatch'],
    [
      'could not be verified yet',
      { authenticity: { verdict: 'undetermined' as const, reasons: ['DNS'] } },
      'mail-to-review',
    ],
  ])('an approval that %s moves nothing and waits for a person', (_, overrides, attention) =>
    onboarding(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('approved', overrides));
      await o.reaches({ attention });
      expect((await progress(o)).waitingOn).toBe('broker');
      expect(told(o)).toEqual([]);
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
      expect(told(o)).toEqual([]);
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
      expect(told(o)).toEqual(['credentials-received', 'grant-instructions']);
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
      expect(told(o)).toEqual([]);
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
      await o.reaches({ stage: 'awaiting-correction', attention: 'decision-to-confirm', notice: 'operations-task' });
      expect(await progress(o)).toMatchObject({ waitingOn: 'broker', next: 'it waits until someone acts' });
      expect(told(o)).not.toContain('correction-needed');
      await decided(o, { decision: 'correction-needed', waitingOn: 'client', what: 'the name on the 5106' });
      await o.reaches({ notice: 'correction-needed' });
      expect(await progress(o)).toMatchObject({ waitingOn: 'client', attention: ['correction-needed'] });
      await corrected(o, { company: { ...sampleApplication().company, legalName: 'Lakeside Candles Incorporated' } });
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      expect(o.applications.map(({ attempt }) => attempt)).toEqual([1, 2]);
      expect(o.prepared.at(-1)?.application.company.legalName).toBe('Lakeside Candles Incorporated');
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
      await corrected(o);
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
      await corrected(o);
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
        deadlines: decisionDeadlines(at, POLICY),
      };
    const askAt = { at: new Date(at.getTime() + 900_000).toISOString(), explanation: 'in 15 minutes' };
    return {
      kind: 'unknown',
      messageId: messageIdOf(mail),
      since: at.toISOString(),
      reason: 'No answer after the body.',
      askAt,
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
        await o.reaches({ attention: 'send-unknown', notice: 'operations-task' });
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
        expect(told(o)).toEqual([]);
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
        const { notes, waitingOn } = await progress(o);
        expect(waitingOn).toBe('broker');
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
        await corrected(o);
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
                deadlines: decisionDeadlines(at, POLICY),
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

  test('an application that someone already submitted is not sent again', () =>
    onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-acknowledgement' });
        await o.sleep(days(5));
        await o.reaches({ stage: 'awaiting-decision' });
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
        await corrected(o);
        await o.reaches({ stage: 'submitting', attention: 'web-form' });
        await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'enough' }] });
        expect(await o.handle.result()).toBe('withdrawn');
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
        expect(partial.wanted).toContain('importer numbers not seen: 07-7654321A1; the role is not Full Access.');

        const all = ['07-123456700', '07-7654321A1'];
        await o.confirmAccess({ importerNumbers: all, role: 'read-only' });
        await expect
          .poll(async () => (await progress(o)).wanted)
          .toContain('The grant is incomplete: the role is not Full Access.');
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
        await expect.poll(async () => (await progress(o)).due?.what).toContain('reminder');
        await o.sleep(days(6));
        await o.reaches({ notice: 'grant-reminder' });
        const before = told(o);
        await o.confirmAccess({ role: 'read-only' });
        await expect.poll(() => told(o)).toContain('grant-partial');
        // The next reminder is still ahead, and the first one is over.
        await expect.poll(async () => (await progress(o)).due?.what).toBe('second reminder to the client');
        release();
        await expect.poll(async () => (await progress(o)).due?.what).toBe('first reminder to the client');
        expect(told(o)).toEqual([...before, 'grant-partial']);
        await o.confirmAccess();
        expect(await o.handle.result()).toBe('access-granted');
      },
      {
        sendNotice: async ({ template, ordinal }) => {
          if (template === 'grant-partial') await held;
          const at = new Date(await environment.currentTimeMs());
          const result = { kind: 'accepted', messageId: `${template}-${ordinal}`, at: at.toISOString() } as const;
          const grant = { deadlines: grantDeadlines(at, POLICY), brokerAceEmail: 'ace@broker.example' };
          return template === 'grant-reminder' ? { result } : { result, grant };
        },
      },
      route({ existingAccount: 'yes' }),
    ).finally(release);
  });

  test('a silent client gets three reminders, operations is notified and the case is parked; only a person abandons it', () =>
    onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
        await o.sleep(days(45));
        await o.reaches({ attention: 'parked' });
        expect(told(o)).toEqual([
          'grant-instructions',
          'grant-reminder',
          'grant-reminder',
          'grant-reminder',
          'operations-client-silent',
        ]);
        expect((await progress(o)).waitingOn).toBe('broker');
        await decided(o, { decision: 'abandoned' });
        expect(await o.handle.result()).toBe('abandoned');
      },
      {},
      route({ existingAccount: 'yes' }),
    ));

  test('a grant after the case was parked still counts', () =>
    onFreshServer(
      async (o) => {
        await o.reaches({ stage: 'awaiting-access-grant', notice: 'grant-instructions' });
        await o.sleep(days(45));
        await o.reaches({ attention: 'parked' });
        await granted(o);
      },
      {},
      route({ existingAccount: 'yes' }),
    ));
});

describe('changes by people', ONCE_MORE, () => {
  test('a deadline set by a person applies, and says who set it', () =>
    onFreshServer(async (o) => {
      await o.reaches({ stage: 'awaiting-acknowledgement' });
      await o.receive(o.mail('acknowledgement'));
      await o.reaches({ stage: 'awaiting-decision' });
      const { late } = decisionDeadlines(await o.now(), POLICY);
      const at = new Date(Date.parse(late.at) + 86_400_000).toISOString();
      const change = { actor: 'op', reason: 'the desk asked for more time', deadline: 'late' as const, at };
      await o.handle.executeUpdate(messages.changeDeadline, { args: [change] });
      const said = { explanation: 'set by op: the desk asked for more time', brief: 'set by a person' };
      expect((await o.progress()).due).toMatchObject({ at, ...said });
      await o.sleep(Date.parse(late.at) - (await o.now()).getTime() + 60_000);
      expect(told(o)).toEqual([]);
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
        const { late } = decisionDeadlines(await o.now(), POLICY);
        const at = new Date(Date.parse(late.at) + 3 * 86_400_000).toISOString();
        const change = { actor: 'op', reason: 'the desk asked for more time', deadline: 'late' as const, at };
        const moved = new Promise<void>((resolve) => {
          meanwhile = async () => {
            meanwhile = async () => {};
            await o.handle.executeUpdate(messages.changeDeadline, { args: [change] });
            resolve();
          };
        });
        await o.sleep(Date.parse(late.at) - (await o.now()).getTime() + 60_000);
        await moved;
        await o.sleep(60_000);
        expect(told(o)).toEqual([]);
        expect((await o.progress()).due).toMatchObject({ at });
        await o.sleep(Date.parse(at) - (await o.now()).getTime() + 60_000);
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

  test.each(['awaiting-acknowledgement', 'awaiting-access-grant'] as const)(
    'a withdrawal ends the onboarding while %s',
    (stage) =>
      onboarding(
        async (o) => {
          await o.reaches({ stage });
          await o.handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'client left' }] });
          expect(await o.handle.result()).toBe('withdrawn');
          // Operations are told only if CBP has the application.
          expect(told(o).filter((template) => template === 'operations-task')).toHaveLength(o.applications.length);
        },
        {},
        stage === 'awaiting-access-grant' ? route({ existingAccount: 'yes' }) : {},
      ),
  );
});
