import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ImporterNumberKind,
  importerNumberOf,
  maskedImporterNumber,
  parseImporterNumber,
} from '../../../src/application/importer-number.js';

function accepted(input: string, kind?: ImporterNumberKind) {
  const parsed = parseImporterNumber(input, kind);
  if ('complaint' in parsed) throw new Error(`${parsed.complaint.problem} ${parsed.complaint.remedy}`);
  return parsed;
}
function refused(input: string, kind?: ImporterNumberKind): string {
  const parsed = parseImporterNumber(input, kind);
  if (!('complaint' in parsed)) throw new Error(`${input} was accepted as ${parsed.number.canonical}`);
  return `${parsed.complaint.problem} ${parsed.complaint.remedy}`;
}

describe('importer numbers that are right', () => {
  it('an EIN is split into number and suffix', () => {
    expect(accepted('12-345678900')).toEqual({
      number: { kind: 'ein', canonical: '12-345678900', ein: '12-3456789', suffix: '00' },
      warnings: [],
    });
  });

  it('a suffix other than 00 is kept', () => {
    expect(accepted('12-3456789A1').number).toMatchObject({ canonical: '12-3456789A1', suffix: 'A1' });
    expect(accepted('12-3456789a1').number.canonical).toBe('12-3456789A1');
  });

  it('hyphens tell an SSN from a number assigned by CBP', () => {
    expect(accepted('234-56-7891').number).toEqual({ kind: 'ssn', canonical: '234-56-7891' });
    expect(accepted('061234-12345').number).toEqual({ kind: 'cbp-assigned', canonical: '061234-12345' });
  });

  it.each([
    ['  12-345678900\u00a0', '12-345678900'],
    ['12\u2010345678900', '12-345678900'],
    ['12\u2013345678900', '12-345678900'],
    ['12\u2212345678900', '12-345678900'],
    ['１２－３４５６７８９００', '12-345678900'],
    ['12-\u200b3456789\u00ad00', '12-345678900'],
    ['EIN: 12-345678900', '12-345678900'],
    ['IOR # 12-345678900', '12-345678900'],
    ['Importer number 12-345678900', '12-345678900'],
    ['12-3456789-00', '12-345678900'],
    ['12-3456789 00', '12-345678900'],
    ['12 3456789 A1', '12-3456789A1'],
    ['123456789A1', '12-3456789A1'],
    ['EIN 12345678900', '12-345678900'],
    ['SSN 234 56 7891', '234-56-7891'],
    ['061234 12345', '061234-12345'],
  ])('%j is read as %s', (input, canonical) => {
    expect(accepted(input).number.canonical).toBe(canonical);
  });

  it('ambiguous digits are read if their kind is declared', () => {
    expect(accepted('12345678900', 'ein').number.canonical).toBe('12-345678900');
    expect(accepted('12345678900', 'cbp-assigned').number.canonical).toBe('123456-78900');
    expect(accepted('234567891', 'ssn').number.canonical).toBe('234-56-7891');
  });

  it.each('00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97'.split(' '))(
    'an unassigned EIN prefix (%s) gives a warning but is not refused',
    (prefix) => {
      expect(accepted(`${prefix}-123456700`).warnings).toMatchObject([
        { field: 'importerNumber', problem: expect.stringContaining(prefix), remedy: expect.any(String) },
      ]);
    },
  );

  it('only the prefixes on the list of the IRS give no warning', () => {
    const silent = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0')).filter(
      (prefix) => accepted(`${prefix}-123456700`).warnings.length === 0,
    );
    const ranges = [
      [1, 6],
      [10, 16],
      [20, 27],
      [30, 48],
      [50, 68],
      [71, 77],
      [80, 88],
      [90, 95],
      [98, 99],
    ] as const;
    const assigned = ranges.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, i) => String(from + i).padStart(2, '0')),
    );
    expect(silent).toEqual(assigned);
  });

  it('a sample SSN and letters in the port of an assigned number give a warning', () => {
    expect(accepted('123-45-6789').warnings[0]?.problem).toContain('sample number');
    expect(accepted('06A234-12345').warnings[0]?.problem).toContain('letter');
  });
});

const MISTAKES: [input: string, message: RegExp][] = [
  ['12-3456789', /the example from the guide: an EIN that still needs CBP's two-character suffix.*usually 00.*5106/],
  ['EIN: 12-3456789', /the example from the guide/],
  ['98-7654321', /is an EIN that still needs CBP's two-character suffix.*usually 00/],
  ['12-34567890', /only one of the two characters of its CBP suffix/],
  ['12-34567890O', /ends in "0O" with the letter O.*probably a 0.*write 00/],
  ['12-3456789I0', /with the letter I.*probably a 1.*write 10/],
  ['12-34567890Z', /with the letter Z.*probably a 2.*write 02/],
  ['1O-345678900', /letter where a digit belongs/],
  ['00-0000000 00', /nothing but zeros/],
  ['987-65-4321', /begins with 9.*ITIN/],
  ['666-12-3456', /begins with 666/],
  ['000-12-3456', /begins with 000/],
  ['123-00-6789', /00 in the middle/],
  ['123-45-0000', /ends in 0000/],
  ['234-56-7891-00', /SSN with a suffix/],
  ['123456789', /nine digits without a hyphen.*EIN or an SSN/],
  ['12345678900', /eleven digits without a hyphen.*assigned by CBP/],
  ['1.23457E+10', /scientific notation/],
  ['1,23457E+10', /scientific notation/],
  ['12345678900.0', /decimal number/],
  ['1-2345678', /leading zero/],
  ['1-234567800', /leading zero/],
  ['1234567800', /leading zero/],
  ['', /is missing/],
  ['   ', /is missing/],
  ['12-345678', /8 characters in a form that no importer number has/],
  ['12-3456789000', /12 characters/],
  ['12/345678900', /characters other than digits, letters, and hyphens/],
  ['n/a', /characters other than/],
  ['pending', /7 characters in a form/],
];

describe('importer numbers that are wrong', () => {
  it.each(MISTAKES)('%j is refused with its own message', (input, message) => {
    expect(refused(input)).toMatch(message);
  });

  it('a number whose kind differs from the declared one is refused', () => {
    expect(refused('234-56-7891', 'ein')).toMatch(/written like an SSN but declared as an EIN/);
    expect(refused('12-345678900', 'cbp-assigned')).toMatch(/written like an EIN with suffix/);
    expect(refused('123456789', 'ein')).toMatch(/needs CBP's two-character suffix|guide/);
  });

  it('no message repeats the number, except the published example', () => {
    for (const [input] of MISTAKES) {
      const digits = input.replace(/\D/g, '');
      if (digits.length < 7 || digits === '123456789') continue;
      expect(refused(input).replace(/\D/g, '')).not.toContain(digits);
    }
    expect(refused('98-7654321')).not.toContain('7654321');
  });

  it('the suffix is never filled in', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{2}-\d{7}$/), fc.constantFrom(undefined, 'ein' as const), (ein, kind) => {
        expect('complaint' in parseImporterNumber(ein, kind)).toBe(true);
      }),
    );
  });
});

describe('reading', () => {
  const canonical = fc.oneof(
    fc.stringMatching(/^[1-9]\d-\d{7}[0-9A-HJ-NP-Y]{2}$/),
    fc.stringMatching(/^[1-5]\d\d-[1-9]\d-[1-9]\d{3}$/),
    fc.stringMatching(/^\d{6}-\d{5}$/),
  );

  it('leaves a canonical number unchanged, and can split it', () => {
    fc.assert(
      fc.property(canonical, (number) => {
        expect(accepted(number).number.canonical).toBe(number);
        expect(importerNumberOf(number)).toEqual(accepted(number).number);
      }),
    );
  });

  it('gives a canonical number or a problem for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-0-9A-Z .:]{0,16}$/)), (text) => {
        const parsed = parseImporterNumber(text);
        if ('number' in parsed)
          expect(parsed.number.canonical).toMatch(
            /^(\d{2}-\d{7}[0-9A-HJ-NP-Y]{2}|\d{3}-\d{2}-\d{4}|\d{2}[0-9A-Z]{4}-\d{5})$/,
          );
        else expect(parsed.complaint.remedy).not.toBe('');
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses to split a number that is not canonical', () => {
    expect(() => importerNumberOf('12345678900')).toThrow(TypeError);
    expect(() => importerNumberOf('12-3456789-00')).toThrow(TypeError);
  });

  it('masks all but the last two characters', () => {
    expect(maskedImporterNumber('12-3456789A1')).toBe('••-•••••••A1');
    expect(maskedImporterNumber('06A2Z4-12345')).toBe('••••••-•••45');
    expect(maskedImporterNumber('234-56-7891')).toBe('•••-••-••91');
  });
});
