import { sentencesOf } from './suggest.js';

const NUMBERS = 'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen'.split(
  ' ',
);
const NUMBER = `\\d{1,2}|${NUMBERS.slice(1).join('|')}|twenty`;
const DAYS = new RegExp(
  `\\b(${NUMBER})(?: ?\\(\\d{1,2}\\))?(?: ?(?:-|–|—|to|or|and) ?(${NUMBER})(?: ?\\(\\d{1,2}\\))?)? ?(?:us |u\\.s\\. |federal )?(?:business|working|work)[ -]days?\\b`,
  'gi',
);

/** How long CBP says it will take, in business days: 5 for "3 to 5 business days". Ignores anything over 30. */
export function announcedDays(text: string): number | undefined {
  const found = sentencesOf(text).flatMap((sentence) =>
    [...sentence.slice(0, 800).matchAll(DAYS)].map(([, one, other]) => Math.max(numberOf(one), numberOf(other))),
  );
  const days = Math.max(0, ...found);
  return days > 0 && days <= 30 ? days : undefined;
}

function numberOf(word: string | undefined): number {
  if (!word) return 0;
  if (/^\d+$/.test(word)) return Number(word);
  return word.toLowerCase() === 'twenty' ? 20 : NUMBERS.indexOf(word.toLowerCase());
}
