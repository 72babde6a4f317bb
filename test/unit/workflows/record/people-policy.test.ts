import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  closingOnRecord,
  correctionOnRecord,
  grantOnRecord,
  missingAccess,
} from '../../../../src/workflows/record/people-policy.js';
import type { Entry } from '../../../../src/workflows/record/record.js';
import { sampleApplication } from '../../application/sample.js';
import { AT, anyMail, BY, decided, received, record, withEntries } from '../onboarding/records.js';

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

  test('a corrected application and an access report are found among any emails', () => {
    const correct: Entry = {
      at: AT,
      kind: 'correct',
      correct: { actor: 'jo', reason: 'name', application: sampleApplication() },
    };
    const grant: Entry = {
      at: AT,
      kind: 'grant',
      grant: { ...BY, importerNumbers: [OWN], role: 'full-access' },
    };
    fc.assert(
      fc.property(fc.array(anyMail, { maxLength: 6 }), fc.nat(), (mails, at) => {
        expect(correctionOnRecord(withEntries(inserted(mails.map(received), at, correct)))?.actor).toBe('jo');
        expect(grantOnRecord(withEntries(inserted(mails.map(received), at, grant)))?.role).toBe('full-access');
      }),
    );
  });
});

describe('the access grant', () => {
  test('is missing exactly the numbers that ACE does not show, in any notation', () => {
    const numbers = ['12-345678900', '98-7654321A1', '261234-56789'];
    const application = {
      ...sampleApplication(),
      importerNumber: '12-345678900',
      furtherImporterNumbers: numbers.slice(1),
    };
    fc.assert(
      fc.property(fc.subarray(numbers), fc.boolean(), (seen, lower) => {
        const importerNumbers = seen.map((one) => (lower ? one.replaceAll('-', '').toLowerCase() : one));
        const missing = missingAccess(record({ application }), { ...BY, importerNumbers, role: 'full-access' });
        expect(missing).toEqual({ numbers: numbers.filter((one) => !seen.includes(one)), role: false });
      }),
    );
    expect(missingAccess(record(), { ...BY, importerNumbers: [OWN], role: 'read-only' }).role).toBe(true);
  });
});
