import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDecisionKind, type ReceivedMail } from '../../../../src/workflows/contract/received-mail.js';
import {
  acknowledgementOnRecord,
  announcedBusinessDays,
  approvalOnRecord,
  closingOnRecord,
  correctionOnRecord,
  decisionOnRecord,
  fateOfSubmission,
  grantOnRecord,
  mailsForPeople,
  mismatchedApprovals,
  missingAccess,
} from '../../../../src/workflows/record/policy.js';
import { type Entry, recordMail } from '../../../../src/workflows/record/record.js';
import { sampleApplication } from '../../application/sample.js';
import {
  AT,
  anyMail,
  BY,
  decided,
  mail,
  notBelieved,
  received,
  record,
  SUBMISSION,
  withEntries,
} from '../onboarding/records.js';

const OWN = '12-345678900';
const CORRECTIONS = ['more-information', 'not-on-file', 'use-web-form', 'bounce'];

/** Two orders of the same entries. */
const twoOrders = <T>(items: fc.Arbitrary<T[]>) =>
  items.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
  );
const inserted = (all: Entry[], at: number, one: Entry) => all.toSpliced(at % (all.length + 1), 0, one);
const approval = (importerNumber: string): Entry => ({
  at: AT,
  kind: 'approval',
  approval: { source: 'crm', actor: 'bot', evidence: 'ticket', importerNumber },
});

describe('what comes in any order', () => {
  test('an approval answers wherever it stands among mail that is not believed', () => {
    fc.assert(
      fc.property(fc.array(notBelieved, { maxLength: 8 }), fc.nat(), (others, at) => {
        const entries = inserted(others.map(received), at, received(mail('approved')));
        expect(decisionOnRecord(withEntries(entries))?.kind).toBe('approved');
        expect(approvalOnRecord(withEntries(entries))?.kind).toBe('approved');
      }),
    );
  });

  test('mail that asks for no correction decides the same in every order', () => {
    const uncorrecting = fc.array(
      anyMail.filter((one) => !CORRECTIONS.includes(one.kind)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(twoOrders(uncorrecting), ([one, other]) => {
        const [first, second] = [one, other].map((mails) => withEntries(mails.map(received)));
        if (!first || !second) throw new Error('two records');
        expect(decisionOnRecord(first)?.kind).toBe(decisionOnRecord(second)?.kind);
        expect(acknowledgementOnRecord(first)).toBe(acknowledgementOnRecord(second));
        expect(fateOfSubmission(first, SUBMISSION)?.kind).toBe(fateOfSubmission(second, SUBMISSION)?.kind);
        const tasks = (of: typeof first) =>
          mailsForPeople(of)
            .map((task) => `${task.mail.mailId} ${task.why}`)
            .sort();
        expect(tasks(first)).toEqual(tasks(second));
      }),
    );
  });

  test('an approval and a refusal contradict one another, whichever came first', () => {
    for (const kinds of [
      ['approved', 'refused'],
      ['refused', 'approved'],
      ['already-registered', 'approved'],
    ] as const) {
      const both = withEntries(kinds.map((kind) => received(mail(kind))));
      expect(decisionOnRecord(both)).toBeUndefined();
      expect(mailsForPeople(both).map(({ why }) => why)).toContain('contradiction');
    }
  });

  test('the same mail any number of times counts once', () => {
    fc.assert(
      fc.property(fc.array(anyMail, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (mails, again) => {
        const once = record();
        for (const one of mails) recordMail(once, one, AT);
        const often = record();
        for (const one of mails) recordMail(often, one, AT);
        for (const index of again) {
          const one = mails[index % Math.max(1, mails.length)];
          if (one) expect(recordMail(often, one, AT)).toBe(false);
        }
        expect(often).toEqual(once);
      }),
    );
  });

  test('a decision that comes before the acknowledgement makes it superfluous; mail that decides nothing does not', () => {
    for (const kind of ['approved', 'more-information', 'refused'] as const) {
      const early = [received(mail(kind))];
      expect(acknowledgementOnRecord(withEntries(early)), kind).toBe(
        decisionOnRecord(withEntries(early)) && 'overtaken',
      );
      const late = [...early, received(mail('acknowledgement'))];
      expect(acknowledgementOnRecord(withEntries(late)), kind).toBe('acknowledged');
    }
    expect(acknowledgementOnRecord(withEntries([received(mail('approved'))]))).toBe('overtaken');
    expect(acknowledgementOnRecord(withEntries([received(mail('out-of-office'))]))).toBeUndefined();
  });

  test('what was taken up answers nothing any more', () => {
    const entries = [received(mail('more-information')), received(mail('acknowledgement'))];
    expect(decisionOnRecord(withEntries(entries))?.entry).toBe(0);
    expect(decisionOnRecord(withEntries(entries, { attemptStartIndex: 1 }))).toBeUndefined();
  });
});

describe('nobody is believed for a From line', () => {
  test('mail that is unauthentic, unclear, to the client’s alias or of another number never answers, and waits for a person', () => {
    fc.assert(
      fc.property(fc.array(notBelieved, { maxLength: 8 }), (mails) => {
        const all = withEntries(mails.map(received));
        expect(decisionOnRecord(all)).toBeUndefined();
        expect(approvalOnRecord(all)).toBeUndefined();
        const waiting = new Set(mailsForPeople(all).map((task) => task.mail.mailId));
        for (const one of mails.filter(({ kind }) => isDecisionKind(kind))) expect(waiting).toContain(one.mailId);
      }),
    );
  });

  test('no mail whatever decides before anything was submitted, and none closes a case', () => {
    fc.assert(
      fc.property(fc.array(anyMail, { maxLength: 8 }), (mails) => {
        const entries = mails.map(received);
        expect(decisionOnRecord(withEntries(entries, { submissions: [] }))).toBeUndefined();
        expect(closingOnRecord(withEntries(entries))).toBeUndefined();
        expect(['approved', 'correction', undefined]).toContain(decisionOnRecord(withEntries(entries))?.kind);
      }),
    );
  });

  test('an acknowledgement that is not authentic is none, and announces nothing', () => {
    const forged: Partial<ReceivedMail> = { authenticity: { verdict: 'unauthentic', reasons: ['no signature'] } };
    for (const overrides of [forged, { alias: 'client' as const }]) {
      const all = withEntries([received(mail('acknowledgement', { ...overrides, responseBusinessDays: 90 }))]);
      expect(acknowledgementOnRecord(all)).toBeUndefined();
      expect(announcedBusinessDays(all)).toBeUndefined();
    }
  });

  test('an acknowledgement from the client’s alias is none', () => {
    const fromClient = withEntries([received(mail('acknowledgement', { alias: 'client', responseBusinessDays: 10 }))]);
    expect(acknowledgementOnRecord(fromClient)).toBeUndefined();
    expect(announcedBusinessDays(fromClient)).toBeUndefined();
  });

  test('an acknowledgement of an earlier attempt acknowledges no later one', () => {
    const [before, now] = ['before@broker.example', 'now@broker.example'];
    const submissions = [
      { attempt: 1, messageId: before },
      { attempt: 2, messageId: now },
    ];
    const of = (aboutMessageId: string) =>
      withEntries([received(mail('acknowledgement', { aboutMessageId, responseBusinessDays: 10 }))], { submissions });
    expect(acknowledgementOnRecord(of(before))).toBeUndefined();
    expect(announcedBusinessDays(of(before))).toBeUndefined();
    expect(acknowledgementOnRecord(of(now))).toBe('acknowledged');
  });

  test('what CBP provably said of an earlier attempt asks for nothing any more; what is doubtful still does', () => {
    const doubtful = mail('refused', { authenticity: { verdict: 'unauthentic', reasons: ['forged'] } });
    const entries = [received(mail('refused')), received(doubtful)];
    expect(mailsForPeople(withEntries(entries, { attemptStartIndex: 2 })).map((task) => task.mail)).toEqual([doubtful]);
  });

  test('who a person said a mail belongs to makes it no more genuine', () => {
    const assigned = mail('approved', {
      authenticity: { verdict: 'unauthentic', reasons: ['DMARC fails'] },
      assigned: { actor: 'jo', reason: 'names our client' },
    });
    expect(decisionOnRecord(withEntries([received(assigned)]))).toBeUndefined();
  });

  test('a dismissed mail, and one before a person’s decision, waits no more', () => {
    const forged = mail('approved', { confidence: 0.1 });
    const entries = [received(forged)];
    expect(mailsForPeople(withEntries(entries))).toHaveLength(1);
    const dismissed: Entry = { at: AT, kind: 'dismiss', dismiss: { actor: 'jo', mailId: forged.mailId, reason: 'x' } };
    expect(mailsForPeople(withEntries([...entries, dismissed]))).toEqual([]);
    const decision = decided({ ...BY, decision: 'approved', verification: 'seen-in-ace' });
    expect(mailsForPeople(withEntries([...entries, decision]))).toEqual([]);
  });
});

describe('the back office and people', () => {
  test('word of an approval counts for its own number however it is written, and is a task for any other', () => {
    for (const written of [OWN, '12345678900', ' 12-3456789 00 ']) {
      expect(decisionOnRecord(withEntries([approval(written)]))?.kind).toBe('approved');
    }
    const other = withEntries([approval('98-765432100')]);
    expect(decisionOnRecord(other)).toBeUndefined();
    expect(mismatchedApprovals(other)).toBe(true);
  });

  test('a person’s decision answers whatever mails say', () => {
    fc.assert(
      fc.property(fc.array(notBelieved, { maxLength: 6 }), fc.nat(), (mails, at) => {
        const decision = decided({ ...BY, decision: 'correction-needed', waitingOn: 'client', what: 'the name' });
        const all = withEntries(inserted(mails.map(received), at, decision));
        expect(decisionOnRecord(all)).toMatchObject({ kind: 'correction', waitingOn: 'client', what: 'the name' });
      }),
    );
  });

  test('only a person ends it, whatever else is on record and wherever the word stands', () => {
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

  test('a corrected application and a report of ACE are found among any mails', () => {
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

describe('a submission of unknown fate', () => {
  test.each(['own-copy', 'acknowledgement', 'approved', 'bounce'] as const)('is settled by %s about it', (kind) => {
    expect(fateOfSubmission(withEntries([received(mail(kind))]), SUBMISSION)?.kind).toBe('sent');
  });

  test('is not settled by what CBP writes of an earlier attempt', () => {
    const earlier = 'application.0@broker.example';
    const submissions = [
      { attempt: 1, messageId: earlier },
      { attempt: 2, messageId: SUBMISSION },
    ];
    const reminder = received(mail('more-information', { aboutMessageId: earlier }));
    expect(fateOfSubmission(withEntries([reminder], { submissions, attempt: 2 }), SUBMISSION)).toBeUndefined();
    const late = received(mail('approved', { aboutMessageId: earlier }));
    expect(fateOfSubmission(withEntries([late], { submissions, attempt: 2 }), SUBMISSION)?.kind).toBe('sent');
    const { aboutMessageId: _, ...unnamed } = mail('more-information');
    expect(fateOfSubmission(withEntries([received(unnamed)], { submissions }), SUBMISSION)?.kind).toBe('sent');
  });

  test('is not settled by anybody who is not CBP, nor by what is about another mail', () => {
    const strange = fc.array(
      anyMail.filter(
        (one) =>
          one.authenticity.verdict !== 'authentic' &&
          !(['own-copy', 'bounce'].includes(one.kind) && one.aboutMessageId),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(strange, (mails) => {
        expect(fateOfSubmission(withEntries(mails.map(received)), SUBMISSION)).toBeUndefined();
      }),
    );
    const copy = mail('own-copy', { aboutMessageId: 'another@broker.example' });
    expect(fateOfSubmission(withEntries([received(copy)]), SUBMISSION)).toBeUndefined();
  });
});

describe('the grant', () => {
  test('lacks exactly the recorded numbers that ACE does not show, however they are written', () => {
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
