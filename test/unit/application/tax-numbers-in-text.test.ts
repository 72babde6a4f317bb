import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  differOnlyInSuffix,
  findImporterNumbers,
  looksLikeTaxNumber,
  nearMisses,
} from '../../../src/application/tax-numbers-in-text.js';

describe('finding importer numbers in text', () => {
  it.each<[string, string[]]>([
    ['RE: Maple Imports LLC - IOR 12-345678900', ['12-345678900']],
    ['IOR-12-345678900, and 061234-12345.', ['12-345678900', '061234-12345']],
    ['(12-3456789-a1)', ['12-3456789A1']],
    ['ein 12–345678900', ['12-345678900']],
    ['number 12345678900', ['12-345678900', '123456-78900']],
    ['number 123456789B2', ['12-3456789B2']],
    ['234-56-7891', ['234-56-7891']],
    ['12-345678900 and again 12-345678900', ['12-345678900']],
  ])('%j names %j', (text, numbers) => {
    expect(findImporterNumbers(text)).toEqual(numbers);
  });

  it.each([
    '12-3456789 is an EIN alone',
    '12-3456789-as in a sentence',
    '112-345678900',
    '12-3456789001',
    '5-12-345678900',
    '12-345678900-7',
    'call 514-555-0123',
    '666-12-3456',
    '2026-03-02',
    '123456789',
    '00-000000000',
  ])('%j contains no number', (text) => {
    expect(findImporterNumbers(text)).toEqual([]);
  });

  it('a number is found inside any text', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z ,.:()\n]{0,20}$/),
        fc.stringMatching(/^[1-9]\d-\d{7}[0-9A-HJ-NP-Y]{2}$/),
        fc.stringMatching(/^[a-z ,.:()\n]{0,20}$/),
        (before, number, after) => {
          expect(findImporterNumbers(`${before} ${number} ${after}`)).toContain(number);
        },
      ),
    );
  });

  it('a long text is searched quickly', () => {
    const started = performance.now();
    findImporterNumbers('1234567-'.repeat(40_000));
    nearMisses('O1-'.repeat(100_000));
    looksLikeTaxNumber('12 345678 '.repeat(40_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('near misses', () => {
  it('O for 0 and a missing suffix are found', () => {
    expect(nearMisses('IOR 12-34567890O')).toEqual([{ meant: '12-345678900', why: 'letter-for-digit' }]);
    expect(nearMisses('IOR 1Z-345678900')).toEqual([{ meant: '12-345678900', why: 'letter-for-digit' }]);
    expect(nearMisses('EIN 98-7654321')).toEqual([{ meant: '98-765432100', why: 'suffix-missing' }]);
  });

  it('a correct number does not count as a near miss', () => {
    expect(nearMisses('12-345678900, 061234-12345, 234-56-7891')).toEqual([]);
  });

  it('one EIN with two suffixes is recognized', () => {
    expect(differOnlyInSuffix('12-345678900', '12-3456789A1')).toBe(true);
    expect(differOnlyInSuffix('12-345678900', '12-345678900')).toBe(false);
    expect(differOnlyInSuffix('12-345678900', '13-345678900')).toBe(false);
    expect(differOnlyInSuffix('061234-12345', '061234-12346')).toBe(false);
  });
});

describe('what looks like a tax number', () => {
  it.each([
    '12-3456789',
    '12-345678900',
    '12-3456789A1',
    '12-34567890O',
    '123456789',
    '12345678900',
    '123456789A1',
    '123-45-6789',
    '061234-12345',
    'client-12-3456789',
    'client12-3456789',
    'EIN123456789',
    'C-123456789',
    '12_3456789',
    '12 3456789',
    '123 45 6789',
    '１２-３４５６７８９',
    'Jane Doe 123-45-6789, sole proprietor',
  ])('%j does', (text) => {
    expect(looksLikeTaxNumber(text)).toBe(true);
  });

  it.each([
    'acme',
    'maple-imports-2026',
    'C-000123',
    'CRM-2026-000123',
    '20260302',
    '2026-03-02',
    '1234567890',
    'C123456789',
    '550e8400-e29b-41d4-a716-446655440000',
    'ab16-4466554abc',
    'phone 514-555-0123',
    'Company 2000 Inc., ACE application',
  ])('%j does not', (text) => {
    expect(looksLikeTaxNumber(text)).toBe(false);
  });

  it('no UUID does', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(looksLikeTaxNumber(uuid)).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('every number that can be found does', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^([1-9]\d-\d{7}[0-9A-HJ-NP-Y]{2}|\d{6}-\d{5}|[1-5]\d\d-[1-9]\d-[1-9]\d{3})$/),
        (n) => {
          expect(looksLikeTaxNumber(`About ${n}.`)).toBe(true);
        },
      ),
    );
  });
});
