import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchLetter } from '../../../../../src/mail/judging/letters/match.js';
import { maskFor } from '../../../../../src/mail/judging/text/mask.js';
import { FURTHER, LETTERS, SAMPLES } from '../wording-samples.js';
import { ACME, ADDRESS, letter, writing } from './lessons.js';

const strictness = fc.constantFrom('decisive' as const, 'other' as const);
const mask = (paragraph: string, how: 'decisive' | 'other' = 'other') => maskFor(ACME)(paragraph, how).paragraph;
const slotless = (masked: string) => masked.replace(/(?<!\\)\{[^{}]*\}/g, '{}');

/** These may be part of a date or a time. */
const CALENDAR =
  /^(?:january|february|march|april|may|june?|july?|august|sept?(?:ember)?|october|november|december|jan|feb|mar|apr|aug|oct|nov|dec|(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?|am|pm|utc|gmt|e[sd]?t|st|nd|rd|th)$/i;
/** The words of every letter in these tests. */
const DICTIONARY = [
  ...new Set(
    [
      ...SAMPLES.map(({ text }) => text),
      ...Object.values(FURTHER).flat(),
      ...LETTERS.map(([, text]) => text),
      'not no if unless until without nor but except never',
    ]
      .join(' ')
      .split(/[^\p{L}]+/u)
      .filter((word) => word.length > 1 && !CALENDAR.test(word)),
  ),
];
const VALUES = [
  'March 3, 2026',
  'Tue, 3 Mar 2026',
  '03/03/2026',
  '2026-03-03',
  '10:15 AM EST',
  'https://ace.cbp.dhs.gov/a?b=c',
  '1-866-530-4172',
  '(207) 555-0123',
  'CASE-12345',
  'INC0012345',
  'CAS-01234-K5V9T2',
  '7654321',
  'Acme Imports LLC',
  '12-345678900',
  'Bo Park',
];

describe('masking', () => {
  const word = fc
    .constantFrom(...DICTIONARY)
    .chain((one) => fc.constantFrom(one, one.toUpperCase(), one.toLowerCase(), `${one}.`, `(${one})`));
  const between = fc.constantFrom(' ', ' ', ' ', '-', ', ', ': ', '#', '_', '.', '');

  test('swallows no word, whatever value is next to it and however they are joined', () => {
    expect(DICTIONARY.length).toBeGreaterThan(600);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(word, fc.constantFrom(...VALUES)), between), { minLength: 1, maxLength: 8 }),
        strictness,
        (pieces, how) => {
          // A path may contain anything up to the next space.
          fc.pre(pieces.every(([piece, joint]) => !piece.startsWith('https') || /\s/.test(joint)));
          const masked = slotless(mask(pieces.map(([piece, joint]) => piece + joint).join(''), how));
          let from = 0;
          for (const [piece] of pieces) {
            if (VALUES.includes(piece)) continue;
            const at = masked.indexOf(piece, from);
            expect(at, `${piece} in ${masked}`).toBeGreaterThanOrEqual(from);
            from = at + piece.length;
          }
        },
      ),
      { numRuns: 10_000, seed: 12 },
    );
  });

  test('never makes two paragraphs equal that differ in one word', () => {
    const text = fc.array(
      fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom(...VALUES) }),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(text, fc.nat(), word, strictness, (pieces, seed, other, how) => {
        const at = seed % pieces.length;
        const one = mask(pieces.join(' '), how);
        expect(mask([...pieces.slice(0, at), other, ...pieces.slice(at)].join(' '), how)).not.toBe(one);
        if (VALUES.includes(pieces[at] ?? '') || pieces[at] === other) return;
        expect(mask(pieces.map((piece, place) => (place === at ? other : piece)).join(' '), how)).not.toBe(one);
        expect(mask(pieces.filter((_, place) => place !== at).join(' '), how)).not.toBe(one);
      }),
      { numRuns: 5_000, seed: 12 },
    );
  });

  const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2050-12-31'), noInvalidDate: true });
  const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
  const inWords = (at: Date, form: number) => {
    const month = at.toLocaleString('en-US', { month: form % 2 ? 'short' : 'long', timeZone: 'UTC' });
    const [year, number, date] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
    const two = (figure: number) => String(figure).padStart(2, '0');
    return [
      `${month} ${date}, ${year}`,
      `${date} ${month} ${year}`,
      `${number}/${date}/${year}`,
      `${year}-${two(number)}-${two(date)}`,
    ][form % 4] as string;
  };

  test('accepts a date only with its correct weekday', () => {
    fc.assert(
      fc.property(day, fc.nat(7), fc.nat(6), fc.boolean(), strictness, (at, form, weekday, short, how) => {
        const name = (WEEKDAYS[weekday] ?? '').slice(0, short ? 3 : undefined);
        const said = `On ${name}, ${inWords(at, form)} it was.`;
        expect(mask(said, how)).toBe(weekday === at.getUTCDay() ? 'On {date} it was.' : said);
      }),
      { numRuns: 2_000, seed: 12 },
    );
  });

  test('treats an impossible date as words', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('February 30, 2026', '04/31/2026', '2026-13-01', '31 Jun 2026', '00/01/2026'),
        strictness,
        (said, how) => {
          expect(mask(`On ${said}.`, how)).toBe(`On ${said}.`);
        },
      ),
    );
  });

  test.each([
    ['company', 'Acme Imports LLC'],
    ['owner', 'Bo Park'],
    ['importer number', '12-345678900'],
  ])('replaces the %s only if its value is exact', (slot, value) => {
    const character = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789é');
    expect(mask(`It is ${value}, or so.`)).toBe(`It is {${slot}}, or so.`);
    fc.assert(
      fc.property(fc.nat(value.length), character, fc.constantFrom(0, 1), strictness, (at, by, length, how) => {
        // An extra space or hyphen is not part of the value.
        fc.pre(length === 0 || (/[\p{L}\p{N}]/u.test(value[at] ?? '') && value[at] !== by));
        const other = value.slice(0, at) + by + value.slice(at + length);
        expect(mask(`It is ${other}.`, how)).not.toContain(`{${slot}}`);
      }),
      { numRuns: 1_000, seed: 12 },
    );
  });
});

describe('matching', () => {
  const OWN = ['Your application for Acme Imports LLC has been approved.', 'Sign in.', 'Call us.', 'Sign in.'];
  const FILLER = ['Ann, ACE desk', 'Open Monday to Friday.', 'Thank you.'];
  const STRANGE = ['Not yet.', 'Sign out.', 'Ann, bond desk'];
  const known = { ...letter('approved', writing(OWN)), addresses: [ADDRESS] };
  const book = { letters: [known], fillers: { 'cbp.dhs.gov': FILLER } };
  const isKnown = (paragraphs: string[]) => matchLetter(writing(paragraphs), ACME, book).letter !== undefined;

  test('ignores filler, anywhere and any number of times, and nothing else', () => {
    const mixed = fc.oneof(
      // Its own paragraphs, with anything in between.
      fc
        .array(fc.array(fc.constantFrom(...FILLER, ...STRANGE.slice(0, 1)), { maxLength: 2 }), {
          minLength: 5,
          maxLength: 5,
        })
        .map((gaps) => gaps.flatMap((gap, at) => [...gap, ...OWN.slice(at, at + 1)])),
      fc.array(fc.constantFrom(...OWN, ...FILLER, ...STRANGE), { maxLength: 9 }),
      fc.shuffledSubarray([...OWN, ...FILLER], { minLength: 3 }),
    );
    fc.assert(
      fc.property(mixed, (paragraphs) => {
        const left = paragraphs.filter((one) => !FILLER.includes(one));
        expect(isKnown(paragraphs)).toBe(JSON.stringify(left) === JSON.stringify(OWN));
      }),
      { numRuns: 5_000, seed: 12 },
    );
  });
});
