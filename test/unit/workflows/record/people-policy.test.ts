import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accessNews } from '../../../../src/workflows/record/access-policy.js';
import { answerToCbp, closingOnRecord, correctionOnRecord } from '../../../../src/workflows/record/people-policy.js';
import type { Entry } from '../../../../src/workflows/record/record.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, anyMail, BY, decided, received, withEntries } from '../onboarding/records.js';

const OWN = '12-345678900';
const inserted = (all: Entry[], at: number, one: Entry) => all.toSpliced(at % (all.length + 1), 0, one);

describe('what people report', () => {
  test('only a person ends an onboarding, whatever else is on record', () => {
    const endings: [Entry, string][] = [
      [{ at: AT, kind: 'withdraw', withdraw: { actor: 'jo', reason: 'left' } }, 'withdrawn'],
      [decided({ ...BY, decision: 'rejected', verification: 'desk-phoned' }), 'rejected'],
      [decided({ ...BY, decision: 'abandoned' }), 'abandoned'],
      [
        decided({ ...BY, decision: 'already-registered', verification: 'seen-in-ace', next: 'close' }),
        'already-registered',
      ],
    ];
    fc.assert(
      fc.property(
        fc.array(anyMail, { maxLength: 6 }),
        fc.nat(),
        fc.constantFrom(...endings),
        (mails, at, [ending, outcome]) => {
          const entries = inserted(mails.map(received), at, ending);
          expect(closingOnRecord(withEntries(entries, { attemptStartIndex: entries.length }))?.outcome).toBe(outcome);
        },
      ),
    );
  });

  test('a corrected application, a look into ACE and an answer to CBP are found among any emails', () => {
    const application = sampleApplication();
    application.company.legalName = 'Maple Imports Inc.';
    const correct: Entry = { at: AT, kind: 'correct', correct: { actor: 'jo', reason: 'name', application } };
    const grant: Entry = {
      at: AT,
      kind: 'grant',
      grant: { ...BY, importerNumbers: [OWN], role: 'full-access' },
    };
    const answer: Entry = { at: AT, kind: 'message', message: { actor: 'jo', to: 'cbp', text: 'In June.' } };
    fc.assert(
      fc.property(fc.array(anyMail, { maxLength: 6 }), fc.nat(), (mails, at) => {
        const stage = { stage: 'awaiting-correction' } as const;
        const all = mails.map(received);
        expect(correctionOnRecord(withEntries(inserted(all, at, correct), stage))?.actor).toBe('jo');
        expect(accessNews(withEntries(inserted(all, at, grant)))).toMatchObject({ kind: 'looked', at: AT });
        const entries = inserted(all, at, answer);
        const delivered = [entries.indexOf(answer)];
        expect(answerToCbp(withEntries(entries, { delivered }))).toMatchObject({ answered: true });
        // An answer that could not be delivered leaves the turn where it is.
        expect(answerToCbp(withEntries(entries))).toBeUndefined();
      }),
    );
  });

  test('a message to the client does not answer CBP', () => {
    const message: Entry = { at: AT, kind: 'message', message: { actor: 'jo', to: 'client', text: 'We called.' } };
    expect(answerToCbp(withEntries([message]))).toBeUndefined();
  });
});

describe('a revoked power of attorney', () => {
  const because = 'power-of-attorney-revoked' as const;
  const entry: Entry = { at: AT, kind: 'withdraw', withdraw: { actor: 'jo', reason: 'left', because } };

  test('ends the onboarding at once, unless our user may see the client’s data', () => {
    for (const stage of ['preparing', 'submitting', 'awaiting-decision', 'awaiting-correction'] as const)
      expect(closingOnRecord(withEntries([entry], { stage }))?.outcome).toBe('withdrawn');
    const access = { approved: { on: '2026-12-01', by: 'cbp' as const } };
    const granting = withEntries([entry], { stage: 'awaiting-access-grant', access });
    expect(closingOnRecord(granting)).toBeUndefined();
    expect(accessNews(granting)).toMatchObject({ kind: 'revoked', by: 'jo' });
  });

  test('does not keep a person from ending the onboarding otherwise', () => {
    const left: Entry = { at: AT, kind: 'withdraw', withdraw: { actor: 'jo', reason: 'left' } };
    const both = withEntries([entry, left], { stage: 'awaiting-access-grant' });
    expect(closingOnRecord(both)?.outcome).toBe('withdrawn');
  });
});
