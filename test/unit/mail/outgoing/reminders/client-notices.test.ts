import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cases, onboardings, read, requestOf } from '../../../../../src/archive/records.js';
import { forget } from '../../../../../src/onboardings/forget.js';
import type { Notice } from '../../../../../src/workflows/contract/mail-activities.js';
import { ALIASES, anApplication, anOutgoingCase } from '../outgoing-case.js';
import { openScriptedSmtp, type ScriptedSmtp } from '../scripted-smtp.js';

let smtp: ScriptedSmtp;
beforeEach(async () => {
  smtp = await openScriptedSmtp();
});
afterEach(() => smtp.close());

/** Two cases whose account owner is one person. */
async function twoCases() {
  const clock = { now: new Date('2026-11-30T16:00:00Z') };
  const one = await anOutgoingCase(smtp.port, { dependencies: { now: () => clock.now } });
  const other = {
    workflowId: 'onboarding-c-2',
    reference: 'C-2',
    aliases: { cbp: 'a'.repeat(16), client: 'b'.repeat(16) },
  };
  await one.archive.createRecord(cases.key(other.workflowId), { ...other });
  const application = anApplication({ reference: 'C-2', importerNumber: '07-765432100' });
  application.company.legalName = 'Second Company LLC';
  application.accountOwner.email = 'Jane@client.example';
  const { sha256 } = await one.archive.putDocument(Buffer.from(JSON.stringify(application)));
  const second = (changes: Partial<Notice>) =>
    one.notice({ workflowId: other.workflowId, reference: 'C-2', applicationSha256: sha256, ...changes });
  return { ...one, second, clock };
}

const APPROVED = { approval: 'cbp-letter', instructedOn: '2026-11-20' };
const INSTRUCTIONS = { template: 'grant-instructions', facts: APPROVED, starts: { wait: 'sign-in' } } as const;
const REMINDER = { template: 'sign-in-reminder', facts: APPROVED } as const;

test('one email reminds of two cases, and the second reminder goes out in it', async () => {
  const { activities, notice, second } = await twoCases();
  await activities.sendNotice(second(INSTRUCTIONS));
  smtp.received.length = 0;

  const sent = await activities.sendNotice(notice(REMINDER));
  expect(sent.result).toMatchObject({ kind: 'accepted' });
  expect(await activities.sendNotice(second(REMINDER))).toEqual({ result: sent.result, bundledWith: 'C-1042' });
  expect(smtp.received).toHaveLength(1);
  const mail = await simpleParser(smtp.received[0]?.raw ?? '');
  expect(mail.text).toContain('We also asked you about:\n  - Second Company LLC (C-2)');
  expect(mail.headers.get('reply-to')).toMatchObject({ text: expect.stringContaining(ALIASES.client) });
});

test('what no longer is asked is not listed: after the thanks, and after the application went out again', async () => {
  const { activities, notice, second, clock } = await twoCases();
  await activities.sendNotice(second(INSTRUCTIONS));
  await activities.sendNotice(
    second({ template: 'access-seen', facts: { lookedOn: '2026-11-30T15:00:00Z', seen: ['07-765432100'] } }),
  );
  await activities.sendNotice(notice(REMINDER));
  expect((await simpleParser(smtp.received.at(-1)?.raw ?? '')).text).not.toContain('Second Company');

  await activities.sendNotice(
    second({ template: 'correction-needed', facts: { what: 'The name.' }, starts: { wait: 'client-correction' } }),
  );
  clock.now = new Date('2026-12-01T16:00:00Z');
  await activities.sendNotice(
    second({ template: 'application-submitted', facts: { submittedOn: '2026-12-01', submittedBy: 'us' } }),
  );
  await activities.sendNotice(notice({ ...REMINDER, ordinal: 2 }));
  expect((await simpleParser(smtp.received.at(-1)?.raw ?? '')).text).not.toContain('Second Company');
});

test('the deadlines of the wait that an email starts count from its acceptance', async () => {
  const { activities, notice, config } = await twoCases();
  const sent = await activities.sendNotice(notice(INSTRUCTIONS));
  expect(sent).toMatchObject({ result: { at: '2026-11-30T16:00:00.000Z' }, brokerAceEmail: config.broker.aceEmail });
  expect(sent.deadlines?.map(({ name }) => name)).toContain('reminder-1');
  expect((await activities.sendNotice(notice(REMINDER))).deadlines).toBeUndefined();
});

test('forgetting a client forgets what it was asked and reminded of', async () => {
  const { archive, activities, notice, second, application } = await twoCases();
  await activities.sendNotice(notice(INSTRUCTIONS));
  await activities.sendNotice(second(INSTRUCTIONS));
  await activities.sendNotice(second(REMINDER));
  await activities.sendNotice(notice(REMINDER));
  const about = async (workflowId: string) => {
    const keys: string[] = [];
    for (const prefix of ['requests/', 'requests-of/', 'reminders/', 'reminders-bundled/'])
      for await (const key of archive.listRecords(prefix))
        if (JSON.stringify(await archive.readRecord(key)).includes(`"${workflowId}"`)) keys.push(prefix);
    return keys.sort();
  };
  expect(await about('onboarding-c-1042')).toEqual(['reminders-bundled/', 'requests-of/', 'requests/']);
  expect(await about('onboarding-c-2')).toEqual(['reminders/', 'requests-of/', 'requests/']);

  await archive.createRecord(onboardings.key('C-2'), {
    ...{ reference: 'C-2', workflowId: 'onboarding-c-2', round: 1, applicationSha256: application.applicationSha256 },
    ...{ state: 'started', startedAt: '2026-11-01T00:00:00Z' },
  });
  const gone = Object.assign(new Error('gone'), { code: 5 });
  await forget(
    { reference: 'C-2', actors: ['jo', 'kim'], reason: 'time is over' },
    {
      temporal: {
        options: { namespace: 'default' },
        workflow: {
          getHandle: () => ({
            describe: async () => {
              const { WorkflowNotFoundError } = await import('@temporalio/client');
              throw new WorkflowNotFoundError(gone.message, 'onboarding-c-2', undefined);
            },
          }),
        },
      } as never,
      archive: archive as never,
      retentionYears: 5,
      now: new Date('2036-01-01T00:00:00Z'),
    },
  );
  expect(await about('onboarding-c-2')).toEqual([]);
  expect(await read(archive, requestOf, 'onboarding-c-1042')).toBeDefined();
});
