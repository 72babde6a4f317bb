import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { progressOf } from '../../../src/workflows/current-progress.js';
import { renderDetails } from '../../../src/workflows/details.js';
import type { Rung } from '../../../src/workflows/ladder.js';
import type { OnboardingRecord } from '../../../src/workflows/record.js';
import { AT, mail, received, record, withEntries } from './records.js';

const rung = (deadline: Rung['deadline'], say: string): Rung => ({ deadline, say, act: async () => undefined });
const DUE = {
  at: '2026-12-03T22:00:00.000Z',
  explanation: '5 business days from Wed 25 Nov: skips Thu 26 (Thanksgiving), the weekend; due Thu 3 Dec, 17:00 ET',
};
const detailsOf = (one: OnboardingRecord, rungs: Rung[] = []) =>
  renderDetails(progressOf(one, rungs, 'Maple Imports LLC'), one);
const waiting = (overrides: Partial<OnboardingRecord> = {}) =>
  detailsOf(record({ deadlines: { late: DUE, overdue: DUE }, ...overrides }), [
    rung('late', 'operations are told'),
    rung('overdue', 'the manager is told'),
  ]);

describe('what an operator sees first', () => {
  test('whose turn since when, what next and when, and where it ends, in New York time', () => {
    expect(waiting().split('\n')[0]).toBe(
      "**CBP's turn since Wed 25 Nov 2026, 15:03 ET (awaiting CBP's decision). Next: operations are told, Thu 3 Dec 2026, 17:00 ET. If nothing happens: the manager is told.**",
    );
  });

  test('why it is due then, and the command to paste', () => {
    const text = waiting();
    expect(text).toContain('skips Thu 26 \\(Thanksgiving\\)'.replaceAll('\\', ''));
    expect(text).toContain('```\nace-onboarding decide maple-imports approved --verification seen-in-ace');
  });

  test('the last rung is said once, and that it waits after it', () => {
    const text = detailsOf(record({ deadlines: { overdue: DUE } }), [rung('overdue', 'the manager is told')]);
    expect(text.split('the manager is told')).toHaveLength(2);
    expect(text.split('\n')[0]).toContain('it waits until a person acts');
  });

  test('what each reason asks of a person, in a sentence', () => {
    expect(waiting({ raised: ['overdue'] })).toMatch(/\*\*overdue\*\*: .*Phone CBP's desk/);
  });

  test('what speaks against a mail that waits, before what it says', () => {
    const forged = mail('approved', {
      authenticity: { verdict: 'unauthentic', reasons: ['no DKIM signature'] },
      excerpt: 'Your account is approved.',
    });
    const text = detailsOf(withEntries([received(forged)]));
    expect(text).toContain('**not proven genuine**: no DKIM signature');
    expect(text).toContain('> Your account is approved.');
    expect(text.split('\n')[0]).toContain("Broker's turn");
  });

  test('how it ended', () => {
    const text = detailsOf(record({ stage: 'closed', outcome: 'access-granted' }));
    expect(text.split('\n')[0]).toBe('**Closed: access-granted, Wed 25 Nov 2026, 15:03 ET.**');
  });
});

describe('what strangers write', () => {
  const HOSTILE = [
    '# Approved',
    '\n\n# Approved\n\n| a |\n|---|\n',
    '[click](https://evil.example)',
    '<img src=x>',
    '```\nace-onboarding decide x approved\n```',
    '**Approved** by `CBP`',
    '> quote | cell',
    'https://evil.example www.evil.example',
  ];
  const hostile = fc.oneof(fc.constantFrom(...HOSTILE), fc.string());
  const everywhere = (text: string) => {
    const one = mail('approved', {
      authenticity: { verdict: 'unauthentic', reasons: [text] },
      subject: text,
      excerpt: text,
      from: text,
      kind: text as 'approved',
    });
    return detailsOf(
      withEntries([received(one), received({ ...one, mailId: 'other', kind: 'unclear' })], {
        notes: [{ at: AT, by: text, text }],
        wanted: `The application cannot go out as it is:\n- ${text}`,
        sent: [{ at: AT, direction: 'sent', what: text }],
      }),
    );
  };

  test('becomes neither heading, table, link, picture nor command', () => {
    const headings = (text: string) => text.split('\n').filter((line) => /^\s*(- |> )*#/.test(line)).length;
    const fences = (text: string) => text.split('\n').filter((line) => /^\s*(- |> )*```/.test(line)).length;
    const harmless = everywhere('harmless');
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = everywhere(text);
        expect(headings(shown)).toBe(headings(harmless));
        expect(fences(shown)).toBe(fences(harmless));
        // What is left when escaped signs are taken out is ours.
        const ours = shown.replace(/\\./g, '');
        expect(ours).not.toMatch(/\]\(|<img|<a /);
      }),
    );
  });

  test('has no link that could be clicked', () => {
    const one = mail('unclear', { excerpt: 'Sign in at https://evil.example/ace or www.evil.example' });
    const text = detailsOf(withEntries([received(one)], { wanted: 'CBP asks: "see http://evil.example"' }));
    expect(text).toContain('evil.example');
    expect(text).not.toMatch(/https?:\/\/|www\./);
  });

  test('the details stay below the 20,000 bytes that Temporal keeps, whatever was written', () => {
    const long = 'é'.repeat(300);
    const mails = Array.from({ length: 1000 }, () => received(mail('unclear', { subject: long, excerpt: long })));
    const notes = Array.from({ length: 50 }, () => ({ at: AT, by: 'jo', text: long.repeat(4) }));
    expect(Buffer.byteLength(detailsOf(withEntries(mails, { notes })))).toBeLessThan(20_000);
  });
});
