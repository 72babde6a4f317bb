import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Doubt } from '../../../../src/workflows/contract/doubts.js';
import type { Decide } from '../../../../src/workflows/contract/messages.js';
import { isDecisionKind, type ReceivedMail } from '../../../../src/workflows/contract/received-mail.js';
import {
  acknowledgementOnRecord,
  announcedBusinessDays,
  approvalBasis,
  approvalOnRecord,
  correctionRequestOnRecord,
  decisionOnRecord,
} from '../../../../src/workflows/record/decision-policy.js';
import { closingOnRecord } from '../../../../src/workflows/record/people-policy.js';
import { type Entry, recordMail } from '../../../../src/workflows/record/record.js';
import { messagesForReview, mismatchedApprovals } from '../../../../src/workflows/record/review-policy.js';
import { submissionOutcome } from '../../../../src/workflows/record/submission-policy.js';
import {
  AT,
  anyMail,
  BY,
  decided,
  mail,
  received,
  record,
  SUBMISSION,
  untrusted,
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

describe('messages in any order', () => {
  test('an approval counts wherever it arrives among untrusted emails', () => {
    fc.assert(
      fc.property(fc.array(untrusted, { maxLength: 8 }), fc.nat(), (others, at) => {
        const entries = inserted(others.map(received), at, received(mail('approved')));
        expect(decisionOnRecord(withEntries(entries))?.kind).toBe('approved');
        expect(approvalOnRecord(withEntries(entries))?.kind).toBe('approved');
      }),
    );
  });

  test('emails that ask for no correction lead to the same decision in any order', () => {
    const withoutCorrections = fc.array(
      anyMail.filter((one) => !CORRECTIONS.includes(one.kind)),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(twoOrders(withoutCorrections), ([one, other]) => {
        const [first, second] = [one, other].map((mails) => withEntries(mails.map(received)));
        if (!first || !second) throw new Error('two records');
        expect(decisionOnRecord(first)?.kind).toBe(decisionOnRecord(second)?.kind);
        expect(acknowledgementOnRecord(first)).toBe(acknowledgementOnRecord(second));
        expect(submissionOutcome(first, SUBMISSION)?.kind).toBe(submissionOutcome(second, SUBMISSION)?.kind);
        const tasks = (of: typeof first) =>
          messagesForReview(of)
            .map((task) => `${task.mail.mailId} ${task.why}`)
            .sort();
        expect(tasks(first)).toEqual(tasks(second));
      }),
    );
  });

  test('an approval and a refusal contradict each other, whichever came first', () => {
    for (const kinds of [
      ['approved', 'refused'],
      ['refused', 'approved'],
      ['already-registered', 'approved'],
    ] as const) {
      const both = withEntries(kinds.map((kind) => received(mail(kind))));
      expect(decisionOnRecord(both)).toBeUndefined();
      expect(messagesForReview(both).map(({ why }) => why)).toContain('contradiction');
    }
  });

  test('the same email counts once, however often it arrives', () => {
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

  test('a decision before the acknowledgement makes it unnecessary; other emails do not', () => {
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

  test('an entry that was used no longer answers anything', () => {
    const entries = [received(mail('more-information')), received(mail('acknowledgement'))];
    expect(decisionOnRecord(withEntries(entries))?.entry).toBe(0);
    expect(decisionOnRecord(withEntries(entries, { attemptStartIndex: 1 }))).toBeUndefined();
  });
});

describe('a From line proves nothing', () => {
  test('an email that is not authentic, not clear, sent to the client’s alias or about another number never decides, and waits for a person', () => {
    fc.assert(
      fc.property(fc.array(untrusted, { maxLength: 8 }), (mails) => {
        const all = withEntries(mails.map(received));
        expect(decisionOnRecord(all)).toBeUndefined();
        expect(approvalOnRecord(all)).toBeUndefined();
        const waiting = new Set(messagesForReview(all).map((task) => task.mail.mailId));
        for (const one of mails.filter(({ kind }) => isDecisionKind(kind))) expect(waiting).toContain(one.mailId);
      }),
    );
  });

  test('no email decides before anything was submitted, and no email closes a case', () => {
    fc.assert(
      fc.property(fc.array(anyMail, { maxLength: 8 }), (mails) => {
        const entries = mails.map(received);
        expect(decisionOnRecord(withEntries(entries, { submissions: [] }))).toBeUndefined();
        expect(closingOnRecord(withEntries(entries))).toBeUndefined();
        expect(['approved', 'correction', undefined]).toContain(decisionOnRecord(withEntries(entries))?.kind);
      }),
    );
  });

  test('an acknowledgement that is not authentic does not count, nor does the response time in it', () => {
    const forged: Partial<ReceivedMail> = { authenticity: { verdict: 'unauthentic', reasons: ['no signature'] } };
    for (const overrides of [forged, { alias: 'client' as const }]) {
      const all = withEntries([received(mail('acknowledgement', { ...overrides, responseBusinessDays: 90 }))]);
      expect(acknowledgementOnRecord(all)).toBeUndefined();
      expect(announcedBusinessDays(all)).toBeUndefined();
    }
  });

  test('an acknowledgement sent to the client’s alias does not count', () => {
    const fromClient = withEntries([received(mail('acknowledgement', { alias: 'client', responseBusinessDays: 10 }))]);
    expect(acknowledgementOnRecord(fromClient)).toBeUndefined();
    expect(announcedBusinessDays(fromClient)).toBeUndefined();
  });

  test('an acknowledgement of an earlier attempt does not acknowledge a later one', () => {
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

  test('a proven answer to an earlier attempt needs no one; a doubtful one still needs review', () => {
    const doubtful = mail('refused', { authenticity: { verdict: 'unauthentic', reasons: ['forged'] } });
    const entries = [received(mail('refused')), received(doubtful)];
    expect(messagesForReview(withEntries(entries, { attemptStartIndex: 2 })).map((task) => task.mail)).toEqual([
      doubtful,
    ]);
  });

  test('assigning an email to a case does not make it genuine', () => {
    const assigned = mail('approved', {
      authenticity: { verdict: 'unauthentic', reasons: ['DMARC fails'] },
      assigned: { actor: 'jo', reason: 'names our client' },
    });
    expect(decisionOnRecord(withEntries([received(assigned)]))).toBeUndefined();
  });

  test('an email no longer waits once it is dismissed or a person has decided', () => {
    const forged = mail('approved', { confidence: 0.1 });
    const entries = [received(forged)];
    expect(messagesForReview(withEntries(entries))).toHaveLength(1);
    const dismissed: Entry = { at: AT, kind: 'dismiss', dismiss: { actor: 'jo', mailId: forged.mailId, reason: 'x' } };
    expect(messagesForReview(withEntries([...entries, dismissed]))).toEqual([]);
    const decision = decided({ ...BY, decision: 'approved', verification: 'seen-in-ace' });
    expect(messagesForReview(withEntries([...entries, decision]))).toEqual([]);
  });
});

describe('the back office and people', () => {
  test('a reported approval counts for the client’s number in any notation; another number needs a person', () => {
    for (const written of [OWN, '12345678900', ' 12-3456789 00 ']) {
      expect(decisionOnRecord(withEntries([approval(written)]))?.kind).toBe('approved');
    }
    const other = withEntries([approval('98-765432100')]);
    expect(decisionOnRecord(other)).toBeUndefined();
    expect(mismatchedApprovals(other)).toBe(true);
  });

  test('a person’s decision counts whatever emails say', () => {
    fc.assert(
      fc.property(fc.array(untrusted, { maxLength: 6 }), fc.nat(), (mails, at) => {
        const decision = decided({ ...BY, decision: 'correction-needed', waitingOn: 'client', what: 'the name' });
        const all = withEntries(inserted(mails.map(received), at, decision));
        expect(decisionOnRecord(all)).toMatchObject({ kind: 'correction', waitingOn: 'client', what: 'the name' });
      }),
    );
  });
});

test.each([
  ['more-information', 'CBP needs something before it can proceed'],
  ['not-on-file', "CBP can't find the importer as entered"],
  ['use-web-form', 'CBP wants this application submitted through its web form'],
] as const)('an email of the kind %s asks for a correction that the broker words: "%s"', (kind, what) => {
  const one = mail(kind);
  expect(decisionOnRecord(withEntries([received(one)]))).toMatchObject({
    kind: 'correction',
    waitingOn: 'broker',
    what: expect.stringMatching(new RegExp(`^${what}.*: "${one.excerpt}"$`)),
    attention: 'decision-to-confirm',
  });
});

test('an answer to an earlier submission asks a person only when it comes in a later attempt', () => {
  const submissions = [
    { attempt: 1, messageId: 'before@broker.example' },
    { attempt: 2, messageId: 'now@broker.example' },
  ];
  const late = [received(mail('refused', { aboutMessageId: 'before@broker.example' }))];
  expect(messagesForReview(withEntries(late, { submissions, attemptStartIndex: 1 }))).toEqual([]);
  expect(messagesForReview(withEntries(late, { submissions })).map(({ why }) => why)).toEqual(['mail-to-review']);
});

test('a bounced application asks the broker for a correction, in the words of the report', () => {
  const bounce = mail('bounce', { excerpt: 'mailbox full' });
  expect(decisionOnRecord(withEntries([received(bounce)]))).toMatchObject({
    kind: 'correction',
    waitingOn: 'broker',
    what: 'The email to CBP bounced: "mailbox full"',
  });
});

test('a decision by a person counts, a correction says what is wrong, and both say that CBP has the application', () => {
  const by = (decide: Partial<Decide>) =>
    withEntries([{ at: AT, kind: 'decide', decide: { ...BY, verification: 'seen-in-ace', ...decide } as Decide }]);
  const correction = by({ decision: 'correction-needed', waitingOn: 'client', what: 'the name' });
  expect(correctionRequestOnRecord(correction)).toMatchObject({ kind: 'correction', what: 'the name' });
  const registered = by({ decision: 'already-registered', next: 'grant' });
  expect(decisionOnRecord(registered)).toMatchObject({ kind: 'already-registered' });
  expect(correctionRequestOnRecord(registered)).toBeUndefined();
  for (const one of [correction, registered])
    expect(submissionOutcome(one, SUBMISSION)).toMatchObject({ kind: 'sent', at: AT, why: 'CBP decided on it' });
});

describe('an approval by email waits for a person if CBP also sent', () => {
  const alongside = (other: ReceivedMail, ...more: Entry[]) =>
    approvalOnRecord(withEntries([received(other), received(mail('approved')), ...more]));
  const unknownLetter = (kind: 'unclear' | 'acknowledgement', doubt: Doubt = 'unknown-letter') =>
    mail(kind, { signedBy: 'cbp.dhs.gov', doubts: [doubt] });

  test('a letter that no one knows, until that is dismissed', () => {
    const letter = unknownLetter('unclear');
    expect(alongside(letter)).toBeUndefined();
    const dismiss = { actor: 'jo', mailId: letter.mailId, reason: 'an advertisement' };
    expect(alongside(letter, { at: AT, kind: 'dismiss', dismiss })?.kind).toBe('approved');
  });

  test('nothing about its decision: then the approval counts', () => {
    expect(alongside(unknownLetter('acknowledgement'))?.kind).toBe('approved');
  });
});

test('after an approval, another one needs no review, and a refusal contradicts it', () => {
  const after = (kind: 'approved' | 'refused') =>
    messagesForReview(withEntries([received(mail(kind))], { stage: 'awaiting-access-grant' })).map(({ why }) => why);
  expect(after('approved')).toEqual([]);
  expect(after('refused')).toEqual(['contradiction']);
});

test.each(['more-information', 'not-on-file', 'use-web-form'] as const)(
  'while a correction is pending, an email of the kind %s is not an approval',
  (kind) => {
    expect(approvalOnRecord(withEntries([received(mail(kind))]))).toBeUndefined();
  },
);

describe('how we know of the account, for the client’s instructions', () => {
  const basis = (entry: Entry) => approvalBasis(withEntries([entry], { attemptStartIndex: 1 }), 0);

  test('is the letter, the back office, what the client said, or the verification that a person recorded', () => {
    expect(basis(received(mail('approved')))).toBe('cbp-letter');
    expect(basis(approval(OWN))).toBe('back-office');
    const approved = { ...BY, decision: 'approved' } as const;
    for (const verification of ['seen-in-ace', 'desk-phoned', 'mail-examined'] as const)
      expect(basis(decided({ ...approved, verification }))).toBe(verification);
    expect(basis(decided({ ...approved, verification: 'client-stated' }))).toBe('client-stated');
    const says = { actor: 'jo', says: 'mail-came', evidence: 'by phone' } as const;
    expect(basis({ at: AT, kind: 'statement', statement: says })).toBe('client-stated');
  });

  test('is only that the account exists where no one told us of an approval', () => {
    expect(approvalBasis(withEntries([received(mail('approved'))]), undefined)).toBe('existing-account');
    const exists = { ...BY, decision: 'already-registered', next: 'grant' } as const;
    for (const verification of ['client-stated', 'desk-phoned', 'mail-examined'] as const)
      expect(basis(decided({ ...exists, verification }))).toBe('existing-account');
    expect(basis(decided({ ...exists, verification: 'seen-in-ace' }))).toBe('seen-in-ace');
  });
});

test('work on the Form 5106 or in ABI is the task that a correction names', () => {
  for (const work of ['form-5106', 'abi'] as const) {
    const decision = decided({ ...BY, decision: 'correction-needed', waitingOn: 'broker', what: 'the name', work });
    expect(decisionOnRecord(withEntries([decision]))).toMatchObject({ kind: 'correction', attention: work });
  }
});
