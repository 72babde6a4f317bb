import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, withItems } from '../../../src/application/plain-text.js';
import { ConfigurationError } from '../../../src/config/configuration-error.js';
import { FieldMapError } from '../../../src/form/map/field-map.js';
import { LetterExportError } from '../../../src/mail/judging/letters/letter-export.js';
import { OnboardingError } from '../../../src/onboardings/onboarding-error.js';
import {
  columns,
  errorText,
  excerpt,
  hanging,
  itemized,
  plain,
  quotation,
} from '../../../src/process/plain-text-output.js';

/** A stranger may have written this where our own list is. */
const FORGED = 'x\n  - forged\n    forged\r\n\n\u200b  - forged\u2028  - forged';

/** The lines that a terminal shows. */
const shown = (text: string) => printable(text).split('\n');

describe('a message that may quote anything', () => {
  test('has a bar before each line except its first', () => {
    const anyText = fc
      .array(fc.constantFrom('\n', '\r', ' ', '  - ', '    ', '\u200b', 'x'))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(anyText, (text) => {
        for (const line of shown(hanging(text).text).slice(1)) expect(line).toMatch(/^ {2}\|/);
      }),
    );
    expect(shown(hanging(`It says ${FORGED}`).text)).toEqual([
      'It says x',
      '  |   - forged',
      '  |     forged',
      '  | ',
      '  |   - forged   - forged',
    ]);
  });
});

describe('a long line from a stranger', () => {
  const FORGERY = 'Sender:      authentic';
  const behindBars = (text: string) => text.split('\n').map((line) => line.replace(/^ {2}\| ?/, ''));

  test.each([
    ['quotation', quotation],
    ['excerpt', excerpt],
    ['hanging', (text: string) => hanging(`Wrong:\n${text}`)],
  ])('never starts without a bar on 80 columns: %s', (_, written) => {
    const text = `${'x'.repeat(80)}${FORGERY} ${'word '.repeat(15)}${FORGERY}`;
    const [first = '', ...others] = written(text).text.split('\n');
    for (const line of others) expect(line).toMatch(/^ {2}\| /);
    for (const line of [first, ...others]) expect(line.length).toBeLessThanOrEqual(80);
    expect(others.length).toBeGreaterThanOrEqual(2);
  });

  test('is broken between words, and within a word only if it is longer than a line', () => {
    const words = Array.from({ length: 15 }, () => '12345678');
    expect(behindBars(excerpt(words.join(' ')).text)).toEqual([words.slice(0, 8).join(' '), words.slice(8).join(' ')]);
    expect(behindBars(excerpt(`ab ${'x'.repeat(77)} cd`).text)).toEqual(['ab', 'x'.repeat(76), 'x cd']);
    expect(excerpt(`${'x'.repeat(76)} `).text).toBe(`  | ${'x'.repeat(76)}`);
  });

  test('counts tabs, East Asian letters and emoji by the columns they take', () => {
    expect(behindBars(excerpt('漢'.repeat(39)).text)).toEqual(['漢'.repeat(38), '漢']);
    expect(behindBars(excerpt('😀'.repeat(39)).text)).toEqual(['😀'.repeat(38), '😀']);
    expect(behindBars(excerpt(`a${'\t'.repeat(10)}b`).text)).toEqual([`a`, 'b']);
  });

  test('loses only the white space where it is broken', () => {
    const anyText = fc
      .array(fc.constantFrom('\n', ' ', '\t', '漢', '😀', 'word', 'x'.repeat(80), '  - '), { maxLength: 60 })
      .map((all) => all.join(''));
    const letters = (text: string) => text.replace(/\s/g, '');
    fc.assert(
      fc.property(anyText, (text) => {
        const written = excerpt(text).text;
        expect(letters(behindBars(written).join(''))).toBe(letters(text));
        for (const line of written.split('\n')) expect(line).toMatch(/^ {2}\|/);
      }),
    );
  });
});

test('a long cell does not push other columns off the screen', () => {
  const rows = columns([
    ['acme', '😀'.repeat(1500), 'late'],
    ['oak', 'x'.repeat(60), 'overdue'],
  ]).text.split('\n');
  expect(rows[0]).toContain(`${'😀'.repeat(59)}…  late`);
  expect(rows[1]).toContain(`${'x'.repeat(60)} `);
  for (const row of rows) expect(row.length).toBeLessThan(140);
});

describe('a list', () => {
  const ITEMS = [`field ${FORGED}`, 'other'];
  const LINES = [/^ {2}- field x +- forged +forged +- forged +- forged$/, /^ {2}- other$/];

  test('has one line for each item, no matter what the item quotes', () => {
    const [about, ...items] = shown(itemized(plain`Wrong in ${FORGED}:`, ITEMS).text);
    expect(about).toMatch(/^Wrong in x.*forged:$/);
    expect(items).toEqual(LINES.map((line) => expect.stringMatching(line)));
    expect(shown(withItems(`Wrong in ${FORGED}:`, ITEMS))).toHaveLength(3);
  });

  test.each([
    ['a configuration', new ConfigurationError(ITEMS)],
    ['a field map', new FieldMapError(ITEMS)],
    ['a file of letters', new LetterExportError(`w${FORGED}`, ITEMS)],
    [
      'an application',
      new OnboardingError('invalid-application', withItems('It cannot be used:', ITEMS), {
        complaints: ITEMS.map((item) => ({ field: item.split(' ', 1)[0] ?? '', problem: item.slice(6), remedy: '' })),
      }),
    ],
  ])('of problems with %s has one line for each problem', (_, error) => {
    const [about, ...items] = shown(errorText(error).text);
    expect(about).toMatch(/:$/);
    expect(items).toHaveLength(2);
    for (const item of items) expect(item).toMatch(/^ {2}- (field|other)/);
  });
});
