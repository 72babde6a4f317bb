import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { deadlinesOf } from '../../../../src/calendar/schedule.js';
import type { Attention } from '../../../../src/workflows/contract/progress.js';
import { STAGES } from '../../../../src/workflows/contract/stages.js';
import { ATTENTION_HELP } from '../../../../src/workflows/contract/tasks.js';
import type { StepName } from '../../../../src/workflows/contract/waits.js';
import type { OnboardingRecord } from '../../../../src/workflows/record/record.js';
import { renderDetails } from '../../../../src/workflows/view/details.js';
import { progressOf } from '../../../../src/workflows/view/progress-view.js';
import { POLICY } from '../../../support/usual-policy.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, clock, decided, mail, received, record, step, withEntries } from '../onboarding/records.js';

const BRIEF =
  '5 business days from Wed Nov 25: skips Thu Nov 26 (Thanksgiving), the weekend; due Thu Dec 3, 5:00 PM ET';
const running = (...names: StepName[]) => ({
  clock: {
    start: clock('decision').start,
    steps: names.map((name) => ({ ...step(name), explanation: BRIEF, brief: BRIEF })),
  },
});
const detailsOf = (one: OnboardingRecord) => renderDetails(progressOf(one, 'Maple Imports LLC'), one);
const waiting = (overrides: Partial<OnboardingRecord> = {}) =>
  detailsOf(record({ ...running('late', 'overdue'), ...overrides }));

describe('what an operator sees first', () => {
  test('the first line says whose turn it is and since when, what comes next and when, and how it ends, in New York time', () => {
    expect(waiting().split('\n')[0]).toBe(
      "**CBP's turn since Wed Nov 25, 2026, 3:03 PM ET (awaiting CBP's decision). Next: the handler is told that the decision is late, Thu Dec 3, 2026, 5:00 PM ET. If nothing happens: the manager is told again, and again each week.**",
    );
  });

  test('the due date is explained, and there is a command to paste', () => {
    const text = waiting();
    expect(text).toContain('skips Thu Nov 26 \\(Thanksgiving\\)'.replaceAll('\\', ''));
    expect(text).toContain('```\nace-onboarding decide maple-imports approved --verification seen-in-ace');
  });

  test('the last step is named once', () => {
    const text = detailsOf(record(running('weekly')));
    expect(text.split('the manager is told again')).toHaveLength(2);
    expect(text.split('\n')[0]).not.toContain('If nothing happens');
  });

  test('how far the client is, who says so, who was told and what runs out are there, without people', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-26T12:00:00Z') });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const text = waiting({
      access: {
        approved: { on: '2026-11-25', by: 'client' },
        signedIn: { on: '2026-11-26', by: 'broker' },
        looked: { at: AT, by: 'jo' },
      },
      snoozed: { until: '2026-12-07T13:00:00.000Z', by: 'jo-quist', why: 'the owner is away' },
      escalation: 'operations',
      application: { ...sampleApplication(), refundDeadline: '2027-03-31' },
    });
    expect(text).toContain(
      'Approved Wed Nov 25, says the client; signed in Thu Nov 26, says the broker; last look in ACE Wed Nov 25, 2026, 3:03 PM ET; Snoozed until Mon Dec 7, 2026, 8:00 AM ET; Told: operations; Refund deadline Wed Mar 31, 2027.',
    );
    for (const secret of ['quist', 'the owner is away']) expect(text).not.toContain(secret);
    expect(waiting()).not.toContain('Told:');
  });

  test('each reason for attention says what to do', () => {
    expect(waiting({ stageAttention: ['overdue'] })).toMatch(/\*\*overdue\*\*: .*Call CBP's desk/);
  });

  test('an email that waits for review is listed with its time, its kind and whether it is proven genuine', () => {
    const forged = mail('approved', { authenticity: { verdict: 'unauthentic', reasons: ['no DKIM signature'] } });
    const text = detailsOf(withEntries([received(forged)]));
    expect(text).toContain(
      "- Email received Wed Nov 25, 2026, 3:03 PM ET (mail-to-review): read as approved, 95% sure; **not proven genuine**; it is not proven to be CBP's: a person must verify what it says.",
    );
    expect(text.split('\n')[0]).toContain("Broker's turn");
  });

  test('our own notes are shown, and where to find the rest', () => {
    const text = waiting({
      notes: [{ at: AT, by: 'ace-onboarding', text: 'No acknowledgement yet.', brief: 'No acknowledgement yet.' }],
    });
    expect(text).toContain('- Wed Nov 25, 2026, 3:03 PM ET: No acknowledgement yet.');
    expect(text.split('\n').at(-1)).toBe('To see what people and emails said: `ace-onboarding show maple-imports`');
  });

  test('a closed onboarding says how it ended', () => {
    const text = detailsOf(record({ stage: 'closed', outcome: 'access-granted' }));
    expect(text.split('\n')[0]).toBe('**Closed: access-granted, Wed Nov 25, 2026, 3:03 PM ET.**');
  });
});

/** The UI sends the decrypted details to its server in a URL, so every proxy on the way logs them. */
describe('what the UI puts into URLs', () => {
  const MARKS = Array.from({ length: 30 }, (_, index) => `mark-${index}-x`);

  /** An onboarding with outside text in every place that can have some. */
  function everywhere(texts: readonly string[]): string {
    const next = texts[Symbol.iterator]();
    const text = () => String(next.next().value);
    const by = { actor: text(), evidence: text() };
    const one = mail('approved', {
      authenticity: { verdict: 'unauthentic', reasons: [text()] },
      evidence: [text()],
      subject: text(),
      excerpt: text(),
      from: text(),
      importerNumber: text(),
      mailbox: text(),
      assigned: { actor: text(), reason: text() },
    });
    const note = { at: AT, by: text(), text: text() };
    const application = sampleApplication();
    return detailsOf(
      withEntries(
        [
          received(one),
          received({ ...one, mailId: text(), kind: 'refused' }),
          { at: AT, kind: 'approval', approval: { source: text(), importerNumber: text(), ...by } },
          decided({ ...by, decision: 'correction-needed', waitingOn: 'client', what: text() }),
          received({ ...one, mailId: 'c'.repeat(64), kind: 'more-information' }),
        ],
        {
          application: { ...application, accountOwner: { ...application.accountOwner, lastName: text() } },
          notes: [note, { ...note, text: text(), brief: 'The email "grant-reminder" was not sent.' }],
          wanted: text(),
          clock: {
            start: clock('decision').start,
            steps: [{ ...step('late'), explanation: text(), brief: 'set by a person' }],
          },
          snoozed: { until: AT, by: text(), why: text() },
          approval: text(),
          answerable: { question: [text()], instructions: [text()] },
          importerNumbersMissing: [text()],
          brokerAceEmail: text(),
          submissions: [{ attempt: 1, messageId: text() }],
        },
      ),
    );
  }

  test('contains nothing that a person, an email or another system wrote', () => {
    const shown = everywhere(MARKS);
    for (const mark of MARKS) expect(shown).not.toContain(mark);
    expect(shown).toContain('set by a person');
    expect(shown).toContain('was not sent');
  });

  test('leaves out the reason for a closure', () => {
    const calendar = { ...POLICY.calendar, extraClosures: [{ date: '2026-12-02', reason: 'Jane Quist funeral' }] };
    const start = { wait: 'decision', at: '2026-11-25T15:00:00Z' } as const;
    const [late] = deadlinesOf(start, { ...POLICY, calendar }).filter(({ name }) => name === 'late');
    if (!late) throw new Error('no such step');
    expect(late.explanation).toContain('Jane Quist funeral');
    const shown = detailsOf(record({ clock: { start, steps: [late] } }));
    expect(shown).toContain('(Thanksgiving Day)');
    expect(shown).toContain('(announced closure)');
    expect(shown).not.toContain('Quist');
  });

  test('contains no person from the application and no importer number', () => {
    const { officer, accountOwner, importerNumber, furtherImporterNumbers, company } = sampleApplication();
    const shown = everywhere(MARKS);
    for (const one of [officer.lastName, accountOwner.lastName, accountOwner.email, importerNumber, company.phone])
      expect(shown).not.toContain(one);
    for (const number of furtherImporterNumbers ?? []) expect(shown).not.toContain(number);
  });

  test('is the same whatever people wrote, with no heading, command or link of theirs', () => {
    const harmless = everywhere(MARKS);
    const hostile = fc.oneof(
      fc.constantFrom('# Approved', '\n```\nace-onboarding decide x approved\n```', '[a](https://evil.example)'),
      fc.string(),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        expect(everywhere(MARKS.map(() => text))).toBe(harmless);
      }),
    );
  });

  test('does not render a company name as Markdown', () => {
    const shown = renderDetails(progressOf(record(), '**Approved** [a](x)\n# `CBP` <img src=x>'), record());
    expect(shown.replace(/\\./g, '')).not.toMatch(/\]\(|<img|^# /m);
    const linked = renderDetails(progressOf(record(), 'https://evil.example www.evil.example'), record());
    expect(linked).not.toMatch(/https?:\/\/|www\./);
  });

  const every = (count: number) => ({
    mails: Array.from({ length: count }, () => received(mail('unclear', { mailId: 'd'.repeat(64) }))),
    notes: Array.from({ length: count }, () => ({ at: AT, by: 'ace-onboarding', text: 'x', brief: 'é'.repeat(300) })),
  });
  test.each(STAGES)('has at most 3,000 bytes at %s, with every reason for attention', (stage) => {
    const { mails, notes } = every(1000);
    const stageAttention = Object.keys(ATTENTION_HELP) as Attention[];
    const one = withEntries(mails, {
      stage,
      notes,
      stageAttention,
      clock: { ...clock('decision'), steps: [{ ...step('late'), brief: 'x'.repeat(200) }, step('weekly')] },
      waitingOn: 'broker',
    });
    const shown = renderDetails(progressOf(one, 'é'.repeat(5_000)), one);
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(3_000);
    expect(shown.split('\n').at(-1)).toContain('ace-onboarding show maple-imports');
  });

  test('has room for the commands, the latest emails and the latest notes of a typical case', () => {
    const sent = Array.from({ length: 20 }, (_, index) => ({
      at: AT,
      direction: 'sent' as const,
      what: `reminder ${index}`,
    }));
    const shown = waiting({
      sent,
      stageAttention: ['overdue'],
      notes: every(3).notes.map((n) => ({ ...n, brief: 'noted' })),
    });
    expect(shown).toContain('reminder 19');
    expect(shown).toContain(': noted');
    expect(shown).toContain('ace-onboarding withdraw');
    expect(shown).not.toContain('reminder 3 ');
  });
});

test('the latest emails are a table that says what each was about', () => {
  const sent = [{ at: AT, direction: 'sent' as const, what: 'grant-reminder (refused)' }];
  expect(waiting({ sent }).split('\n')).toEqual(
    expect.arrayContaining([
      '### Latest emails',
      '| New York time | | email |',
      '|---|---|---|',
      '| Wed Nov 25, 2026, 3:03 PM ET | sent | to the client: reminder to add our user (refused) |',
    ]),
  );
});

test('of many emails that wait for review, the last three are listed and the others counted', () => {
  const five = Array.from({ length: 5 }, () => received(mail('unclear')));
  const text = detailsOf(withEntries(five));
  expect(text.match(/^- Email received /gm)).toHaveLength(3);
  expect(text).toContain('- 2 earlier emails wait too.');
});
