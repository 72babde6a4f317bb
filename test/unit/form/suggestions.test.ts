import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeReplica, VARIANTS } from '../../../forms/replica-variants.js';
import type { FieldType } from '../../../src/form/document/form-field.js';
import { draftMap, type OpenEntry } from '../../../src/form/draft/draft-map.js';
import { slotSuggestions } from '../../../src/form/draft/suggest-slots.js';
import { valueKindOf } from '../../../src/form/map/application-fields.js';
import { isFilled } from '../../../src/form/map/field-map.js';
import type { InspectedField } from '../../../src/form/map/inspect-form.js';
import { livecycleForm } from '../../support/livecycle/livecycle-form.js';

const box = (caption: string, more: Partial<InspectedField> = {}): InspectedField => ({
  name: 'box',
  type: 'text',
  caption,
  page: 1,
  places: [{ page: 1, x: 0, y: 0, width: 100, height: 20 }],
  maxLength: null,
  comb: false,
  multiline: false,
  options: [],
  required: false,
  readOnly: false,
  value: '',
  ...more,
});

const suggestedFor = (caption: string, more: Partial<InspectedField> = {}) => {
  const [found] = slotSuggestions([box(caption, more)]);
  return { section: found?.words.section, ...found?.suggestion };
};

describe('a suggestion comes from the last sentence of a caption, and its section from the first', () => {
  it.each([
    ['Section A. Company information. 3. Enter the legal name of the company.', 'A', 'company.legalName'],
    ['Section A. Company Officer. 9. A. Enter Family Name (Last Name).', 'A', 'officer.lastName'],
    ['Section A. Business Address. 4. B. Enter City or Town.', 'A', 'company.address.city'],
    [
      'SECTION B: ACCOUNT OWNER. PART 2: LEGAL ENTITY. Point of Contact. 6. Enter Telephone Number.',
      'B Part 2',
      'accountOwner.phone',
    ],
    ['Section D. Account Owner. Enter Date of Signature.', 'D', 'acknowledgement.accountOwner.date'],
    ['13. Company officer: title', 'other', 'officer.title'],
  ])('%s', (caption, section, fill) => {
    expect(suggestedFor(caption)).toEqual({ section, fill });
  });

  it.each([
    ['Date of birth of company officer (mm/dd/yyyy)', {}, { fill: 'officer.dateOfBirth', format: 'MM/DD/YYYY' }],
    ['Section D. Officer. Date (dd-mmm-yyyy)', {}, { fill: 'acknowledgement.officer.date', format: 'DD-MMM-YYYY' }],
    ['Fiscal year end', { maxLength: 4 }, { fill: 'company.fiscalYearEnd', format: 'MMDD' }],
    ['Section A. 4. Enter Telephone Number. Enter 10 digit number.', {}, { fill: 'company.phone', format: 'phone10' }],
    ['Section A. 3. E. Enter 5 digit ZIP Code.', {}, { fill: 'company.address.postalCode', format: 'zip5' }],
    [
      'Section A.1. IMPORTER. Enter Importer of Record Number.',
      { maxLength: 11 },
      { fill: 'importerNumber', format: 'digits' },
    ],
  ])('with the format that "%s" asks for', (caption, more, suggestion) => {
    expect(suggestedFor(caption, more)).toMatchObject(suggestion);
  });

  it('and from titles printed above the box', () => {
    const headings = ['Section A. Company', 'Section B. Account Owner', 'Part 2. Legal Entity'];
    expect(suggestedFor('3. Point of contact: last name', { headings })).toMatchObject({
      section: 'B Part 2',
      fill: 'accountOwner.lastName',
    });
  });
});

describe('there is no suggestion', () => {
  const none = (caption: string, more: Partial<InspectedField> = {}) =>
    expect(suggestedFor(caption, more)).toEqual({ section: expect.any(String) });

  it.each(['spouse', 'attorney', 'broker', 'carrier', 'interpreter', 'employer', 'driver', 'surety', 'preparer'])(
    'for what is asked of the %s',
    (other) => {
      none(`Section A. ${other}. Enter Last Name.`);
      none(`Section A. 3. Enter ${other}'s Telephone Number.`);
      none(`Section A. Name of ${other}`);
      none(`Company name of the ${other}`);
    },
  );

  it.each([
    'For CBP Use Only. Company Name.',
    'For C B P Use Only. Enter City.',
    'Office use only. Importer number.',
    'Section A. Enter City, State and ZIP Code.',
    'Section A. Telephone or fax number',
    'Section A. Name and title of company officer',
    'Section A. Last Name.',
    'Section A. Middle name of company officer',
    'Section B. Account Owner. Part 1. Individual. 1. A. Enter Last Name.',
    'Section B. Part 1. Individual. Account owner. Enter Last Name.',
    'Section A. Country of birth',
    'Section A. Mobile telephone number',
    'Part 11. Interpreter. Enter City or Town.',
  ])('for "%s"', (caption) => none(caption));

  it('for a box below a title that keeps it for the agency', () => {
    none('Company Name', { headings: ['For CBP Use Only'] });
  });

  it('for two boxes that ask the same in one section', () => {
    const both = slotSuggestions([
      box('Section A. 4. Enter Telephone Number.', { name: 'one' }),
      box('Section A. 5. Enter Telephone Number.', { name: 'other' }),
    ]);
    expect(both.map(({ suggestion }) => suggestion)).toEqual([undefined, undefined]);
  });

  it('of text for a tick, or of a tick for text, whatever the caption', () => {
    const words = [
      'Company Officer',
      'Importer',
      'Account Owner',
      'Select P',
      'Legal name',
      'Date',
      'agrees',
      'Type of organization',
      'City',
      'Email',
    ];
    const types: FieldType[] = ['text', 'checkbox', 'radio', 'dropdown'];
    fc.assert(
      fc.property(
        fc.constantFrom('Section A', 'Section A.1', 'Section B. Part 2', 'Section C', 'Section D', 'Part 3', ''),
        fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...types),
        (section, said, type) => {
          const options = type === 'text' ? [] : ['P', 'S'];
          const { fill } = suggestedFor([section, ...said].filter(Boolean).join('. '), { type, options });
          if (fill === undefined) return;
          const kind = valueKindOf(fill);
          if (type === 'text' || type === 'dropdown') expect(kind).not.toBe('tick');
          else expect(['tick', 'choice']).toContain(kind);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('the rows of business activities are known', () => {
  it.each([
    [
      'Section A.1. Importer, Broker, Filer. IMPORTER. Select P for primary or S for secondary.',
      'importer',
      'importer.primary',
    ],
    ['Section A.1. Importer, Broker, Filer. BROKER. Select P for primary or S for secondary.', 'broker', undefined],
    ['Section A.4. Carriers. TRUCK CARRIER. Select P for primary or S for secondary.', 'truck-carrier', undefined],
  ])('%s', (caption, activity, fill) => {
    const [found] = slotSuggestions([box(caption, { type: 'radio', options: ['P', 'S'] })]);
    expect(found).toMatchObject({ words: { activity } });
    expect(found?.suggestion).toEqual(fill ? { fill, options: { yes: 'P' } } : undefined);
  });
});

const openEntries = (fields: object[]) =>
  fields.filter((entry): entry is OpenEntry => 'fill' in entry && entry.fill === '?');

describe('of the slotSuggestions for a whole form, none is wrong', () => {
  it.each(VARIANTS)('the replica as %s', async (variant) => {
    const { pdf, map } = await makeReplica(variant);
    const draft = await draftMap({ template: pdf, edition: 'draft' });
    const right = new Map(map.fields.map((entry) => [entry.field, entry]));
    const made = openEntries(draft.map.fields).filter(({ suggestion }) => suggestion);
    expect(made.length).toBeGreaterThanOrEqual(33);
    for (const { field, section, activity, suggestion, suggestedFormat } of made) {
      const entry = right.get(field);
      expect(entry && isFilled(entry) && [entry.fill, entry.format, entry.section, entry.activity]).toEqual([
        suggestion,
        suggestedFormat,
        section,
        activity,
      ]);
    }
  });

  it.each([
    ['hybrid', true, 34],
    ['dynamic', true, 34],
    ['hybrid', false, 32],
  ] as const)('a form of LiveCycle: %s, tooltips %s', async (kind, tooltips, least) => {
    const draft = await draftMap({ template: await livecycleForm({ kind, tooltips }), edition: 'draft' });
    const made = openEntries(draft.map.fields).flatMap(({ field, section, suggestion }) =>
      suggestion ? [[field.split('.').slice(-2).join('.').replaceAll('[0]', ''), section, suggestion].join(' ')] : [],
    );
    expect(made.length).toBeGreaterThanOrEqual(least);
    expect(LIVECYCLE).toEqual(expect.arrayContaining(made));
  });
});

const LIVECYCLE = [
  'SectionA.Line1_CompanyName A company.legalName',
  'SectionA.Line2_FiscalYearEnd A company.fiscalYearEnd',
  'SectionA.Line3a_StreetNumberName A company.address.street',
  'SectionA.Line3c_CityOrTown A company.address.city',
  'SectionA.Line3d_State A company.address.state',
  'SectionA.Line3e_ZipCode A company.address.postalCode',
  'SectionA.Line3f_Country A company.address.country',
  'SectionA.Line4_DaytimePhone A company.phone',
  'SectionA.Line5_Fax A company.fax',
  'SectionA.Line6_DUNS A company.duns',
  'SectionA.Line7_WebAddress A company.website',
  'SectionA.Line8_Organization A company.organization',
  'SectionA.Line9a_FamilyName A officer.lastName',
  'SectionA.Line9b_GivenName A officer.firstName',
  'SectionA.Line10_Title A officer.title',
  'SectionA.Line11_DOB A officer.dateOfBirth',
  'SectionA1.Importer_PS A.1 importer.primary',
  'SectionA1.Importer_IORNumber A.1 importerNumber',
  'SectionA1.Importer_AdditionalIORNumber A.1 furtherImporterNumber.1',
  'SectionB_Part2.Line1_EntityName B Part 2 company.legalName',
  'SectionB_Part2.Line2_EntityAddress B Part 2 company.address',
  'SectionB_Part2.Line3a_FamilyName B Part 2 accountOwner.lastName',
  'SectionB_Part2.Line3b_GivenName B Part 2 accountOwner.firstName',
  'SectionB_Part2.Line4_Title B Part 2 accountOwner.title',
  'SectionB_Part2.Line5_BusinessEmail B Part 2 accountOwner.email',
  'SectionB_Part2.Line6_Phone B Part 2 accountOwner.phone',
  'SectionC.Line1_Name C accountOwner.name',
  'SectionC.Line2_Email C accountOwner.email',
  'SectionD.Line1_Officer_Acknowledges D acknowledgement.officer',
  'SectionD.Line1_Officer_PrintedName D acknowledgement.officer.name',
  'SectionD.Line1_Officer_DateofSignature D acknowledgement.officer.date',
  'SectionD.Line2_Owner_Acknowledges D acknowledgement.accountOwner',
  'SectionD.Line2_Owner_PrintedName D acknowledgement.accountOwner.name',
  'SectionD.Line2_Owner_DateofSignature D acknowledgement.accountOwner.date',
];
