import { isShortenable } from '../../application/shorter-forms.js';
import { formatIssue } from '../../application/validation-issue.js';
import { type FormField, isChoice, isTyped, optionFor } from '../document/form-field.js';
import { type ApplicationField, longestOf, valueKindOf } from './application-fields.js';
import { coverageOf } from './box-coverage.js';
import { type FieldMap, type FilledEntry, isFilled, type MapEntry } from './field-map.js';
import { longestWritten } from './value-format.js';

/**
 * What is wrong with a map for a form, as far as the two alone tell, without filling anything in: `form check` reports
 * it, and filling refuses it.
 */
export function mapFindings(map: FieldMap, all: FormField[]): MapFinding[] {
  const fields = new Map(all.map((field) => [field.name, field]));
  return [
    ...map.fields.flatMap((entry) => entryFindings(entry, fields)),
    ...coverageFindings(map),
    ...unmapped(all, map.fields),
  ];
}

function entryFindings(entry: MapEntry, fields: Map<string, FormField>): MapFinding[] {
  const field = fields.get(entry.field);
  const about = { section: entry.section, field: entry.field };
  if (!field)
    return [
      {
        ...about,
        kind: 'missing',
        problem: 'is in the map but not in the form.',
        remedy: 'Remove the entry, or find what the box is called now with "form diff".',
      },
    ];
  if (!isFilled(entry)) return [];
  const findings: MapFinding[] = [];
  const mistyped = (problem: string, remedy: string) => findings.push({ ...about, kind: 'mistyped', problem, remedy });
  const { opensWith } = entry;
  if (field.unfillable && !(opensWith && (field.hidden || field.opens)))
    mistyped(`${field.unfillable}, and cannot be filled.`, 'Map another box, or leave it.');
  if (field.readOnly && !opensWith)
    mistyped(
      'cannot be typed into: the form computes it or keeps it closed.',
      field.opens
        ? `Leave it, or say with "opensWith" which tick opens it: ${field.opens.map((opener) => opener.field).join(', ')}.`
        : 'Leave it, with the reason.',
    );
  if (opensWith && !field.readOnly && !field.unfillable)
    mistyped('is not closed, but the map says what opens it.', 'Take out "opensWith".');
  if (opensWith && !fields.has(opensWith.field))
    mistyped(`is opened by ${opensWith.field}, which is not in the form.`, 'Name the box that is ticked.');
  if (!isTyped(field.type)) mistyped(`is a ${field.type}.`, 'Leave it, with the reason.');
  if (isAboutTick(entry) && field.type === 'text')
    mistyped(`takes text, but "${entry.fill}" is a tick.`, 'Map it to the box that is ticked.');
  if (!isAboutTick(entry) && field.type === 'checkbox' && !entry.options)
    mistyped(`is ticked, but "${entry.fill}" is text.`, 'Say with "options" which value ticks it.');
  for (const [value, option] of Object.entries(entry.options ?? {})) {
    const found = isChoice(field) ? optionFor(field, option) : option;
    if (Array.isArray(found))
      mistyped(
        `has several options that "${option}", to which the map turns "${value}", could be: ${found.join(', ')}.`,
        'Write one of these in full, with the part in parentheses.',
      );
    else if (found === undefined && !field.editable)
      mistyped(
        `has no option "${option}", to which the map turns "${value}".`,
        `Its options are ${(field.optionLabels ?? field.options).slice(0, 20).join(', ')}.`,
      );
  }
  if (isDate(entry) && !entry.format && !entry.options && field.type === 'text')
    mistyped('is a date, but the map gives no format.', 'Add a format such as "MM/DD/YYYY".');
  const order = entry.part ? undefined : orderFinding(entry, field);
  if (order) findings.push(order);
  const needed = neededLength(entry);
  if (needed !== undefined && field.maxLength !== null && field.maxLength < needed)
    findings.push({
      ...about,
      kind: 'too-short',
      problem: `takes ${field.maxLength} characters; ${entry.fill}${entry.format ? ` as ${entry.format}` : ''} needs ${needed}.`,
      remedy:
        entry.fill === 'importerNumber'
          ? 'Drop the hyphens with "format": "digits", or spread it over boxes with "part".'
          : 'Choose a shorter format, or another box.',
    });
  return findings;
}

const isAboutTick = ({ fill }: FilledEntry) => valueKindOf(fill) === 'tick';
const isDate = ({ fill }: FilledEntry) => ['date', 'dayOfYear'].includes(valueKindOf(fill));

function coverageFindings(map: FieldMap): MapFinding[] {
  const { spreads, problems } = coverageOf(map);
  const short = spreads.flatMap(({ slot, format, boxes, end }): MapFinding[] => {
    const [first] = boxes;
    const needed = roomFor(slot, format);
    return !first || needed === undefined || end >= needed
      ? []
      : [
          {
            section: first.section,
            field: first.field,
            kind: 'too-short',
            problem: `and the boxes after it take ${end} characters of ${slot}${format ? ` as ${format}` : ''}; it may need ${needed}.`,
            remedy: 'Map the rest of the value to further boxes.',
          },
        ];
  });
  return [
    ...problems.map(
      ({ entry, problem, remedy }): MapFinding => ({
        section: entry.section,
        kind: 'cut',
        field: entry.field,
        problem,
        remedy,
      }),
    ),
    ...short,
  ];
}

/** What a person should know about a map that can be used. */
export function mapNotes(map: FieldMap, all: FormField[]): { notes: string[]; lengths: string[] } {
  const fields = new Map(all.map((field) => [field.name, field]));
  const lengths = lengthNotes(map, fields);
  return { notes: [...choiceNotes(map, fields), ...lengths], lengths };
}

/** Which values are refused for being too long, although the application may have them. */
function lengthNotes(map: FieldMap, fields: Map<string, FormField>): string[] {
  const { spreads } = coverageOf(map);
  const spread = spreads.map(({ slot, format, boxes, end }) => ({ slot, format, boxes, most: end }));
  const single = map.fields
    .filter((entry): entry is FilledEntry => isFilled(entry) && !entry.part && !entry.options)
    .flatMap((entry) => {
      const field = fields.get(entry.field);
      return field?.type === 'text' && field.maxLength !== null
        ? [{ slot: entry.fill, format: entry.format, boxes: [entry], most: field.maxLength }]
        : [];
    });
  return [...spread, ...single].flatMap(({ slot, format, boxes, most }) =>
    most >= longestWritten(longestOf(slot), format, valueKindOf(slot))
      ? []
      : [
          `${boxes.map(({ field, caption }) => caption ?? field).join(', ')}: takes ${most} characters of ${slot}. A longer value is refused, never cut${isShortenable(slot) ? ': "shorterForms" of the application can say what to write instead' : ''}.`,
        ],
  );
}

/** Which values of a choice read alike on the form, and which it has no option for. The picture shows only one of them. */
function choiceNotes(map: FieldMap, fields: Map<string, FormField>): string[] {
  return map.fields.filter(isFilled).flatMap((entry) => {
    const field = fields.get(entry.field);
    if (!field || !entry.options || !isChoice(field) || field.type === 'checkbox') return [];
    const values = new Map<string, string[]>();
    for (const [value, option] of Object.entries(entry.options))
      values.set(option, [...(values.get(option) ?? []), value]);
    return [...values].flatMap(([option, alike]) =>
      alike.length > 1
        ? [
            `${entry.caption ?? entry.field}: ${alike.join(' and ')} all choose "${option}". Make sure that this is right.`,
          ]
        : [],
    );
  });
}

/** How a caption says that a date is written: "(mm/dd/yyyy)", "mmdd". */
const DATE_IN_CAPTION = /\b(?:mm|dd|yyyy|yy)(?:[\s/.-]*(?:mm|dd|yyyy|yy)){1,2}\b/gi;

/** A date in another order than the caption asks for. */
function orderFinding(entry: FilledEntry, { caption }: FormField): MapFinding | undefined {
  const parts = (text: string) => (text.match(/M+|D+|Y+/g) ?? []).map(([letter]) => letter).join('');
  const asked = new Set(
    (caption ?? entry.caption ?? '').match(DATE_IN_CAPTION)?.map((text) => parts(text.toUpperCase())),
  );
  const [only] = asked;
  if (!isDate(entry) || !entry.format || asked.size !== 1 || parts(entry.format) === only) return undefined;
  return {
    section: entry.section,
    field: entry.field,
    kind: 'mistyped',
    problem: `gets the date as ${entry.format}, but its caption asks for another order: "${caption ?? entry.caption}".`,
    remedy: 'Write the date as the caption says.',
  };
}

/** Characters that a value always has, or must have room for. */
const LENGTHS: Partial<Record<ApplicationField, number>> = {
  'company.legalName': 35,
  'company.address.street': 35,
  'company.address.city': 20,
  'company.address.postalCode': 10,
  'company.phone': 16,
  'accountOwner.phone': 16,
  'accountOwner.email': 40,
  'officer.lastName': 20,
  'officer.firstName': 15,
  'accountOwner.lastName': 20,
  'accountOwner.firstName': 15,
  'officer.name': 30,
  'accountOwner.name': 30,
  'company.duns': 9,
};

function neededLength(entry: FilledEntry): number | undefined {
  if (entry.part) return entry.part.end - entry.part.start;
  if (entry.options) return Math.max(...Object.values(entry.options).map(({ length }) => length));
  return roomFor(entry.fill, entry.format);
}

function roomFor(slot: ApplicationField, format: string | undefined): number | undefined {
  const kind = valueKindOf(slot);
  const always = ['number', 'date', 'dayOfYear'].includes(kind) ? longestOf(slot) : LENGTHS[slot];
  return always === undefined ? undefined : longestWritten(always, format, kind);
}

function unmapped(fields: FormField[], entries: MapEntry[]): MapFinding[] {
  const mapped = new Set(entries.map(({ field }) => field));
  return fields
    .filter(({ name, type, unfillable }) => !mapped.has(name) && isTyped(type) && !unfillable)
    .map(({ name, caption }) => ({
      section: 'other',
      kind: 'unmapped',
      field: name,
      problem: `is in the form but not in the map${caption ? ` (${caption})` : ''}.`,
      remedy: 'Say what goes in with "fill", or why nothing does with "leave".',
    }));
}

export interface MapFinding {
  /** A section of the form, or `map` for the map as a whole. */
  section: string;
  kind: 'to-complete' | 'other-file' | 'missing' | 'unmapped' | 'mistyped' | 'too-short' | 'cut' | 'hidden' | 'rule';
  field: string;
  problem: string;
  remedy: string;
}

/** One line for each finding. For undecided boxes, which may be all of them, the remedy appears only once. */
export function findingLines(findings: MapFinding[]): string[] {
  const undecided = findings.filter(isUndecided);
  const [first] = undecided;
  return [
    ...findings.filter((finding) => !isUndecided(finding)).map((finding) => `  ${findingLine(finding)}`),
    ...(first ? [`  [${first.kind}] ${undecided.length} boxes: "fill" ${first.problem} ${COMPLETE}`] : []),
    ...undecided.map(({ field, remedy }) => `    ${field.replace(/ fill$/, '')}${remedy.replace(COMPLETE, '')}`),
  ];
}

/** The remedy when a person must decide. */
export const COMPLETE = 'Complete the map.';

function isUndecided({ kind, field, remedy }: MapFinding): boolean {
  return kind === 'to-complete' && field.endsWith(' fill') && remedy.startsWith(COMPLETE);
}

export function findingLine({ field, kind, problem, remedy }: MapFinding): string {
  return `[${kind}] ${formatIssue({ field, problem, remedy })}`;
}
