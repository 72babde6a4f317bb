import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeForm } from '../../../../src/form/document/read-back.js';
import { fillValues } from '../../../../src/form/fill/fill-values.js';
import { inspectForm } from '../../../../src/form/map/inspect-form.js';
import { ruleProblem, shownAs, type ValueRule } from '../../../../src/form/scripts/value-rule.js';
import { openInPdfJs, type ScriptedBox, scriptedForm } from './scripted-form.js';

/** What Acrobat would refuse is refused, and what it would show is what the filled form shows. */

const date = (pattern: string): ScriptedBox => ({
  name: pattern,
  scripts: { K: `AFDate_KeystrokeEx("${pattern}");`, F: `AFDate_FormatEx("${pattern}");` },
});
const time = (style: number): ScriptedBox => ({
  name: `time ${style}`,
  scripts: { K: `AFTime_Keystroke(${style});`, F: `AFTime_Format(${style});` },
});
const number = (given: string): ScriptedBox => ({
  name: `number ${given}`.replaceAll('.', '·'),
  scripts: { K: `AFNumber_Keystroke(${given});`, F: `AFNumber_Format(${given});` },
});
const percent = (given: string): ScriptedBox => ({
  name: `percent ${given}`,
  scripts: { K: `AFPercent_Keystroke(${given});`, F: `AFPercent_Format(${given});` },
});
const special = (style: number): ScriptedBox => ({
  name: `special ${style}`,
  scripts: { K: `AFSpecial_Keystroke(${style});`, F: `AFSpecial_Format(${style});` },
});
const mask = (given: string): ScriptedBox => ({ name: given, scripts: { K: `AFSpecial_KeystrokeEx("${given}");` } });
const range = (given: string): ScriptedBox => ({
  name: `range ${given}`.replaceAll('.', '·'),
  scripts: { K: 'AFNumber_Keystroke(2, 1, 0, 0, "", true);', V: `AFRange_Validate(${given});` },
});
const own = (name: string, scripts: Record<string, string>): ScriptedBox => ({ name, scripts });

const DIGITS_ONLY = `
function IsNumeric(text) {
  var Valid = "0123456789", ok = true, c;
  for (i = 0; i < text.length && ok == true; i++) { c = text.charAt(i); if (Valid.indexOf(c) == -1) { ok = false; } }
  return ok;
}`;

const BOXES: ScriptedBox[] = [
  ...['mm/dd/yyyy', 'm/d/yy', 'yyyy-mm-dd', 'mmm d, yyyy', 'dd-mmm-yy', 'mmmm d, yyyy', 'mm/yy', 'm/d'].map(date),
  ...[0, 1, 2, 3].map(time),
  ...[
    '0, 0, 0, 0, "", true',
    '2, 0, 0, 0, "$", true',
    '2, 0, 1, 0, "", true',
    '2, 1, 0, 0, "", false',
    '2, 2, 2, 0, " EUR", false',
  ].map(number),
  ...['0, 3, 0, 0, "", true', '3, 4, 2, 0, "CHF ", true'].map(number),
  percent('1, 0'),
  ...[0, 1, 2, 3].map(special),
  ...['999-99-9999', '99/99/9999', 'A', 'AA', '99-9999999', 'OO-XX'].map(mask),
  ...['true, 1, true, 12', 'true, 0.5, false, 0', 'false, 0, true, 100'].map(range),
  own('upper shown', { F: 'event.value = event.value.toUpperCase();' }),
  own('upper kept', { V: 'event.value = event.value.toUpperCase();' }),
  own('nine at most', {
    V: `var least = 2, most = 9;
event.rc = true;
if (event.value && (event.value.length<least || event.value.length>most)) {
    app.alert("You must enter between " + least + " and " + most  + " digits.");
    event.rc = false;
}`,
  }),
  own('pattern', { K: 'if (event.willCommit) event.rc = /^[A-Z]\\d{3}$/.test(event.value);' }),
  own('email', { V: 'if (event.value != "" && !eMailValidate(event.value)) event.rc = false;' }),
  own('digits', {
    K: 'if (event.willCommit) { event.rc = IsNumeric(event.value); } else { event.rc = IsNumeric(event.change); }',
  }),
  own('grouped', {
    F: 'if (event.value.length === 5) { event.value = event.value.substring(0,2) + "," + event.value.substring(2,5); }',
  }),
];

/** One for each box at least. */
const EXAMPLES = [
  ...[
    '04/01/2026',
    '4/1/26',
    '2026-04-01',
    'Apr 1, 2026',
    '01-Apr-26',
    'April 1, 2026',
    '12/26',
    '12/31',
    '99/99/9999',
  ],
  ...[
    '15:05',
    '3:05 pm',
    '15:05:59',
    '3:05:59 pm',
    '5',
    '12',
    '-5',
    '1234.5',
    '-1234,5',
    '0.125',
    '20001',
    '200010001',
  ],
  ...[
    '2025550100',
    '123456789',
    '123-45-6789',
    'A',
    'NY',
    '12-3456789',
    'a1-%&',
    'Ann',
    'ANN',
    'A123',
    '12345',
    'ann.lee@trading.example',
  ],
];

let rules: Map<string, ValueRule>;
let reader: Awaited<ReturnType<typeof openInPdfJs>>;

beforeAll(async () => {
  const template = await scriptedForm(BOXES, { open: { Checks: DIGITS_ONLY } });
  const { fields } = await inspectForm({ template, acceptActiveContent: true });
  rules = new Map(fields.flatMap(({ name, accepts }) => (accepts ? [[name, accepts] as const] : [])));
  reader = await openInPdfJs(template);
});
afterAll(() => reader.close());

const ruleFor = (name: string): ValueRule => {
  const rule = rules.get(name);
  if (!rule) throw new Error(`${name} has no rule.`);
  return rule;
};
const takes = (name: string, value: string) => ruleProblem(ruleFor(name), value) === undefined;

describe('a value that is accepted here', () => {
  const two = fc.integer({ min: 0, max: 35 }).map((value) => String(value).padStart(2, '0'));
  const year = fc.integer({ min: 1000, max: 2999 }).map(String);
  const month = fc.constantFrom(
    'Jan',
    'Feb',
    'May',
    'Sep',
    'January',
    'February',
    'May',
    'September',
    'jan',
    '2',
    '12',
  );
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 11 });
  const value = fc.oneof(
    fc
      .tuple(two, fc.constantFrom('/', '-', '.'), two, fc.oneof(year, two))
      .map(([a, mark, b, c]) => `${a}${mark}${b}${mark}${c}`),
    fc.tuple(year, two, two).map((parts) => parts.join('-')),
    fc.tuple(two, two).map((parts) => parts.join('/')),
    fc.tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 32 }), two).map((parts) => parts.join('/')),
    fc.tuple(month, fc.integer({ min: 1, max: 32 }), year).map(([name, day, of]) => `${name} ${day}, ${of}`),
    fc.tuple(two, month, two).map((parts) => parts.join('-')),
    fc.tuple(two, two, fc.constantFrom('', ' am', ' pm', ':07', ':59 pm')).map(([h, m, end]) => `${h}:${m}${end}`),
    fc
      .tuple(fc.integer({ min: 1, max: 12 }), two, fc.constantFrom(' am', ' pm', ':07 am'))
      .map(([h, m, end]) => `${h}:${m}${end}`),
    fc
      .tuple(fc.constantFrom('', '-', '+'), digits, fc.constantFrom('', '.', ','), digits)
      .map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 3_000_000 })).map((parts) => parts.join('')),
    fc
      .tuple(fc.integer({ min: 0, max: 200 }), fc.constantFrom('.5', '.25', ',75', ',5', ''))
      .map((parts) => parts.join('')),
    fc.constantFrom('123-45-6789', '123456789', '20001', '20001-0001', '200010001', '(202) 555-0100', '202-555-0100'),
    fc.constantFrom(
      '2025550100',
      '555-0100',
      '5550100',
      '+1 202 555 0100',
      '12-3456789',
      '12/34/5678',
      'A1-%&',
      'A123',
    ),
    fc.string({ unit: fc.constantFrom(...'0123456789aAzZéß -/'), maxLength: 12 }),
  );

  it('is one that pdf.js takes and shows in the same way', () => {
    const accepted = new Map<string, number>();
    fc.assert(
      fc.property(
        value.map((text) => text.trim()),
        (text) => {
          for (const { name } of BOXES) {
            // pdf.js drops the minus sign of numbers between -1 and 0.
            if (text === '' || /^-0\D/.test(text) || !takes(name, text)) continue;
            accepted.set(name, (accepted.get(name) ?? 0) + 1);
            const typed = reader.type(name, text);
            expect({ name, text, taken: typed.taken }).toEqual({ name, text, taken: true });
            expect({ name, text, shown: typed.shown }).toEqual({ name, text, shown: shownAs(ruleFor(name), text) });
          }
        },
      ),
      { numRuns: 2_000, examples: EXAMPLES.map((text) => [text]) },
    );
    // Otherwise the property would say nothing about these boxes.
    expect(BOXES.filter(({ name }) => !accepted.has(name))).toEqual([]);
  });
});

describe('a box', () => {
  it.each([
    ['mm/dd/yyyy', '04/01/2026', ['2026-04-01', '4/1/2026', '02/30/2026', '13/01/2026', '04/01/26', 'April']],
    ['m/d/yy', '4/1/26', ['04/01/26', '4/1/2026', '2/29/25']],
    ['yyyy-mm-dd', '2028-02-29', ['2026-02-29', '04/01/2026']],
    ['mmm d, yyyy', 'Apr 1, 2026', ['April 1, 2026', 'apr 1, 2026', 'Apr 01, 2026', 'Apr 31, 2026']],
    ['dd-mmm-yy', '01-Apr-26', ['1-Apr-26']],
    ['mmmm d, yyyy', 'April 1, 2026', ['Apr 1, 2026']],
    ['m/d', '12/31', ['2/29', '12-31']],
    ['time 0', '15:05', ['24:00', '3:05 pm']],
    ['time 1', '3:05 pm', ['15:05', '3:05 PM', '13:05 pm']],
  ])('with dates as %s takes "%s" and none that Acrobat would refuse or show otherwise', (name, good, bad) => {
    expect(takes(name, good)).toBe(true);
    expect(bad.filter((value) => takes(name, value))).toEqual([]);
  });

  it.each([
    ['number 0, 0, 0, 0, "", true', '1234567', '1,234,567', ['1,234', '12.5', 'x', '0123', '$5', '1234567890123456']],
    ['number 2, 0, 0, 0, "$", true', '-5', '-$5.00', ['5.125', '$5.00', '-0']],
    ['number 2, 0, 1, 0, "", true', '5', '5.00', ['-5']],
    ['number 2, 2, 2, 0, " EUR", false', '-1234,5', '(1.234,50 EUR)', ['1234.5']],
    ['number 3, 4, 2, 0, "CHF ", true', '1234', "CHF 1'234.000", ["1'234", '1234.5', '1234,5']],
    ['percent 1, 0', '0.125', '12.5%', ['12.5%', '0.1234']],
  ])('with numbers (%s) shows %s as %s', (name, good, shown, bad) => {
    expect(takes(name, good)).toBe(true);
    expect(shownAs(ruleFor(name), good)).toBe(shown);
    expect(bad.filter((value) => takes(name, value))).toEqual([]);
  });

  it.each([
    ['special 0', '20001', '20001', ['2000', '20001-0001']],
    ['special 1', '200010001', '20001-0001', ['20001']],
    ['special 2', '202-555-0100', '(202) 555-0100', ['+1 202 555 0100', '1 202 555 0100', '555']],
    ['special 3', '123456789', '123-45-6789', ['12-3456789', '12345678']],
    ['999-99-9999', '123-45-6789', '123-45-6789', ['123456789', '123-45-678', '123-45-67890', 'abc-de-fghi']],
    ['AA', 'NY', 'NY', ['N', '12', 'NYC', 'N1']],
    ['OO-XX', 'a1-% ', 'a1-% ', ['%1-ab']],
    ['range true, 1, true, 12', '12', '12', ['0', '13']],
    ['upper shown', 'Ann', 'ANN', []],
    ['upper kept', 'ANN', 'ANN', ['Ann']],
    ['nine at most', '123456789', '123456789', ['1', '1234567890']],
    ['pattern', 'A123', 'A123', ['a123', 'A12', '']],
    ['digits', '0042', '0042', ['42a', '4 2']],
    ['grouped', '12345', '12,345', []],
    [
      'email',
      'ann.lee+1@trading.example',
      'ann.lee+1@trading.example',
      ['ann', 'ann@', '@x.example', 'ann lee@x.example'],
    ],
  ])('with the check "%s" takes %s and shows %s', (name, good, shown, bad) => {
    expect(takes(name, good)).toBe(true);
    expect(shownAs(ruleFor(name), good)).toBe(shown);
    expect(bad.filter((value) => value !== '' && takes(name, value))).toEqual([]);
  });

  it('takes no value at all whatever its rule is', () => {
    expect(BOXES.filter(({ name }) => !takes(name, ''))).toEqual([]);
  });
});

describe('a refusal', () => {
  it.each([
    ['mm/dd/yyyy', '2026-04-01', '"04/01/2026": give the box the format MM/DD/YYYY in the field map.'],
    ['mmm d, yyyy', '2026-04-01', '"Apr 1, 2026": give the box the format MMM D, YYYY in the field map.'],
    ['time 1', 'noon', '"3:05 pm".'],
    ['upper kept', 'Ann', 'the format "upper" in the field map.'],
    ['99-9999999', '123456789', 'Write it with "-" where the box has them.'],
    ['special 2', '+1 202 555 0100', 'ten digits'],
  ])('of a value for %s says what to do', (name, value, remedy) => {
    expect(ruleProblem(ruleFor(name), value)?.remedy).toContain(remedy);
  });

  it('quotes the form itself', () => {
    expect(ruleProblem(ruleFor('nine at most'), '1')?.problem).toContain('"You must enter between 2 and 9 digits."');
  });

  it.each(['999-99-9999', 'special 3', 'number 0, 0, 0, 0, "", true', 'mm/dd/yyyy', 'range true, 1, true, 12'])(
    'for %s repeats no tax number',
    (name) => {
      const { problem = '', remedy = '' } = ruleProblem(ruleFor(name), '12-345678900') ?? {};
      expect(problem).not.toBe('');
      expect(`${problem} ${remedy}`.replace(/\D/g, '')).not.toContain('345678');
    },
  );
});

it('what is stored is what Acrobat stores, and what is drawn is what it shows', async () => {
  const template = await scriptedForm(BOXES);
  const name = 'number 2, 0, 0, 0, "$", true';
  const filled = await fillValues({
    template,
    values: { [name]: '1234', 'special 2': '2025550100', 'upper shown': 'Ann' },
  });
  if (filled.kind !== 'filled') throw new Error(JSON.stringify(filled.complaints));
  const { fields } = await seeForm(filled.pdf);
  const seen = (box: string) => ({
    value: fields.get(box)?.value,
    drawn: fields.get(box)?.drawn.map(({ text }) => text),
  });
  expect(seen(name)).toEqual({ value: '1234', drawn: ['$1,234.00'] });
  expect(seen('special 2')).toEqual({ value: '2025550100', drawn: ['(202) 555-0100'] });
  expect(seen('upper shown')).toEqual({ value: 'Ann', drawn: ['ANN'] });
});
