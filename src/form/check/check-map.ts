import type { Application } from '../../application/application.js';
import { isShortenable } from '../../application/shorter-forms.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import { assertFillable } from '../document/assert-fillable.js';
import type { BoxToProve, FormDocument } from '../document/form-document.js';
import { type FormField, isChoice, isTyped, optionFor } from '../document/form-field.js';
import { FormReadBackError } from '../document/form-read-back-error.js';
import type { ValueProblem } from '../document/plain-value.js';
import { fillFor } from '../fill/fill-form.js';
import { sealed } from '../map/acceptance.js';
import { type ApplicationField, CHOSEN, longestOf, valueKindOf } from '../map/application-fields.js';
import { coverageOf } from '../map/box-coverage.js';
import {
  type FieldMap,
  FieldMapError,
  type FilledEntry,
  isFilled,
  type MapEntry,
  parseFieldMap,
  SECTIONS,
} from '../map/field-map.js';
import { longestWritten } from '../map/value-format.js';
import { openFormDocument } from '../open-form-document.js';
import { fingerprintOf } from '../pdf/fingerprint.js';
import { COMPLETE, type MapFinding } from './finding.js';

/** Whether a map fits a file, and the problems, section by section. */
export interface CheckedMap {
  ok: boolean;
  edition: string;
  findings: MapFinding[];
  /** The form, filled in for a made-up importer, for a person to look at. */
  sample?: Uint8Array;
  /** Boxes that are drawn for each application, because something covers a part of them. */
  toDraw: string[];
  /** What a person should know about a map that can be used. */
  notes: string[];
}

/**
 * Checks a map against a file: every field exists, has the right type and is long enough, none is missing, and a complete
 * sample application can be filled, read back, and passes the guide's rules.
 * @throws PdfRefusedError when the file cannot be used
 */
export async function checkMap({ template, map: json }: { template: Uint8Array; map: unknown }): Promise<CheckedMap> {
  let map: FieldMap;
  try {
    map = parseFieldMap(json);
  } catch (error) {
    if (!(error instanceof FieldMapError)) throw error;
    return {
      ok: false,
      edition: editionIn(json),
      findings: error.problems.map((problem) => toComplete(problem, json)),
      toDraw: [],
      notes: [],
    };
  }
  const document = await openFormDocument(template, map);
  assertFillable(document);
  const fields = new Map(document.fields.map((field) => [field.name, field]));
  const findings: MapFinding[] = [];
  const found = fingerprintOf(template);
  if (found !== map.fingerprint)
    findings.push({
      section: 'map',
      kind: 'other-file',
      field: 'fingerprint',
      problem: `is ${map.fingerprint}, the file has ${found}.`,
      remedy:
        'Make a map for this file with "ace-onboarding form draft FILE --from MAP", which keeps the entries that still fit.',
    });
  for (const entry of map.fields) findings.push(...entryFindings(entry, fields.get(entry.field)));
  findings.push(...coverageFindings(map), ...unmapped(document.fields, map.fields));
  const { hidden, toDraw } = await document.provePlaces(boxesToProve(map, fields), template);
  findings.push(...hidden.map(({ field, problem }) => hiddenFinding(map, field, problem)));
  const sample = await dryRun({ template, map, document, toDraw }, findings);
  return {
    ok: findings.length === 0,
    edition: map.edition,
    findings: inSectionOrder(findings),
    notes: lengthNotes(map, fields),
    toDraw,
    ...(sample ? { sample } : {}),
  };
}

/**
 * Checks a map once more, and marks it as accepted by a person who has looked at a filled form.
 * @param by name of the person
 * @param at ISO 8601 instant, now by default
 * @throws PdfRefusedError when the file cannot be used
 */
export async function acceptMap(order: {
  template: Uint8Array;
  map: unknown;
  by: string;
  at?: string;
}): Promise<{ map: FieldMap } | { findings: MapFinding[] }> {
  const { template, by, at = new Date().toISOString() } = order;
  const { ok, findings, toDraw } = await checkMap({ template, map: order.map });
  if (!ok) return { findings };
  return { map: sealed(parseFieldMap(order.map), { by, at, toDraw }) };
}

function entryFindings(entry: MapEntry, field: FormField | undefined): MapFinding[] {
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
  if (field.unfillable) mistyped(`${field.unfillable}, and cannot be filled.`, 'Map another box, or leave it.');
  if (field.readOnly) mistyped('cannot be typed into: the form computes it.', 'Leave it, with the reason.');
  if (field.type === 'button' || field.type === 'signature')
    mistyped(`is a ${field.type}.`, 'Leave it, with the reason.');
  if (isTick(entry) && field.type === 'text')
    mistyped(`takes text, but "${entry.fill}" is a tick.`, 'Map it to the box that is ticked.');
  if (!isTick(entry) && field.type === 'checkbox' && !entry.options)
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

const isTick = ({ fill }: FilledEntry) => valueKindOf(fill) === 'tick';
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
    .filter(
      ({ name, type, unfillable }) => !mapped.has(name) && type !== 'button' && type !== 'signature' && !unfillable,
    )
    .map(({ name, caption }) => ({
      section: 'other',
      kind: 'unmapped',
      field: name,
      problem: `is in the form but not in the map${caption ? ` (${caption})` : ''}.`,
      remedy: 'Say what goes in with "fill", or why nothing does with "leave".',
    }));
}

/** Every box that the map fills in, with each tick that it can make. */
function boxesToProve(map: FieldMap, fields: Map<string, FormField>): BoxToProve[] {
  return map.fields.filter(isFilled).flatMap((entry) => {
    const field = fields.get(entry.field);
    if (!field || !isTyped(field.type) || (field.unfillable && !entry.opensWith)) return [];
    const mapped = Object.values(entry.options ?? {}).map((option) => optionFor(field, option));
    const ticks = entry.options ? mapped.filter((option) => typeof option === 'string') : field.options;
    return [{ field, ticks: [...new Set(ticks)], ...(entry.opensWith ? { opened: true as const } : {}) }];
  });
}

function hiddenFinding(map: FieldMap, { name }: FormField, { problem, remedy }: ValueProblem): MapFinding {
  const section = map.fields.find(({ field }) => field === name)?.section ?? 'map';
  return { section, kind: 'hidden', field: name, problem, remedy };
}

/** Fills in a complete made-up application like a real one. Undefined, with findings, when that fails. */
async function dryRun(
  {
    template,
    map,
    document,
    toDraw,
  }: { template: Uint8Array; map: FieldMap; document: FormDocument; toDraw: string[] },
  findings: MapFinding[],
): Promise<Uint8Array | undefined> {
  const known = new Set(findings.map(({ field }) => field));
  try {
    const filled = await fillFor(PROBE, map, document, { template, toDraw: new Set(toDraw) });
    if (filled.kind === 'filled') return filled.pdf;
    findings.push(...filled.complaints.filter(({ field }) => !known.has(field)).map(ruleFinding));
  } catch (error) {
    if (!(error instanceof FormReadBackError)) throw error;
    for (const problem of error.differences)
      findings.push({
        section: 'map',
        kind: 'rule',
        field: 'read-back',
        problem,
        remedy: 'The form changes this box in a way that cannot be checked: leave it, or ask for help.',
      });
  }
  return undefined;
}

function ruleFinding({ section, field, problem, remedy }: ValidationIssue): MapFinding {
  return { section: section ?? 'map', kind: 'rule', field, problem, remedy };
}

function toComplete(problem: string, json: unknown): MapFinding {
  const [field = 'map', ...rest] = problem.split(': ');
  const entries =
    (json as { fields?: { field?: unknown; section?: unknown; suggestion?: unknown }[] } | null)?.fields ?? [];
  const entry = Array.isArray(entries)
    ? entries.find((candidate) => field.startsWith(String(candidate?.field)))
    : undefined;
  const section = typeof entry?.section === 'string' ? entry.section : 'map';
  const hint = typeof entry?.suggestion === 'string' ? ` It sounds like "${entry.suggestion}".` : '';
  return {
    section,
    kind: 'to-complete',
    field,
    problem: rest.join(': ') || 'is wrong.',
    remedy: `${COMPLETE}${hint}`,
  };
}

function editionIn(json: unknown): string {
  const edition = (json as { edition?: unknown } | null)?.edition;
  return typeof edition === 'string' ? edition : 'unnamed';
}

function inSectionOrder(findings: MapFinding[]): MapFinding[] {
  const order = ['map', ...SECTIONS] as string[];
  return findings.sort((one, other) => order.indexOf(one.section) - order.indexOf(other.section));
}

/** A fictional importer with a value for everything a form can ask. */
const PROBE: Application = {
  reference: 'PROBE',
  company: {
    legalName: 'Sample Trading Company of Nowhere, Inc.',
    organization: 'corporation',
    address: {
      street: '1000 Sample Boulevard, Suite 200',
      city: 'Springfield',
      state: 'IL',
      postalCode: '62701-0000',
      country: 'US',
    },
    phone: '+1 217 555 0100',
    fiscalYearEnd: '12-31',
    duns: '000000000',
    website: 'https://trading.example',
    fax: '+1 217 555 0101',
  },
  importerNumber: '00-123456700',
  furtherImporterNumbers: ['00-1234567A1', '00-1234567A2'],
  officer: {
    firstName: 'Alexandra',
    lastName: 'Featherstonehaugh',
    title: 'Chief Executive Officer',
    dateOfBirth: '1970-01-31',
  },
  accountOwner: {
    firstName: 'Christopher',
    lastName: 'Vanderbilt-Jones',
    title: 'Compliance Manager',
    email: 'christopher.vj@trading.example',
    phone: '+1 217 555 0102',
  },
  acknowledgements: {
    officer: { name: 'Alexandra Featherstonehaugh', at: '2026-01-05', evidence: CHOSEN },
    accountOwner: { name: 'Christopher Vanderbilt-Jones', at: '2026-01-06', evidence: CHOSEN },
  },
  route: { existingAccount: 'none', form5106OnFile: true, channel: { kind: 'email' } },
};
