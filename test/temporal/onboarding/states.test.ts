import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadlinesOf } from '../../../src/calendar/schedule.js';
import * as messages from '../../../src/workflows/contract/messages.js';
import type { Progress } from '../../../src/workflows/contract/progress.js';
import { WAITS } from '../../../src/workflows/contract/waits.js';
import { createTimeSkippingEnvironment } from '../../support/time-skipping-server.js';
import { POLICY } from '../../support/usual-policy.js';
import { messageIdOf, type Parts, RehearsedOnboarding } from './rehearsed-onboarding.js';
import { sampleApplication } from './sample-application.js';

/**
 * Every state that an open case can be in: whose turn it is and since when, what happens next and when, who is told then, and
 * what a person can do. The case goes from each state to the next by that act.
 */

interface State {
  stage: Progress['stage'];
  wait: NonNullable<Progress['wait']>;
  waitingOn: Progress['waitingOn'];
  /** The deadline that comes next, and who is told then. */
  due: string;
  told: string;
  attention: string[];
  /** One of the acts that the case offers, and that leads on. */
  act: RegExp;
}

const OP = { actor: 'op', evidence: 'ticket 1' };

const TABLE: Record<string, State> = {
  'refused before sending': {
    ...{ stage: 'awaiting-correction', wait: 'task', waitingOn: 'broker', attention: ['application-refused'] },
    ...{ due: 'operations', told: 'operations', act: /correct .* --set/ },
  },
  'sent, perhaps': {
    ...{ stage: 'submitting', wait: 'send-unknown', waitingOn: 'nobody', attention: [] },
    ...{ due: 'ask', told: 'handler, at once', act: /settle .* not-sent/ },
  },
  'sent, perhaps, and a person is asked': {
    ...{ stage: 'submitting', wait: 'send-unknown', waitingOn: 'broker', attention: ['send-unknown'] },
    ...{ due: 'operations', told: 'operations', act: /settle .* not-sent/ },
  },
  sent: {
    ...{ stage: 'awaiting-acknowledgement', wait: 'acknowledgement', waitingOn: 'cbp', attention: [] },
    ...{ due: 'acknowledgement', told: 'no one', act: /decide .* approved/ },
  },
  acknowledged: {
    ...{ stage: 'awaiting-decision', wait: 'decision', waitingOn: 'cbp', attention: [] },
    ...{ due: 'late', told: 'handler', act: /client-says .* mail-came/ },
  },
  late: {
    ...{ stage: 'awaiting-decision', wait: 'decision', waitingOn: 'cbp', attention: ['late'] },
    ...{ due: 'question-1', told: 'client', act: /call .* --with cbp/ },
  },
  'mail to review': {
    ...{ stage: 'awaiting-decision', wait: 'decision', waitingOn: 'broker', attention: ['late', 'mail-to-review'] },
    ...{ due: 'question-1', told: 'client', act: /dismiss / },
  },
  'the client owes a correction': {
    ...{
      stage: 'awaiting-correction',
      wait: 'client-correction',
      waitingOn: 'client',
      attention: ['correction-needed'],
    },
    ...{ due: 'reminder-1', told: 'client', act: /correct .* --set/ },
  },
  'we owe a correction': {
    ...{ stage: 'awaiting-correction', wait: 'task', waitingOn: 'broker', attention: ['form-5106'] },
    ...{ due: 'operations', told: 'operations', act: /message .* --to cbp/ },
  },
  'approved, not signed in': {
    ...{ stage: 'awaiting-access-grant', wait: 'sign-in', waitingOn: 'client', attention: [] },
    ...{ due: 'reminder-1', told: 'client', act: /client-says .* signed-in/ },
  },
  'signed in': {
    ...{ stage: 'awaiting-access-grant', wait: 'grant', waitingOn: 'client', attention: [] },
    ...{ due: 'reminder-1', told: 'client', act: /client-says .* user-added/ },
  },
  'our user was added, says the client': {
    ...{ stage: 'awaiting-access-grant', wait: 'task', waitingOn: 'broker', attention: ['look-in-ace'] },
    ...{ due: 'operations', told: 'operations', act: /seen .* --none/ },
  },
  'not all of it was seen': {
    ...{ stage: 'awaiting-access-grant', wait: 'grant', waitingOn: 'client', attention: ['grant-partial'] },
    ...{ due: 'reminder-1', told: 'client', act: /problem / },
  },
  'the account owner left': {
    ...{ stage: 'awaiting-access-grant', wait: 'task', waitingOn: 'broker', attention: ['owner-left'] },
    ...{ due: 'operations', told: 'operations', act: /correct .* --set/ },
  },
  'our authority was revoked': {
    ...{ stage: 'awaiting-access-grant', wait: 'task', waitingOn: 'broker', attention: ['remove-our-user'] },
    ...{ due: 'operations', told: 'operations', act: /seen .* --none/ },
  },
};

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await createTimeSkippingEnvironment();
});
afterAll(() => environment?.teardown());

test('in every state someone owes the next step, something is due, someone is told, and an act leads on', {
  timeout: 60_000,
}, async () => {
  const waits = new Set<string>();
  const { result } = await RehearsedOnboarding.run(
    environment,
    sampleApplication(),
    story(waits),
    refusedThenUnknown(),
  );
  expect(result).toBe('withdrawn');
  // The product's own work has a deadline too, but no test can look at it in time: see case-clock.test.ts.
  expect([...waits, 'work'].sort()).toEqual([...WAITS].sort());
});

function story(waits: Set<string>) {
  return async (o: RehearsedOnboarding) => {
    let before = '';
    const isIn = async (name: keyof typeof TABLE): Promise<void> => {
      const wanted = TABLE[name] as State;
      const { act, due, told, ...rest } = wanted;
      await o.reaches({ stage: rest.stage, ...(rest.attention[0] ? { attention: rest.attention[0] } : {}) });
      await expect
        .poll(async () => (await o.progress()).due?.name, { message: name, timeout: 10_000, interval: 20 })
        .toBe(due);
      const progress = await o.progress();
      const now = (await o.now()).toISOString();
      expect({ name, ...progress }).toMatchObject({ name, ...rest, due: { name: due, told } });
      expect(progress.due?.at && progress.due.at > now, `${name}: due ${progress.due?.at}, now ${now}`).toBe(true);
      expect(progress.due?.what, name).toBe(progress.next);
      expect(progress.ifNothing, name).toMatch(/manager is told again/);
      expect(progress.turnSince >= before && progress.turnSince <= now, `${name}: since ${progress.turnSince}`).toBe(
        true,
      );
      expect(progress.tasks.map(({ reason }) => reason)).toEqual(progress.attention);
      expect(
        progress.actions.map(({ command }) => command).filter((command) => act.test(command)),
        name,
      ).not.toEqual([]);
      before = progress.turnSince;
      waits.add(wanted.wait);
    };
    const { handle } = o;
    const corrected = (overrides: object) =>
      handle.executeUpdate(messages.correctApplication, {
        args: [{ actor: 'op', reason: 'mended', application: { ...sampleApplication(), ...overrides } }],
      });
    const says = (what: messages.ClientStatement) =>
      handle.executeUpdate(messages.recordStatement, { args: [{ ...OP, says: what }] });

    await isIn('refused before sending');
    await corrected({});
    await isIn('sent, perhaps');
    await o.sleep('16 minutes');
    await isIn('sent, perhaps, and a person is asked');
    await handle.executeUpdate(messages.settleSubmission, { args: [{ ...OP, outcome: 'not-sent' }] });
    await isIn('sent');
    await o.receive(o.mail('acknowledgement'));
    await isIn('acknowledged');
    const late = deadlinesOf({ wait: 'decision', at: (await o.now()).toISOString() }, POLICY).find(
      ({ name }) => name === 'late',
    );
    await o.sleep(Date.parse(late?.at ?? '') - (await o.now()).getTime() + 60_000);
    await isIn('late');
    const unclear = o.mail('unclear');
    await o.receive(unclear);
    await isIn('mail to review');
    await handle.executeUpdate(messages.dismissMail, {
      args: [{ actor: 'op', mailId: unclear.mailId, reason: 'a bulletin' }],
    });
    const needed = { ...OP, decision: 'correction-needed', what: 'the name' } as const;
    await handle.executeUpdate(messages.decide, { args: [{ ...needed, waitingOn: 'client' }] });
    await isIn('the client owes a correction');
    await handle.executeUpdate(messages.decide, { args: [{ ...needed, waitingOn: 'broker', work: 'form-5106' }] });
    await isIn('we owe a correction');
    await handle.executeUpdate(messages.sendMessage, { args: [{ actor: 'op', to: 'cbp', text: 'It is updated.' }] });
    await isIn('acknowledged');
    await says('mail-came');
    await isIn('approved, not signed in');
    await says('signed-in');
    await isIn('signed in');
    const note = { actor: 'op', text: 'prefers calls before 10' };
    await handle.executeUpdate(messages.addNote, { args: [note] });
    await expect(handle.executeUpdate(messages.addNote, { args: [note] })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('a moment ago') },
    });
    await says('user-added');
    await isIn('our user was added, says the client');
    await o.confirmAccess({ importerNumbers: [] });
    await isIn('not all of it was seen');
    await handle.executeUpdate(messages.reportProblem, { args: [{ ...OP, problem: 'owner-left' }] });
    await isIn('the account owner left');
    await corrected({ accountOwner: { ...sampleApplication().accountOwner, email: 'new@lakeside-candles.example' } });
    await isIn('approved, not signed in');
    const because = 'power-of-attorney-revoked' as const;
    await handle.executeUpdate(messages.withdraw, { args: [{ actor: 'op', reason: 'client left', because }] });
    await isIn('our authority was revoked');
    await o.confirmAccess({ importerNumbers: [] });
    return { result: await handle.result() };
  };
}

/** The first application is refused, and the first email has no known outcome. */
function refusedThenUnknown(): Partial<Parts> {
  let prepared = 0;
  return {
    prepareApplication: async (order) =>
      prepared++ === 0
        ? { kind: 'refused', why: 'application-refused', complaints: [] }
        : {
            kind: 'ready',
            applicationSha256: 'b'.repeat(64),
            ...(order.form ? { form: { sha256: 'c'.repeat(64), pages: 6, edition: 'replica' } } : {}),
            warnings: [],
            timeZone: 'America/Chicago',
            listed: { company: 'Lakeside Candles Inc.', importerKey: 'KEY' },
          },
    sendApplication: async (mail) => {
      const at = new Date(await environment.currentTimeMs()).toISOString();
      const messageId = messageIdOf(mail);
      const wait = mail.transmission === 1 ? 'send-unknown' : 'decision';
      const deadlines = deadlinesOf({ wait, at }, POLICY);
      return mail.transmission === 1
        ? { kind: 'unknown', messageId, since: at, reason: 'No answer.', deadlines }
        : { kind: 'accepted', messageId, at, deadlines };
    },
  };
}
