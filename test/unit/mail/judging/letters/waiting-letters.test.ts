import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LetterGroup, largestFirst } from '../../../../../src/mail/judging/letters/waiting-letters.js';

const group = (name: string, mails: number): LetterGroup => ({
  group: name,
  domain: 'cbp.dhs.gov',
  mails,
  example: { mailId: name, reference: 'acme', subject: 'A letter' },
  teach: '',
});

test('the letters that most cases wait for come first, and equal ones always in the same order', () => {
  const groups = [group('c', 1), group('a', 30), group('d', 2), group('b', 2)];
  fc.assert(
    fc.property(fc.shuffledSubarray(groups, { minLength: 4 }), (shuffled) => {
      expect(largestFirst(shuffled).map((one) => one.group)).toEqual(['a', 'b', 'd', 'c']);
    }),
  );
});
