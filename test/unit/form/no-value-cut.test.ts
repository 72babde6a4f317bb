import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormField } from '../../../src/form/document/form-field.js';
import { wantedValues } from '../../../src/form/fill/wanted-values.js';
import type { ApplicationField } from '../../../src/form/map/application-fields.js';
import { type FieldMap, FieldMapError, parseFieldMap } from '../../../src/form/map/field-map.js';
import { sampleApplication } from './sample-application.js';

/** Boxes of one value: what they hold together gives the value back, or the value is refused. */

interface Box {
  slot: ApplicationField;
  format?: string;
  part?: { start: number; end: number };
}

const field = (name: string): FormField => ({
  name,
  type: 'text',
  page: 1,
  places: [{ page: 1, x: 0, y: 0, width: 100, height: 20 }],
  maxLength: null,
  comb: false,
  multiline: true,
  options: [],
  required: false,
  readOnly: false,
  value: '',
});

function mapOf(boxes: Box[]): FieldMap {
  return parseFieldMap({
    version: 1,
    edition: 'generated',
    fingerprint: `sha256:${'0'.repeat(64)}`,
    fields: boxes.map(({ slot, ...how }, index) => ({ field: `box ${index}`, section: 'A', fill: slot, ...how })),
  });
}

function filled(application: Parameters<typeof wantedValues>[0], boxes: Box[]) {
  const { values, complaints } = wantedValues(
    application,
    mapOf(boxes),
    boxes.map((_, index) => field(`box ${index}`)),
  );
  const text = new Map(values.map((wanted) => [wanted.field.name, wanted.value]));
  return { complaints, texts: boxes.map((_, index) => text.get(`box ${index}`) ?? '') };
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** What a person reads in boxes of one format, each character at its place. */
function readTogether(boxes: Box[], texts: string[], format: string | undefined): string[] {
  const mine = boxes
    .map((box, index) => ({ box, text: texts[index] ?? '' }))
    .filter(({ box }) => box.format === format);
  const characters: string[] = [];
  for (const { box, text } of mine)
    if (box.part) for (const [at, character] of [...text].entries()) characters[box.part.start + at] = character;
  const spread = Array.from(characters, (character) => character ?? '?').join('');
  return [...mine.filter(({ box }) => !box.part).map(({ text }) => text), spread].filter((text) => text !== '');
}

/** The facts in a date that is written in a format. */
function factsOfDate(text: string, format: string): string[] {
  const facts: string[] = [];
  let rest = text;
  for (const token of format.match(/YYYY|YY|MMMM|MMM|MM|M|DD|D|./g) ?? []) {
    const pattern = /^Y/.test(token)
      ? new RegExp(`^\\d{${token.length}}`)
      : /^(MM|DD)$/.test(token)
        ? /^\d\d/
        : /^[MD]$/.test(token)
          ? /^\d{1,2}/
          : /^MMM/.test(token)
            ? /^[A-Z][a-z]+/
            : /^./;
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) return facts;
    rest = rest.slice(found.length);
    if (/^Y/.test(token)) facts.push(`year ${found.slice(-2)}`);
    else if (/^MMM/.test(token)) facts.push(`month ${MONTHS.findIndex((name) => name.startsWith(found)) + 1}`);
    else if (/^M/.test(token)) facts.push(`month ${Number(found)}`);
    else if (/^D/.test(token)) facts.push(`day ${Number(found)}`);
  }
  return rest === '' ? facts : [];
}

const bare = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();

/** What boxes must have of a value between them, and what they have. */
function factsOf(slot: ApplicationField, value: string): string[] {
  if (slot === 'officer.dateOfBirth') {
    const [year = '', month, day] = value.split('-');
    return [`year ${year.slice(-2)}`, `month ${Number(month)}`, `day ${Number(day)}`];
  }
  if (slot === 'company.phone') return [bare(value).slice(-10)];
  return [bare(value)];
}

function factsIn(slot: ApplicationField, format: string | undefined, text: string): string[] {
  if (slot === 'officer.dateOfBirth') {
    const pattern = format === undefined ? 'YYYY-MM-DD' : format === 'digits' ? 'YYYYMMDD' : format;
    return factsOfDate(text, pattern);
  }
  if (slot === 'company.phone') return [bare(text).slice(-10)];
  return [bare(text)];
}

const FORMATS = [
  ...['digits', 'upper', 'phone10', '(###) ###-####', '###.###.####', '+1 ### ### ####'],
  ...[
    'MM/DD/YYYY',
    'MMDDYYYY',
    'YYYY-MM-DD',
    'YYYY',
    'MM',
    'M',
    'DD',
    'D',
    'MMM',
    'MMMM D, YYYY',
    'D-MMM-YY',
    'MM/YYYY',
  ],
];

const boxes = (slot: ApplicationField, longest: number) =>
  fc.array(
    fc.record(
      {
        slot: fc.constant(slot),
        format: fc.constantFrom(...FORMATS),
        part: fc
          .tuple(fc.nat(longest), fc.integer({ min: 1, max: longest }))
          .map(([start, length]) => ({ start, end: start + length })),
      },
      { requiredKeys: ['slot'] },
    ),
    { minLength: 1, maxLength: 4 },
  );

/** Boxes that do fit together, cut anywhere: chance alone seldom makes them. */
const spreadBoxes = (slot: ApplicationField, longest: number) =>
  fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: longest }), { minLength: 1, maxLength: 4 }),
      fc.option(fc.constantFrom(...FORMATS), { nil: undefined }),
    )
    .map(([cuts, format]): Box[] => {
      const ends = cuts.sort((one, other) => one - other);
      return ends.map((end, index) => ({
        slot,
        ...(format ? { format } : {}),
        part: { start: ends[index - 1] ?? 0, end },
      }));
    });

const date = fc
  .date({ min: new Date('1930-01-01'), max: new Date('2007-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));

const VALUES: [
  ApplicationField,
  fc.Arbitrary<string>,
  (application: ReturnType<typeof sampleApplication>, value: string) => void,
][] = [
  ['company.legalName', fc.stringMatching(/^[A-Za-zÀ-ÿ😀-😂]{1,30}$/u), (a, value) => (a.company.legalName = value)],
  ['officer.dateOfBirth', date, (a, value) => (a.officer.dateOfBirth = value)],
  [
    'company.phone',
    fc.constantFrom(
      '+1 514 555 0100',
      '514-555-0100',
      '(514) 555 0100',
      '1 514 555 0100',
      '+44 20 7946 0958',
      '212-555-0100 ext. 4',
      '0612345678',
    ),
    (a, value) => (a.company.phone = value),
  ],
  [
    'importerNumber',
    fc.constantFrom('12-3456789X1', '12-345678900', '262345-12345', '123-45-6789', '12-3456789T4'),
    (a, value) => (a.importerNumber = value),
  ],
];

describe('no combination of parts and formats cuts a value', () => {
  it.each(VALUES)('%s', (slot, values, set) => {
    let accepted = 0;
    fc.assert(
      fc.property(values, fc.oneof(boxes(slot, 20), spreadBoxes(slot, 20)), (value, asked) => {
        const application = sampleApplication((a) => set(a, value));
        let result: ReturnType<typeof filled>;
        try {
          result = filled(application, asked);
        } catch (error) {
          if (error instanceof FieldMapError) return;
          throw error;
        }
        if (result.complaints.length > 0) return;
        accepted++;
        const formats = [...new Set(asked.map(({ format }) => format))];
        const seen = formats.flatMap((format) =>
          readTogether(asked, result.texts, format).flatMap((text) => factsIn(slot, format, text)),
        );
        for (const fact of factsOf(slot, value)) expect(seen).toContain(fact);
      }),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('a value longer than its boxes is refused, or its shorter form taken', () => {
    const two: Box[] = [
      { slot: 'company.legalName', part: { start: 0, end: 10 } },
      { slot: 'company.legalName', part: { start: 10, end: 20 } },
    ];
    const long = sampleApplication((a) => (a.company.legalName = 'Importations Café Québec'));
    const refused = filled(long, two);
    expect(refused.complaints).toEqual([
      {
        field: 'company.legalName',
        section: 'A',
        problem: 'has 24 characters, more than the 20 that its 2 boxes take together.',
        remedy:
          'Choose what to write instead, at most 20 characters: add "shorterForms": {"company.legalName": "…"} to the application.',
      },
    ]);
    expect(refused.texts).toEqual(['', '']);
    const chosen = { ...long, shorterForms: { 'company.legalName': 'Import. Café Québec' } };
    expect(filled(chosen, two)).toEqual({ complaints: [], texts: ['Import. Ca', 'fé Québec'] });
    // A shorter form is for boxes that need it, and for no others.
    const enough = filled({ ...chosen, company: { ...chosen.company, legalName: 'Import. Café Québec.' } }, two);
    expect(enough.texts.join('')).toBe('Import. Café Québec.');
  });

  it.each([
    [
      'a gap',
      [
        { start: 0, end: 5 },
        { start: 6, end: 30 },
      ],
    ],
    [
      'an overlap',
      [
        { start: 0, end: 5 },
        { start: 4, end: 30 },
      ],
    ],
    ['no beginning', [{ start: 1, end: 30 }]],
  ])('%s between the boxes of a value is refused', (_, parts) => {
    const asked = parts.map((part): Box => ({ slot: 'company.legalName', part }));
    const { complaints } = filled(
      sampleApplication((a) => (a.company.legalName = 'Abc')),
      asked,
    );
    expect(complaints).toMatchObject([
      { field: 'company.legalName', problem: expect.stringMatching(/^is not on the form in full/) },
    ]);
  });

  it.each([
    ['the day and the month alone', ['DD', 'MM'], /the year/],
    ['a date without its day', ['MM/YYYY'], /the day/],
  ])('%s would leave out the rest of a date, and is refused', (_, formats, missing) => {
    const asked = formats.map((format): Box => ({ slot: 'officer.dateOfBirth', format }));
    expect(filled(sampleApplication(), asked).complaints[0]?.problem).toMatch(missing);
  });
});

it('a value of which one box stays closed is refused', () => {
  const map = parseFieldMap({
    version: 1,
    edition: 'generated',
    fingerprint: `sha256:${'0'.repeat(64)}`,
    fields: [
      { field: 'box 0', section: 'A', fill: 'importerNumber', part: { start: 0, end: 6 } },
      {
        field: 'box 1',
        section: 'A',
        fill: 'importerNumber',
        part: { start: 6, end: 12 },
        opensWith: { field: 'box 2' },
      },
    ],
  });
  const { complaints } = wantedValues(sampleApplication(), map, [field('box 0'), field('box 1')]);
  expect(complaints).toMatchObject([
    { field: 'importerNumber', problem: expect.stringContaining('box 1 stays closed') },
  ]);
  expect(JSON.stringify(complaints)).not.toContain('123456');
});

describe('a ZIP code', () => {
  const us = (postalCode: string) =>
    sampleApplication((a) => Object.assign(a.company.address, { postalCode, country: 'US', state: 'IL' }));
  const zip = (application: ReturnType<typeof sampleApplication>, ...formats: string[]) =>
    filled(
      application,
      formats.map((format) => ({ slot: 'company.address.postalCode', format })),
    );

  it('is written as five digits, four, or nine', () => {
    expect(zip(us('62701-0123'), 'zip5', 'zip4', 'zip9').texts).toEqual(['62701', '0123', '627010123']);
    expect(zip(us('62701'), 'zip5', 'zip4', 'zip9').texts).toEqual(['62701', '', '62701']);
  });

  it('of another country is refused', () => {
    expect(zip(sampleApplication(), 'zip5').complaints).toMatchObject([
      { problem: expect.stringContaining('"H2X 1Y4"') },
    ]);
  });

  it('as its last four digits alone is refused', () => {
    expect(zip(us('62701-0123'), 'zip4').complaints).toMatchObject([
      { problem: expect.stringContaining('first five') },
    ]);
  });
});

describe('ten digits of a telephone number', () => {
  const phone = (number: string, country = 'US', format = 'phone10') =>
    filled(
      sampleApplication((a) => {
        a.company.phone = number;
        a.company.address.country = country;
      }),
      [{ slot: 'company.phone', format }],
    );

  it.each(['+1 207 555 0142', '1-207-555-0142', '(207) 555-0142', '2075550142'])('%s', (number) => {
    expect(phone(number)).toEqual({ complaints: [], texts: ['2075550142'] });
    expect(phone(number, 'CA', '(###) ###-####').texts).toEqual(['(207) 555-0142']);
  });

  it.each([
    ['+44 20 7946 0958', 'GB'],
    ['+44 20 7946 0958', 'US'],
    ['+52 55 1234 5678', 'MX'],
    ['138 1234 5678', 'CN'],
    ['55 1234 5678', 'MX'],
    ['207 555 0142 ext. 7', 'US'],
    ['555 0142', 'US'],
    ['555-2142 x207', 'US'],
  ])('%s of %s is refused, with the remedy', (number, country) => {
    expect(phone(number, country).complaints).toMatchObject([
      { field: 'company.phone', problem: expect.stringContaining(number), remedy: expect.any(String) },
    ]);
  });
});

it.each([
  ['mm/dd/yyyy', 'officer.dateOfBirth', /Write "MM\/DD\/YYYY"/],
  ['MDYYYY', 'officer.dateOfBirth', /not a format/],
  ['MM/DD/YYYY', 'company.fiscalYearEnd', /has a year/],
  ['digits', 'company.legalName', /not for a value of this kind/],
  ['MM/DD', 'company.phone', /not for a value of this kind/],
  ['###-####', 'company.phone', /not a format/],
  ['zip5', 'importer.primary', /not for a value of this kind. Leave it out/],
] as const)('the format %s for %s is refused when the map is read', (format, slot, message) => {
  expect(() => mapOf([{ slot, format }])).toThrow(message);
});
