import type { Application } from '../../application/application.js';
import { importerNumberOf } from '../../application/importer-number.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import { type FormField, isChoice, isTyped } from '../document/form-field.js';
import { type ApplicationField, requiredFields } from '../map/application-fields.js';
import { coverageOf } from '../map/box-coverage.js';
import { type FieldMap, isFilled, type MapEntry } from '../map/field-map.js';

/**
 * What Clearit's guide to the application requires of a filled form, checked on the values that it will have: exactly
 * one P, on importer; the number with its suffix; Section B Part 2 and not Part 1; Sections C and D complete; both
 * acknowledgements; plausible dates. Every rule is checked, so that all problems are reported at once.
 */
export interface FormToCheck {
  application: Application;
  map: FieldMap;
  fields: FormField[];
  /** The value of a field once filled; empty when there is none. */
  valueIn(field: string): string;
}

export function guideIssues(form: FormToCheck): ValidationIssue[] {
  return RULES.flatMap((rule) => rule(form));
}

const RULES: ((form: FormToCheck) => ValidationIssue[])[] = [
  onePrimaryOnImporter,
  fullImporterNumber,
  everyFurtherNumber,
  partTwoAndNotPartOne,
  sectionsCAndDComplete,
  bothAcknowledgements,
  plausibleDates,
  everythingTheGuideAsks,
  everythingTheFormRequires,
];

const MAP = 'field map';

function onePrimaryOnImporter({ map, fields, valueIn }: FormToCheck): ValidationIssue[] {
  const rows = map.fields.filter((entry) => entry.activity !== undefined && valueIn(entry.field) !== '');
  const choices = rows.filter((entry) => fields.some((field) => field.name === entry.field && isChoice(field)));
  const importer = choices.filter((entry) => isFilled(entry) && entry.fill === 'importer.primary');
  const complaints = rows
    .filter((entry) => entry.activity !== 'importer')
    .map((entry) => ({
      field: entry.field,
      section: entry.section,
      problem: `is filled, but belongs to the business activity "${entry.activity}".`,
      remedy: 'An importer chooses P on the importer row and leaves every other row blank.',
    }));
  if (importer.length !== 1 || choices.filter((entry) => entry.activity === 'importer').length !== 1)
    complaints.push({
      field: 'importerNumber',
      section: 'A.1',
      problem: `is on a form with ${importer.length} P choices on the importer row.`,
      remedy: 'Exactly one P, on importer: map "importer.primary" to the importer row, with "activity": "importer".',
    });
  return complaints;
}

function fullImporterNumber({ application, map, valueIn }: FormToCheck): ValidationIssue[] {
  try {
    importerNumberOf(application.importerNumber);
  } catch {
    return [
      {
        field: 'importerNumber',
        section: 'A.1',
        problem: 'is not a full importer number: an EIN needs its two-character suffix.',
        remedy: "Take the number with its suffix, usually 00, from the client's CBP Form 5106.",
      },
    ];
  }
  const bare = (text: string) => text.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
  const whole = bare(application.importerNumber);
  const boxes = map.fields.filter((entry) => isFilled(entry) && entry.fill === 'importerNumber' && !entry.part);
  // A form may spread the number over several boxes.
  const spread = coverageOf(map).spreads.filter(({ slot }) => slot === 'importerNumber');
  const numbers = [...boxes.map((box) => [box]), ...spread.map((number) => number.boxes)];
  if (numbers.some((entries) => bare(entries.map(({ field }) => valueIn(field)).join('')) === whole)) return [];
  return [
    {
      field: 'importerNumber',
      section: 'A.1',
      problem: 'is not on the form in full.',
      remedy: 'Map the slot "importerNumber" to the first box of the importer row.',
    },
  ];
}

function everyFurtherNumber({ application, map }: FormToCheck): ValidationIssue[] {
  const mapped = new Set(map.fields.filter(isFilled).map(({ fill }) => fill));
  return application.furtherImporterNumbers.flatMap((_, index) =>
    mapped.has(`furtherImporterNumber.${index + 1}` as ApplicationField)
      ? []
      : [
          {
            field: `furtherImporterNumbers.${index}`,
            section: 'A.1',
            problem: 'has no box on this form: CBP would not hear of it.',
            remedy: 'Map a box to it, or leave it out of the application and have it added once the account exists.',
          },
        ],
  );
}

function partTwoAndNotPartOne({ map, valueIn }: FormToCheck): ValidationIssue[] {
  const filledIn = (section: MapEntry['section']) =>
    map.fields.filter((entry) => entry.section === section && valueIn(entry.field) !== '');
  const complaints = filledIn('B Part 1').map((entry) => ({
    field: entry.field,
    section: 'B Part 1',
    problem: 'is filled, but Part 1 is for individuals.',
    remedy: 'A company leaves Part 1 blank and fills Part 2.',
  }));
  if (filledIn('B Part 2').length === 0)
    complaints.push({
      field: MAP,
      section: 'B Part 2',
      problem: 'puts nothing into Section B Part 2.',
      remedy: 'Map the boxes of Part 2, Legal Entity: the account owner goes there.',
    });
  return complaints;
}

function sectionsCAndDComplete({ map, valueIn }: FormToCheck): ValidationIssue[] {
  return (['C', 'D'] as const).flatMap((section) => {
    const entries = map.fields.filter((entry) => entry.section === section);
    const filled = new Set(entries.filter(isFilled).flatMap(({ field, fill }) => (valueIn(field) ? fill : [])));
    // One box may have all of a value that could be spread over several.
    const empty = entries.filter((entry) => isFilled(entry) && !entry.opensWith && !filled.has(entry.fill));
    if (!entries.some(isFilled))
      return [
        {
          field: MAP,
          section,
          problem: `fills nothing in Section ${section}, which importers complete.`,
          remedy: 'Map its boxes.',
        },
      ];
    return empty.map((entry) => ({
      field: entry.field,
      section,
      problem: 'is empty, but the section must be complete.',
      remedy: 'Add the value that the field map uses to the application.',
    }));
  });
}

function bothAcknowledgements({ application, map, fields, valueIn }: FormToCheck): ValidationIssue[] {
  return (['officer', 'accountOwner'] as const).flatMap((who) => {
    const slot = `acknowledgement.${who}` as const;
    const ticked = map.fields.filter(
      (entry) =>
        isFilled(entry) &&
        entry.fill === slot &&
        valueIn(entry.field) !== '' &&
        fields.some((field) => field.name === entry.field && isChoice(field)),
    );
    const complaints: ValidationIssue[] = [];
    if (ticked.length !== 1)
      complaints.push({
        field: `acknowledgements.${who}`,
        section: 'D',
        problem: `is checked ${ticked.length} times.`,
        remedy: `Exactly one box of Section D is the ${who === 'officer' ? "officer's" : "account owner's"}: map it to "${slot}". Do not check the box of a person who has not agreed in writing.`,
      });
    const person = application[who];
    if (application.acknowledgements[who].name !== `${person.firstName} ${person.lastName}`)
      complaints.push({
        field: `acknowledgements.${who}.name`,
        section: 'D',
        problem: 'is not the name of the person who must acknowledge.',
        remedy: 'Each person must acknowledge personally.',
      });
    return complaints;
  });
}

const ADULT = 18;
const OLDEST = 110;
/** The day the terms of an ACE account were published: 72 FR 27632. */
const TERMS_PUBLISHED = '2007-05-16';

function plausibleDates({ application }: FormToCheck): ValidationIssue[] {
  const complaints: ValidationIssue[] = [];
  const acknowledged: string[] = [];
  for (const who of ['officer', 'accountOwner'] as const) {
    const day = dayOf(application.acknowledgements[who].at);
    if (day && day >= TERMS_PUBLISHED) acknowledged.push(day);
    else
      complaints.push({
        field: `acknowledgements.${who}.at`,
        section: 'D',
        problem: 'is not a day on which anyone can have agreed.',
        remedy: 'Write the day as YYYY-MM-DD.',
      });
  }
  const born = dayOf(application.officer.dateOfBirth);
  const latest = acknowledged.sort().at(-1);
  if (!born || (latest && !plausibleAge(born, latest)))
    complaints.push({
      field: 'officer.dateOfBirth',
      section: 'A',
      problem: `would not make the officer between ${ADULT} and ${OLDEST} years old at the acknowledgement.`,
      remedy: 'Ask the officer for the date of birth and write it as YYYY-MM-DD.',
    });
  if (!dayOf(`2024-${application.company.fiscalYearEnd}`))
    complaints.push({
      field: 'company.fiscalYearEnd',
      section: 'A',
      problem: 'is not a day of the year.',
      remedy: 'Write it as MM-DD, for example 12-31.',
    });
  return complaints;
}

function plausibleAge(born: string, on: string): boolean {
  const years = Number(on.slice(0, 4)) - Number(born.slice(0, 4)) - (on.slice(5) < born.slice(5) ? 1 : 0);
  return years >= ADULT && years <= OLDEST;
}

/** The calendar day of a date or instant; undefined when there is no such day. */
function dayOf(text: string): string | undefined {
  const day = /^(\d{4}-\d{2}-\d{2})(?:T.*)?$/.exec(text)?.[1];
  if (!day) return undefined;
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day) ? day : undefined;
}

function everythingTheGuideAsks({ map }: FormToCheck): ValidationIssue[] {
  const mapped = new Set(map.fields.filter(isFilled).map((entry) => entry.fill));
  return requiredFields()
    .filter((slots) => !slots.some((slot) => mapped.has(slot)))
    .map((slots) => ({
      field: MAP,
      problem: `has no box for ${slots.join(' or ')}.`,
      remedy: 'Map it: the guide asks for it.',
    }));
}

function everythingTheFormRequires({ map, fields, valueIn }: FormToCheck): ValidationIssue[] {
  const left = new Set(map.fields.filter((entry) => !isFilled(entry)).map((entry) => entry.field));
  return fields
    .filter((field) => field.required && !left.has(field.name) && valueIn(field.name) === '')
    .filter(({ type }) => isTyped(type))
    .map((field) => ({
      field: field.name,
      problem: 'is required by the form but is empty.',
      remedy: 'Map it, or say under "leave" why it may be empty.',
    }));
}
