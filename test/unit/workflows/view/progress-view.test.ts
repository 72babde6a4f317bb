import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Application } from '../../../../src/application/application.js';
import { mailCommand } from '../../../../src/cli/mail/mail.js';
import { mailboxCommand } from '../../../../src/cli/mail/mailbox.js';
import { onboardingCommands } from '../../../../src/cli/onboardings/onboardings.js';
import type { Attention, Progress } from '../../../../src/workflows/contract/progress.js';
import type { ReceivedMail } from '../../../../src/workflows/contract/received-mail.js';
import { STAGES, WAITING_ON, type WaitingOn } from '../../../../src/workflows/contract/stages.js';
import { checkDecide } from '../../../../src/workflows/messages/update-validators.js';
import { note, type OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { attentionOf } from '../../../../src/workflows/record/task-policy.js';
import { progressOf } from '../../../../src/workflows/view/progress-view.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, anyMail, clock, DUE, mail, received, record, step, withEntries } from '../onboarding/records.js';

/** Parses a command with the real command line, without running it. */
async function parsed(command: string): Promise<{ name: string; args: string[]; options: Record<string, unknown> }> {
  const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  expect(words.shift()).toBe('ace-onboarding');
  const program = new Command().exitOverride();
  for (const one of [...onboardingCommands(), mailCommand(), mailboxCommand()]) program.addCommand(one);
  let called: { name: string; args: string[]; options: Record<string, unknown> } | undefined;
  const listen = (one: Command) => {
    one.exitOverride().configureOutput({ writeErr: () => undefined });
    if (one.commands.length === 0)
      one.action(() => {
        called = { name: one.name(), args: one.args, options: one.opts() };
      });
    one.commands.forEach(listen);
  };
  program.commands.forEach(listen);
  await program.parseAsync(words, { from: 'user' });
  if (!called) throw new Error(`${command} calls nothing.`);
  return called;
}

const progressIn = (one: OnboardingRecord) => progressOf(one, 'Maple Imports LLC');
const commands = (progress: Progress) => progress.actions.map(({ command }) => command);

/** A record with each reason for attention, and what must be offered for it. */
const notSent = () => record({ stage: 'awaiting-correction', submissions: [], clock: clock('task', 'operations') });
const correcting = () => record({ stage: 'awaiting-correction', clock: clock('task', 'operations') });
const byHand = () => record({ stage: 'submitting', waitingOn: 'broker', clock: clock('task', 'operations') });
const granting = (wait: 'sign-in' | 'grant' | 'task' = 'sign-in') =>
  record({ stage: 'awaiting-access-grant', clock: clock(wait, 'weekly') });
const waiting = (one: ReceivedMail) => withEntries([received(one)]);

const REASONS: Record<Attention, { record: OnboardingRecord; offers: RegExp }> = {
  'application-refused': { record: notSent(), offers: / correct / },
  'route-unknown': { record: notSent(), offers: / correct / },
  'importer-number-taken': { record: notSent(), offers: / withdraw / },
  'web-form': { record: byHand(), offers: / settle .* sent / },
  delayed: { record: record({ stage: 'preparing', clock: clock('work', 'delayed') }), offers: / hand-over / },
  'send-unknown': { record: byHand(), offers: / settle .* not-sent / },
  bounced: { record: granting(), offers: / correct / },
  late: { record: record(), offers: / client-says .* mail-came / },
  overdue: { record: record(), offers: / call .* --with cbp / },
  'mailbox-unread': { record: record(), offers: / mailbox status/ },
  'mail-to-review': {
    record: waiting(mail('unclear', { mailId: 'b'.repeat(64) })),
    offers: / dismiss maple-imports b{64} /,
  },
  'decision-to-confirm': { record: waiting(mail('refused')), offers: / decide .* rejected / },
  contradiction: {
    record: withEntries([received(mail('refused')), received(mail('approved'))]),
    offers: / decide .* approved /,
  },
  'approval-mismatch': { record: waiting(mail('approved', { importerNumber: '98-765432100' })), offers: / dismiss / },
  'correction-needed': { record: correcting(), offers: / correct / },
  'form-5106': { record: correcting(), offers: / correct / },
  abi: { record: correcting(), offers: / message .* --to cbp / },
  'look-in-ace': { record: granting('task'), offers: / seen .* --none / },
  'grant-partial': { record: granting(), offers: / seen / },
  'link-dies': { record: granting(), offers: / client-says .* signed-in / },
  'link-expired': { record: granting(), offers: / problem .* link-expired / },
  'lock-soon': { record: granting('grant'), offers: / client-says .* user-added / },
  'user-locked': { record: granting('grant'), offers: / problem .* / },
  'owner-left': { record: granting('task'), offers: / correct / },
  'wrong-top-account': { record: granting(), offers: / seen / },
  'wrong-address': { record: granting(), offers: / seen / },
  'client-silent': { record: granting(), offers: / seen / },
  parked: { record: granting(), offers: / decide .* abandoned / },
  chase: { record: record({ alarms: [step('chase')] }), offers: / call / },
  'refund-deadline': { record: record({ alarms: [step('refund')] }), offers: / call / },
  'remove-our-user': { record: granting('task'), offers: / seen .* --none / },
};

describe('what a person can paste', () => {
  test.each(['awaiting-decision', 'awaiting-correction', 'awaiting-access-grant'] as const)(
    '%s offers to correct a field by its name',
    async (stage) => {
      const corrections = commands(progressIn(record({ stage }))).filter((command) => / correct /.test(command));
      expect(corrections).toHaveLength(1);
      expect((await parsed(corrections[0] ?? '')).name).toBe('correct');
      expect(corrections[0]).toMatch(/^ace-onboarding correct maple-imports --set FIELD="VALUE" /);
    },
  );

  test('once our authority has ended, only a look that shows nothing is offered for the access', () => {
    const one = record({ stage: 'awaiting-access-grant', stageAttention: ['remove-our-user'] });
    const offered = commands(progressIn(one));
    expect(offered.filter((command) => /seen|problem|client-says|decide/.test(command))).toEqual([
      'ace-onboarding seen maple-imports --none --actor YOU --evidence "WHERE"',
    ]);
  });

  test('a sign-in that is on record is not asked about again', () => {
    const access = { approved: { on: '2026-11-25', by: 'cbp' as const } };
    const offers = (more: object) =>
      commands(progressIn(record({ stage: 'awaiting-access-grant', access: { ...access, ...more } })));
    expect(offers({}).join()).toContain('client-says maple-imports signed-in');
    expect(offers({ signedIn: { on: '2026-11-26', by: 'client' } }).join()).not.toContain('signed-in');
  });

  test.each(Object.keys(REASONS) as Attention[])(
    '%s offers a command that resolves it, and the command line accepts it',
    async (why) => {
      const { record: one, offers } = REASONS[why];
      if (!attentionOf(one).includes(why)) one.stageAttention.push(why);
      const progress = progressIn(one);
      expect(progress.attention).toContain(why);
      expect(commands(progress).some((command) => offers.test(command))).toBe(true);
      for (const command of commands(progress)) await parsed(command);
    },
  );

  test('an approval from the back office for another number can be dismissed', () => {
    const approval = { source: 'crm', actor: 'jo', evidence: 'ticket', importerNumber: '98-765432100' };
    const one = withEntries([{ at: AT, kind: 'approval', approval }]);
    expect(progressIn(one).attention).toEqual(['approval-mismatch']);
    expect(commands(progressIn(one))).toContain(
      'ace-onboarding dismiss maple-imports approval --actor YOU --reason "WHY"',
    );
  });

  test('a refusal after the approval can be acted on', () => {
    const one = withEntries([received(mail('refused'))], { stage: 'awaiting-access-grant' });
    expect(progressIn(one).attention).toEqual(['contradiction']);
    expect(commands(progressIn(one)).some((command) => / decide .* rejected /.test(command))).toBe(true);
  });

  const OPEN_STAGES = STAGES.filter((stage) => stage !== 'closed');

  test.each(OPEN_STAGES)('%s always offers an action, and the decisions it offers are accepted', async (stage) => {
    for (const waitingOn of WAITING_ON) {
      const one = record({ stage, waitingOn });
      const actions = commands(progressIn(one));
      expect(actions.length).toBeGreaterThan(0);
      for (const command of actions) {
        const { name, args, options } = await parsed(command);
        const said = { ...options, ...(options.mailedOn ? { mailedOn: '2026-11-25' } : {}) };
        if (name === 'decide') expect(checkDecide({ ...said, decision: args[1] }, one)).toBeUndefined();
      }
    }
  });

  test('a closed onboarding offers nothing and needs no attention', () => {
    const closed = withEntries([received(mail('unclear'))], {
      stage: 'closed',
      outcome: 'withdrawn',
      stageAttention: ['late'],
    });
    expect(progressIn(closed)).toMatchObject({ actions: [], attention: [], outcome: 'withdrawn' });
  });

  test('a signal cannot put a command into what people paste', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('$(reboot)', '`id`', 'x; id', '--json', '"&&id')), (mailId) => {
        const one = withEntries([received(mail('unclear', { mailId }))]);
        for (const command of commands(progressIn(one))) expect(command).toMatch(/^[A-Za-z0-9 .="-]*$/);
      }),
    );
  });
});

describe('whose turn it is', () => {
  test('it is the broker’s while an email waits for review, no matter who else must act', () => {
    for (const waitingOn of ['cbp', 'client', 'nobody'] as WaitingOn[]) {
      const one = withEntries([received(mail('unclear'))], { waitingOn });
      expect(progressIn(one).waitingOn).toBe('broker');
    }
    expect(progressIn(record({ stageAttention: ['late'] })).waitingOn).toBe('cbp');
  });

  test('the first step says what comes next, when, why and who is told, and the last step how it ends', () => {
    const one = record();
    expect(progressIn(one)).toMatchObject({
      wait: 'decision',
      next: 'the handler is told that the decision is late',
      due: { at: DUE, name: 'late', explanation: 'x', brief: 'x', told: 'handler' },
      ifNothing: 'the manager is told again, and again each week',
      escalation: 'handler',
    });
    const alarm = { ...step('refund'), at: '2026-12-01T13:00:00.000Z' };
    expect(progressIn(record({ alarms: [alarm] })).due).toMatchObject({ at: alarm.at, name: 'refund' });
  });

  test('a snooze is shown with who asked for it and why, and moves what is due', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-26T12:00:00Z') });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const snoozed = { until: '2026-12-07T13:00:00.000Z', by: 'jo', why: 'the owner is away' };
    expect(progressIn(record({ snoozed }))).toMatchObject({
      snoozed,
      due: { at: snoozed.until, explanation: 'x; snoozed until then', brief: 'snoozed until then' },
    });
    vi.setSystemTime(new Date(snoozed.until));
    expect(progressIn(record({ snoozed })).snoozed).toBeUndefined();
  });

  test('the contacts, the handler, the refund and how far the client is are part of it', () => {
    const application = { ...sampleApplication(), handler: 'kim', refundDeadline: '2027-03-31' };
    const access = { approved: { on: '2026-11-25', by: 'client' as const } };
    expect(progressIn(record({ application, access }))).toMatchObject({
      accountOwner: { name: 'Bo Park', email: 'bo.park@maple.example', phone: '207-555-0124' },
      ...{ handler: 'kim', refundDeadline: '2027-03-31', importerNumbers: ['12-345678900'], access },
    });
    // An application that has not been checked yet can have anything here.
    const odd = { reference: 'odd', accountOwner: 7, handler: {}, refundDeadline: 5 } as unknown as Application;
    expect(progressIn(record({ application: odd }))).not.toHaveProperty('accountOwner');
    expect(progressIn(record({ application: odd }))).not.toHaveProperty('handler');
  });

  test('a reply dated in the same second as our email is listed after it', () => {
    const answer = mail('acknowledgement', { receivedAt: '2026-11-25T20:03:00.000Z' });
    const sent = { at: '2026-11-25T20:03:00.800Z', direction: 'sent', what: 'application' } as const;
    const what = progressIn(withEntries([received(answer)], { sent: [sent] })).mails.map((line) => line.what);
    expect(what).toEqual(['application', 'acknowledgement']);
  });

  test('sent and received emails are listed in the order of their times', () => {
    fc.assert(
      fc.property(fc.array(anyMail, { maxLength: 6 }), (mails) => {
        const one = withEntries(mails.map(received), { sent: [{ at: AT, direction: 'sent', what: 'application' }] });
        const instants = progressIn(one).mails.map(({ at }) => at);
        expect(instants).toEqual([...instants].sort());
        expect(instants).toHaveLength(mails.length + 1);
      }),
    );
  });
});

describe('however much arrives', () => {
  const LONG = 'é'.repeat(4_000);
  const many = (count: number, text: string) =>
    progressIn(
      withEntries(
        Array.from({ length: count }, (_, index) =>
          received(mail('unclear', { mailId: `mail-${index}`, subject: text, excerpt: text })),
        ),
        {
          notes: Array.from({ length: count }, (_, index) => ({ at: AT, by: 'jo', text: `${index} ${text}` })),
          documents: Array.from({ length: count }, (_, index) => ({ what: `form, attempt ${index}`, sha256: 'a' })),
          wanted: text.repeat(100),
        },
      ),
    );

  test.each([500, 5_000])('%i notes and emails of the maximum length leave the answer far below the limit', (count) => {
    const progress = many(count, LONG);
    expect(Buffer.byteLength(JSON.stringify(progress))).toBeLessThan(500_000);
    expect(progress.notes.at(-1)?.text).toMatch(`${count - 1} é`);
    expect(progress.mails.at(-1)?.mailId).toBe(`mail-${count - 1}`);
    const { mails, notes, documents } = progress;
    expect(progress.earlier).toEqual({
      mails: count - mails.length,
      notes: count - notes.length,
      documents: count - documents.length,
    });
  });

  test('a typical number is listed in full', () => {
    const progress = many(100, 'a short note');
    expect(progress.earlier).toBeUndefined();
    expect(progress.notes).toHaveLength(100);
    expect(progress.mails).toHaveLength(100);
  });

  test('notes and emails that are no longer kept are counted', () => {
    const one = record();
    for (let index = 0; index < 1_200; index++) note(one, { at: AT, by: 'jo', text: `note ${index}` });
    expect(one.notes).toHaveLength(1_000);
    const progress = progressIn({ ...one, mailsDropped: 7 });
    expect(progress.notes.at(-1)?.text).toBe('note 1199');
    expect(progress.earlier).toMatchObject({ mails: 7, notes: 1_200 - progress.notes.length });
  });
});
