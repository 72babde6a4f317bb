import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mailCommand } from '../../../../src/cli/mail/mail.js';
import { mailboxCommand } from '../../../../src/cli/mail/mailbox.js';
import { onboardingCommands } from '../../../../src/cli/onboardings/onboardings.js';
import type { Attention, Progress } from '../../../../src/workflows/contract/progress.js';
import { STAGES, WAITING_ON, type WaitingOn } from '../../../../src/workflows/contract/stages.js';
import { checkDecide } from '../../../../src/workflows/onboarding/validators.js';
import type { StepAhead } from '../../../../src/workflows/record/escalation-step.js';
import { note, type OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { attentionOf, progressOf } from '../../../../src/workflows/view/progress-view.js';
import { AT, anyMail, mail, received, record, withEntries } from '../onboarding/records.js';

/** Reads a command as the real command line does, and does nothing. */
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
const step = (deadline: StepAhead['deadline'], say: string): StepAhead => ({ deadline, say });
const LADDER = [step('late', 'operations are told'), step('overdue', 'the manager is told')];
const progressIn = (one: OnboardingRecord, steps: StepAhead[] = []) => progressOf(one, steps, 'Maple Imports LLC');
const commands = (progress: Progress) => progress.actions.map(({ command }) => command);

/** Where each reason comes up, how it comes about, and what must be offered then. */
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
    '%s offers the application in the file that correct then takes',
    (stage) => {
      const offered = commands(progressIn(record({ stage })));
      const [show = '', correct = ''] = offered.filter((command) => command.includes('CORRECTED.json'));
      expect(show).toBe('ace-onboarding show maple-imports --application CORRECTED.json');
      expect(correct).toMatch(/^ace-onboarding correct maple-imports CORRECTED\.json /);
    },
  );

  test.each(Object.keys(REASONS) as Attention[])(
    '%s offers what settles it, and the command line takes it',
    async (why) => {
      const { record: one, offers } = REASONS[why];
      if (!attentionOf(one).includes(why)) one.raised.push(why);
      const progress = progressIn(one);
      expect(progress.attention).toContain(why);
      expect(commands(progress).some((command) => offers.test(command))).toBe(true);
      for (const command of commands(progress)) await parsed(command);
    },
  );

  test('an approval of another number that the back office sent can be put away', () => {
    const approval = { source: 'crm', actor: 'jo', evidence: 'ticket', importerNumber: '98-765432100' };
    const one = withEntries([{ at: AT, kind: 'approval', approval }]);
    expect(progressIn(one).attention).toEqual(['approval-mismatch']);
    expect(commands(progressIn(one))).toContain(
      'ace-onboarding dismiss maple-imports approval --actor YOU --reason "WHY"',
    );
  });

  test('a refusal after the approval can be followed', () => {
    const one = withEntries([received(mail('refused'))], { stage: 'awaiting-access-grant' });
    expect(progressIn(one).attention).toEqual(['contradiction']);
    expect(commands(progressIn(one)).some((command) => / decide .* rejected /.test(command))).toBe(true);
  });

  const OPEN_STAGES = STAGES.filter((stage) => stage !== 'closed');

  test.each(OPEN_STAGES)(
    '%s offers something to whoever it waits on, and its decisions are accepted there',
    async (stage) => {
      for (const waitingOn of WAITING_ON) {
        const one = record({ stage, waitingOn, deadlines: { late: DUE, overdue: DUE } });
        const actions = commands(progressIn(one));
        expect(actions.length).toBeGreaterThan(0);
        for (const command of actions) {
          const { name, args, options } = await parsed(command);
          if (name === 'decide') expect(checkDecide({ ...options, decision: args[1] }, one)).toBeUndefined();
        }
      }
    },
  );

  test('a closed onboarding offers nothing and asks for nobody', () => {
    const closed = withEntries([received(mail('unclear'))], {
      stage: 'closed',
      outcome: 'withdrawn',
      raised: ['late'],
    });
    expect(progressIn(closed)).toMatchObject({ actions: [], attention: [], outcome: 'withdrawn' });
  });

  test('no sender of a signal can write a command for others to paste', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom('$(reboot)', '`id`', 'x; id', '--json', '"&&id')), (mailId) => {
        const one = withEntries([received(mail('unclear', { mailId }))]);
        for (const command of commands(progressIn(one))) expect(command).toMatch(/^[A-Za-z0-9 ."-]*$/);
      }),
    );
  });
});

describe('whose turn it is', () => {
  test('while a mail waits to be judged it is the broker’s, whoever else is awaited', () => {
    for (const waitingOn of ['cbp', 'client', 'nobody'] as WaitingOn[]) {
      const one = withEntries([received(mail('unclear'))], { waitingOn });
      expect(progressIn(one).waitingOn).toBe('broker');
    }
    expect(progressIn(record({ raised: ['late'] })).waitingOn).toBe('cbp');
  });

  test('what comes next, when and why is the first step, and where it ends the last', () => {
    const progress = progressIn(record({ deadlines: { late: DUE, overdue: DUE } }), LADDER);
    expect(progress).toMatchObject({
      next: 'operations are told',
      due: { at: DUE.at, explanation: DUE.explanation },
      ifNothing: 'the manager is told',
    });
  });

  test('without a step it waits for a person, and says so', () => {
    expect(progressIn(record()).next).toBe('it waits until a person acts');
    expect(progressIn(record({ stage: 'preparing', waitingOn: 'nobody' })).next).toBe('it goes on by itself');
  });

  test('an answer dated in the second in which we wrote stands behind what it answers', () => {
    const answer = mail('acknowledgement', { receivedAt: '2026-11-25T20:03:00.000Z' });
    const sent = { at: '2026-11-25T20:03:00.800Z', direction: 'sent', what: 'application' } as const;
    const what = progressIn(withEntries([received(answer)], { sent: [sent] })).mails.map((line) => line.what);
    expect(what).toEqual(['application', 'acknowledgement']);
  });

  test('mails stand in the order of their instants, ours and theirs', () => {
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

describe('however much came in', () => {
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

  test.each([500, 5_000])('%i notes and emails of the greatest length fit into an answer many times over', (count) => {
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

  test('what is usual is listed whole', () => {
    const progress = many(100, 'a short note');
    expect(progress.earlier).toBeUndefined();
    expect(progress.notes).toHaveLength(100);
    expect(progress.mails).toHaveLength(100);
  });

  test('what is no longer kept is counted', () => {
    const one = record();
    for (let index = 0; index < 1_200; index++) note(one, { at: AT, by: 'jo', text: `note ${index}` });
    expect(one.notes).toHaveLength(1_000);
    const progress = progressIn({ ...one, mailsDropped: 7 });
    expect(progress.notes.at(-1)?.text).toBe('note 1199');
    expect(progress.earlier).toMatchObject({ mails: 7, notes: 1_200 - progress.notes.length });
  });
});
