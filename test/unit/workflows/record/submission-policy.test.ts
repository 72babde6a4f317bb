import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { submissionOutcome } from '../../../../src/workflows/record/submission-policy.js';
import { anyMail, mail, received, SUBMISSION, withEntries } from '../onboarding/records.js';

describe('a submission with an unknown outcome', () => {
  test.each(['own-copy', 'acknowledgement', 'approved', 'bounce'] as const)(
    'is settled by %s that refers to it',
    (kind) => {
      expect(submissionOutcome(withEntries([received(mail(kind))]), SUBMISSION)?.kind).toBe('sent');
    },
  );

  test('is not settled by a request about an earlier attempt', () => {
    const earlier = 'application.0@broker.example';
    const submissions = [
      { attempt: 1, messageId: earlier },
      { attempt: 2, messageId: SUBMISSION },
    ];
    const reminder = received(mail('more-information', { aboutMessageId: earlier }));
    expect(submissionOutcome(withEntries([reminder], { submissions, attempt: 2 }), SUBMISSION)).toBeUndefined();
    const late = received(mail('approved', { aboutMessageId: earlier }));
    expect(submissionOutcome(withEntries([late], { submissions, attempt: 2 }), SUBMISSION)?.kind).toBe('sent');
    const { aboutMessageId: _, ...unnamed } = mail('more-information');
    expect(submissionOutcome(withEntries([received(unnamed)], { submissions }), SUBMISSION)?.kind).toBe('sent');
  });

  test('is not settled by a sender other than CBP, nor by an email about another message', () => {
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
        expect(submissionOutcome(withEntries(mails.map(received)), SUBMISSION)).toBeUndefined();
      }),
    );
    const copy = mail('own-copy', { aboutMessageId: 'another@broker.example' });
    expect(submissionOutcome(withEntries([received(copy)]), SUBMISSION)).toBeUndefined();
  });
});
