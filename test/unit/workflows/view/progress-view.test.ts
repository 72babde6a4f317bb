import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mailCommand } from '../../../../src/cli/mail/mail.js';
import { mailboxCommand } from '../../../../src/cli/mail/mailbox.js';
import { onboardingCommands } from '../../../../src/cli/onboardings/onboardings.js';
import type { Attention, Progress } from '../../../../src/workflows/contract/progress.js';
import { STAGES, WAITING_ON, type WaitingOn } from '../../../../src/workflows/contract/stages.js';
import { checkDecide } from '../../../../src/workflows/onboarding/update-validators.js';
import type { StepAhead } from '../../../../src/workflows/record/escalation-step.js';
import { note, type OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { attentionOf, progressOf } from '../../../../src/workflows/view/progress-view.js';
import { AT, anyMail, mail, received, record, withEntries } from '../onboarding/records.js';

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

const DUE = { at: '2026-12-03T22:00:00.000Z', explanation: '5 business days from Wed Nov 25' };
const step = (deadline: StepAhead['deadline'], description: string): StepAhead => ({ deadline, description });
const SCHEDULE = [step('late', 'operations is notified'), step('overdue', 'the manager is notified')];
const progressIn = (one: OnboardingRecord, steps: StepAhead[] = []) => progressOf(one, steps, 'Maple Imports LLC');
const commands = (progress: Progress) => progress.actions.map(({ command }) => command);

/** A record with each reason for attention, and what must be offered for it. */
const REASONS: Record<Attention, { record: OnboardingRecord; offers: RegExp }> = {
  'application-refused': { record: record({ stage: 'awaiting-correction', submissions: [] }), offers: / correct / },
  'route-unknown': { record: record({ stage: 'awaiting-correction', submissions: [] }), offers: / correct / },
  'importer-number-taken': { record: record({ stage: 'awaiting-correction', submissions: [] }), offers: / withdraw / },
  'web-form': { record: record({ stage: 'submitting', waitingOn: 'broker' }), offers: / settle .* sent / },
  'send-unknown': { record: record({ stage: 'submitting', waitingOn: 'broker' }), offers: / settle .* not-sent / },
  bounced: { record: record({ stage: 'awaiting-access-grant' }), offers: / correct / },
  late: { record: record({ deadlines: { late: DUE } }), offers: / decide .* approved / },
  overdue: { record: record({ deadlines: { overdue: DUE } }), offers: / deadline / },
  'mailbox-unread': { record: record(), offers: / mailbox status/ },
  'mail-to-review': {
    record: withEntries([received(mail('unclear', { mailId: 'b'.repeat(64) }))]),
    offers: / dismiss maple-imports b{64} /,
  },
  'decision-to-confirm': { record: withEntries([received(mail('refused'))]), offers: / decide .* rejected / },
  contradiction: {
    record: withEntries([received(mail('refused')), received(mail('approved'))]),
    offers: / decide .* approved /,
  },
  'approval-mismatch': {
    record: withEntries([received(mail('approved', { importerNumber: '98-765432100' }))]),
    offers: / dismiss /,
  },
  'correction-needed': { record: record({ stage: 'awaiting-correction' }), offers: / correct / },
  'grant-partial': { record: record({ stage: 'awaiting-access-grant' }), offers: / confirm-access / },
  'client-silent': { record: record({ stage: 'awaiting-access-grant' }), offers: / confirm-access / },
  parked: { record: record({ stage: 'awaiting-access-grant' }), offers: / decide .* abandoned / },
};

describe('what a person can paste', () => {
  test.each(['awaiting-correction', 'awaiting-access-grant'] as const)(
    '%s offers to save the application to the file that `correct` then reads',
    (stage) => {
      const offered = commands(progressIn(record({ stage })));
      const [show = '', correct = ''] = offered.filter((command) => command.includes('CORRECTED.json'));
      expect(show).toBe('ace-onboarding show maple-imports --application CORRECTED.json');
      expect(correct).toMatch(/^ace-onboarding correct maple-imports CORRECTED\.json /);
    },
  );

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
      const one = record({ stage, waitingOn, deadlines: { late: DUE, overdue: DUE } });
      const actions = commands(progressIn(one));
      expect(actions.length).toBeGreaterThan(0);
      for (const command of actions) {
        const { name, args, options } = await parsed(command);
        if (name === 'decide') expect(checkDecide({ ...options, decision: args[1] }, one)).toBeUndefined();
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
        for (const command of commands(progressIn(one))) expect(command).toMatch(/^[A-Za-z0-9 ."-]*$/);
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

  test('the first step says what comes next, when and why, and the last step how it ends', () => {
    const progress = progressIn(record({ deadlines: { late: DUE, overdue: DUE } }), SCHEDULE);
    expect(progress).toMatchObject({
      next: 'operations is notified',
      due: { at: DUE.at, explanation: DUE.explanation },
      ifNothing: 'the manager is notified',
    });
  });

  test('without a step ahead, the onboarding says that it waits for someone', () => {
    expect(progressIn(record()).next).toBe('it waits until someone acts');
    expect(progressIn(record({ stage: 'preparing', waitingOn: 'nobody' })).next).toBe('it continues automatically');
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
