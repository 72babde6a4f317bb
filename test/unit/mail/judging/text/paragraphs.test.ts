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

test.each([
  ['a year', 'On March 3, 2026 Jane Doe wrote:'],
  ['a time', 'On Tuesday at 9:05 Jane Doe wrote:'],
  ['an address', 'On Tuesday jane@maple.example wrote:'],
])('the text below a line that names %s and who wrote is quoted', (_, attribution) => {
  expect(written(`Approved.\n\n${attribution}\n\nIs it denied?`)).toEqual(['Approved.']);
});

test('a line that names neither when nor whose address quotes nothing', () => {
  expect(written('Approved.\n\nOn Tuesday Jane Doe wrote:\n\nIt is denied.')).toContain('It is denied.');
});

test('only lines that begin with the mark of a quotation are quoted alone', () => {
  const above = 'Approved.\n\nOn March 3, 2026 Jane Doe wrote:';
  expect(written(`${above}\n\n> Is it denied?\n\nIt is denied.`)).toContain('It is denied.');
  expect(written(`${above}\n\nDays > 5?\n\nIs it denied?`)).toEqual(['Approved.']);
});
