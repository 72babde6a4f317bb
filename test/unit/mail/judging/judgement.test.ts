import { expect, it } from 'vitest';
import { whyItCounts } from '../../../../src/mail/judging/judgement.js';
import { mail } from '../../workflows/onboarding/records.js';

/** The one line that tells the reader of an email why it counts or not. */

it('names the letter if an email counts automatically', () => {
  const letter = { id: 'letter-0123456789ab', dates: [] };
  expect(whyItCounts(mail('approved', { letter }))).toBe('automatically: it matches letter-0123456789ab word for word');
});

it('names each doubt, and the new paragraph, if it does not', () => {
  const unknown = ['It opens next year.', 'Ask for Jo.'];
  const doubts = ['evidence-unsigned' as const, 'unknown-letter' as const];
  expect(whyItCounts(mail('approved', { doubts, unknown }))).toBe(
    'only after a person looks at it: what ties it to this case is neither covered by its signature nor the secret reply address: anyone could have added it; no one has confirmed this letter yet; new text: "It opens next year.", and 1 more',
  );
});

it('says that an email decides nothing', () => {
  expect(whyItCounts(mail('acknowledgement'))).toBe('for the record; it decides nothing');
});
