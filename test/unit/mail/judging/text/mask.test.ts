import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskFor, type Strictness } from '../../../../../src/mail/judging/text/mask.js';
import { subjectParagraph } from '../../../../../src/mail/judging/text/paragraphs.js';
import { shortenedCompany } from '../../../../../src/mail/outgoing/compose/subject.js';
import { ACME } from '../letters/lessons.js';

const mask = (paragraph: string, strictness: Strictness = 'other', facts = ACME) =>
  maskFor(facts)(paragraph, strictness).paragraph;

/** These may be part of a date or a time. */
const CALENDAR =
  /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat|am|pm|utc|gmt|e[sd]?t)/;

describe('a slot of the case', () => {
  test.each([
    ['Acme Imports LLC', '{company}'],
    ['ACME IMPORTS LLC', '{company}'],
    ['Acme  Imports', 'Acme  Imports'],
    ['Acme Imports LLCs', 'Acme Imports LLCs'],
    ['Bo Park', '{owner}'],
    ['Bo Parker', 'Bo Parker'],
    ['12-345678900', '{importer number}'],
    ['12345678900', '{importer number}'],
    ['12 345678900', '{importer number}'],
    ['12-345678901', '12-345678901'],
    ['112-345678900', '112-345678900'],
  ])('replaces only its exact value: %s', (written, masked) => {
    expect(mask(`It is ${written} today`)).toBe(`It is ${masked} today`);
    expect(mask(`It is ${written} today`, 'decisive')).toBe(`It is ${masked} today`);
  });

  test.each(['Acme Imports LLC', 'Smith & Sons, Inc.', 'Maple Trading Co.'])(
    'takes the stop of a sentence with it, which may be that of the name: %s',
    (company) => {
      const facts = { company, importerNumbers: [] };
      const sentence = company.endsWith('.') ? company : `${company}.`;
      expect(mask(`We approved ${sentence} Log in, ${company}, today.`, 'decisive', facts)).toBe(
        'We approved {company} Log in, {company}, today.',
      );
      expect(mask(`Application - ${company}`, 'other', facts)).toBe('Application - {company}');
    },
  );

  test.each([
    ['O’Brien “Best” Imports {US} LLC', `O'Brien "Best" Imports {US} LLC`],
    ["O'Brien Imports LLC", "O'Brien Imports LLC"],
  ])('is recognized with straight quotation marks, as in paragraphs: %s', (company, written) => {
    expect(mask(`It is ${written} today`, 'other', { company, importerNumbers: [] })).toBe('It is {company} today');
  });

  test('replaces a long name as our own subject shortens it', () => {
    const company = `International ${'Very Long Name of Importers '.repeat(6)}LLC`;
    const written = subjectParagraph(`RE: ACE Portal Account Application - ${shortenedCompany(company)} - IOR x`);
    expect(shortenedCompany(company)).not.toBe(company);
    expect(mask(written, 'other', { company, importerNumbers: [] })).toBe(
      'ACE Portal Account Application - {company} - IOR x',
    );
  });

  test.each(['Approved Goods LLC', 'No Limits Inc.', 'Delta'])(
    'stands for no company whose name may be words of a letter: %s',
    (company) => {
      const written = `It is ${company}.`;
      expect(mask(written, 'other', { company, importerNumbers: [] })).toBe(written);
    },
  );
});

test.each(['Fonderie Saint-Laurent Québec Ltée', 'A/B Imports (USA), Inc.', 'Smith & Sons + Co. [NY] $1 LLC'])(
  'a company is told whatever signs its name has: %s',
  (company) => {
    const written = `It is ${company} today.`;
    expect(mask(written, 'decisive', { company, importerNumbers: [] })).toBe('It is {company} today.');
  },
);

test('any company or owner name can be masked without an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const owner = { firstName: name, lastName: name };
      expect(() => mask('It is.', 'other', { company: `${name} LLC`, importerNumbers: [], owner })).not.toThrow();
    }),
  );
});

describe('a free slot', () => {
  test.each([
    ['March 3, 2026', '{date}'],
    ['Tuesday, March 3, 2026', '{date}'],
    ['March 3,2026', '{date}'],
    ['3 Mar 2026', '{date}'],
    ['03/03/2026', '{date}'],
    ['2026-03-03', '{date}'],
    ['Monday, March 3, 2026', 'Monday, March 3, 2026'],
    ['February 30, 2026', 'February 30, 2026'],
    ['March 2026', 'March 2026'],
    ['25:00', '25:00'],
  ])('must be a real date: %s', (written, masked) => {
    for (const strictness of ['other', 'decisive'] as const)
      expect(mask(`On ${written}.`, strictness)).toBe(`On ${masked}.`);
  });

  test.each([
    ['https://ace.cbp.dhs.gov/x?y=1', '{link to ace.cbp.dhs.gov}'],
    ['866-530-4172', '{phone}'],
    ['4:30 PM EST', '{time}'],
  ])('of another kind counts only outside the decisive paragraph: %s', (written, masked) => {
    expect(mask(`See ${written}.`)).toBe(`See ${masked}.`);
    expect(mask(`See ${written}.`, 'decisive')).toBe(`See ${written}.`);
  });

  test("keeps a ticket's letters, and never replaces a possible importer number", () => {
    expect(mask('Ticket CASE-123456')).toBe(mask('Ticket CASE-654321'));
    expect(mask('Ticket CASE-123456')).not.toBe(mask('Ticket CASF-123456'));
    expect(mask('IOR 98-7654321')).not.toBe(mask('IOR 98-7654322'));
    expect(mask('IOR 987654321')).not.toBe(mask('IOR 987654322'));
    expect(mask('IOR 98765432100')).not.toBe(mask('IOR 98765432101'));
  });
});

test('text in an email that looks like a slot is not one', () => {
  expect(mask('For {company}.')).not.toBe(mask('For Acme Imports LLC.'));
  expect(mask('For \\{company}.')).not.toBe(mask('For {company}.'));
});

test('the decisive paragraph reports its dates', () => {
  const paragraph = 'Received 03/02/2026, approved Mar 3, 2026.';
  expect(maskFor(ACME)(paragraph, 'decisive').dates.sort()).toEqual(['2026-03-02', '2026-03-03']);
});

describe('two paragraphs', () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...'not no approved denied is was your application account if until unless the for Acme and'.split(' '),
    ),
    fc.stringMatching(/^[a-z]{1,8}$/).filter((text) => !CALENDAR.test(text)),
    fc.constantFrom('nicht', 'échoué', '不', 'nоt'),
  );
  const slot = fc.oneof(
    fc.tuple(fc.constant('date'), fc.constantFrom('March 3, 2026', '12/31/2026', '2027-01-02', '5 May 2026')),
    fc.tuple(fc.constant('phone'), fc.constantFrom('866-530-4172', '(207) 555-0123')),
    fc.tuple(fc.constant('number'), fc.constantFrom('7654321', '12345', '20261234')),
    fc.tuple(fc.constant('company'), fc.constantFrom('Acme Imports LLC', 'ACME IMPORTS LLC')),
    fc.tuple(fc.constant('link'), fc.constantFrom('https://cbp.example/a', 'https://cbp.example/b?c=d')),
  );
  const token = fc.oneof(
    { weight: 4, arbitrary: word.map((text) => ({ plain: text, text })) },
    { weight: 1, arbitrary: slot.map(([plain, text]) => ({ plain: `{${plain}}`, text })) },
  );
  const pair = fc
    .tuple(fc.array(token, { minLength: 1, maxLength: 8 }), fc.array(token, { maxLength: 8 }), fc.nat(8), fc.nat(2))
    .map(
      ([one, other, at, length]) =>
        [one, [...one.slice(0, at), ...other.slice(0, length), ...one.slice(at + length)]] as const,
    );

  test('with different plain words never become equal, whatever is in their slots', () => {
    fc.assert(
      fc.property(pair, fc.constantFrom('other' as const, 'decisive' as const), ([one, other], strictness) => {
        const [first, second] = [one, other].map((tokens) =>
          mask(tokens.map(({ text }) => text).join(' '), strictness),
        );
        const words = ([one, other] as const).map((tokens) => tokens.map(({ plain }) => plain).join(' '));
        return first !== second || words[0] === words[1];
      }),
      { numRuns: 3_000 },
    );
  });

  test("that differ only in their slots' values are equal outside the decisive paragraph", () => {
    const parts = [
      'Your case CASE-10001 of March 3, 2026 at 10:15 for Acme Imports LLC is at https://cbp.example/a or 866-530-4172.',
      'Your case CASE-20002 of 12/31/2026 at 4:30 PM for ACME IMPORTS LLC is at https://cbp.example/b or (207) 555-0123.',
    ].map((paragraph) => mask(paragraph));
    expect(parts[0]).toBe(parts[1]);
  });
});
