import { expect, test } from 'vitest';
import { isQuoteOf } from '../../../../../src/mail/judging/text/case-facts.js';
import { paragraphsOf } from '../../../../../src/mail/judging/text/paragraphs.js';
import { bareWords } from '../../../../../src/mail/judging/text/readable.js';

const written = (text: string) => paragraphsOf(text, { importerNumbers: [] }).written;

test('the placeholder of a picture, different in each email, is not a paragraph', () => {
  expect(written('Approved.\n\n[cid:image001.png@01DC1234.5678ABCD]\n\nThe desk')).toEqual(['Approved.', 'The desk']);
  expect(written('Approved.\n\n[cid:unless you answer]')).toEqual(['Approved.', '[cid:unless you answer]']);
});

test('an address reads the same if a mail program repeats its target after it', () => {
  const words = [bareWords('The owner is Bo Park, bo@maple.example.')];
  expect(isQuoteOf('The owner is Bo Park, bo@maple.example<mailto:bo@maple.example>.', words)).toBe(true);
  expect(isQuoteOf('The owner is Bo Park, bo@maple.example<mailto:bo@other.example>.', words)).toBe(false);
});
