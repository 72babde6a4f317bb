import type { Application } from '../../application/application.js';
import { isShortenable, shorterForm } from '../../application/shorter-forms.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import { type FormField, isChoice, optionFor } from '../document/form-field.js';
import { type ApplicationField, CHOSEN, fieldValue, pathOf, valueKindOf } from '../map/application-fields.js';
import { coverageOf, type Spread } from '../map/box-coverage.js';
import { type FieldMap, type FilledEntry, isCleared, isFilled, type MapEntry } from '../map/field-map.js';
import { type FormatProblem, piecesIn, written } from '../map/value-format.js';

/** What should go into one box, before any check. */
export interface WantedValue {
  field: FormField;
  /** Text, or the option's on-value. */
  value: string;
  /** What a problem report about it names. */
  about: { field: string; section?: string; caption?: string };
  shrink: boolean;
  /** A person has tried such values in Acrobat, where a script checks them that cannot be judged here. */
  triedInAcrobat?: boolean;
  /** The form keeps the box closed until another is ticked, and it is. */
  opened?: true;
  /** What the application chose to write if the box cannot take the value. */
  shorter?: string;
  /** The name in `shorterForms` for a value that the box cannot take. */
  shorterAs?: string;
}

export interface Wanted {
  values: WantedValue[];
  complaints: ValidationIssue[];
}

/** What the map wants in each box for this application, formatted and with options resolved. */
export function wantedValues(application: Application, map: FieldMap, fields: FormField[]): Wanted {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const wanted: Wanted = { values: [], complaints: [] };
  const served: FilledEntry[] = [];
  const texts = spreadTexts(application, map, wanted.complaints);
  for (const entry of map.fields.filter(isFilled)) {
    const field = byName.get(entry.field);
    if (!field) {
      wanted.complaints.push(missingField(entry));
      continue;
    }
    const raw = fieldValue(application, entry.fill);
    const formatted = entry.part
      ? partOf(entry, texts.get(entry))
      : raw && written(raw, entry.format, aboutValue(application, entry.fill));
    const value = raw === undefined || formatted === undefined ? undefined : valueFor(entry, field, raw, formatted);
    if (typeof value === 'object') {
      wanted.complaints.push({ ...aboutOf(entry), ...value });
      continue;
    }
    // A value in the blank form, such as a preset check mark or an example, is not this client's.
    if (value || field.value !== '')
      wanted.values.push({
        field,
        value: value ?? '',
        about: about(entry, field),
        shrink: entry.shrink ?? false,
        triedInAcrobat: entry.triedInAcrobat !== undefined,
        ...shorterFor(application, entry, field),
      });
    if (value !== undefined) served.push(entry);
  }
  for (const { field: name, section } of map.fields.filter(isCleared)) {
    const field = byName.get(name);
    // An empty box that the form computes is named, too: it is known to stay empty.
    if (field && (field.value !== '' || field.computed))
      wanted.values.push({ field, value: '', about: { field: name, section }, shrink: false });
  }
  const closed = openBoxes(map, wanted.values, byName);
  wanted.values = wanted.values.filter(({ field }) => !closed.has(field.name));
  wanted.complaints.push(...partlyClosed(map, closed));
  const reached = new Set(served.filter(({ field }) => !closed.has(field)).map(({ fill }) => fill));
  wanted.complaints.push(...unserved(application, map, reached, wanted.complaints));
  return wanted;
}

/** Marks the boxes that a tick opens, and gives those that stay closed because it is not made. */
function openBoxes(map: FieldMap, values: WantedValue[], fields: Map<string, FormField>): Set<string> {
  const closed = new Set<string>();
  for (const { field: name, opensWith } of map.fields.filter(isFilled)) {
    const wanted = values.find(({ field }) => field.name === name);
    if (!opensWith || !wanted) continue;
    const tick = values.find(({ field, value }) => field.name === opensWith.field && value !== '');
    const opener = fields.get(opensWith.field);
    const option = opensWith.option !== undefined && opener ? optionFor(opener, opensWith.option) : tick?.value;
    if (tick && tick.value === option) wanted.opened = true;
    else closed.add(name);
  }
  return closed;
}

/** Values of which some boxes are open and some stay closed: the form would have only part of them. */
function partlyClosed(map: FieldMap, closed: Set<string>): ValidationIssue[] {
  const isPart = ({ part, format }: FilledEntry) => part !== undefined || !piecesIn(format).includes('whole');
  const entries = map.fields.filter(isFilled);
  return entries
    .filter((entry) => closed.has(entry.field) && isPart(entry))
    .filter(({ fill, section }) =>
      entries.some(
        (other) => other.fill === fill && other.section === section && isPart(other) && !closed.has(other.field),
      ),
    )
    .map((entry) => ({
      ...aboutOf(entry),
      problem: `would be on the form only in part: ${entry.field} stays closed.`,
      remedy: 'Give all boxes of the value the same "opensWith", or map the box that opens it.',
    }));
}

/** For messages: a tax number is never repeated. */
const quoted = (slot: ApplicationField, value: string) =>
  valueKindOf(slot) === 'number' ? 'has a value' : `is "${value}"`;

/**
 * The text of each value that is spread over boxes: the full one, or the shorter form where the boxes are too few. A value
 * that they cannot have in full is refused, never cut.
 */
function spreadTexts(
  application: Application,
  map: FieldMap,
  complaints: ValidationIssue[],
): Map<FilledEntry, string | undefined> {
  const { spreads, problems } = coverageOf(map);
  for (const { entry, problem, remedy } of problems)
    complaints.push({ ...aboutOf(entry), problem: `is not on the form in full: ${entry.field} ${problem}`, remedy });
  return new Map(
    spreads.flatMap((spread) => {
      const text = spreadText(application, spread);
      const [first] = spread.boxes;
      if (typeof text === 'object' && first) complaints.push({ ...aboutOf(first), ...text });
      return spread.boxes.map((entry) => [entry, typeof text === 'string' ? text : undefined] as const);
    }),
  );
}

function spreadText(
  application: Application,
  { slot, format, boxes, end }: Spread,
): string | FormatProblem | undefined {
  const about = aboutValue(application, slot);
  const raw = fieldValue(application, slot);
  const full = raw && written(raw, format, about);
  if (typeof full !== 'string' || lengthOf(full) <= end) return full;
  const chosen = shorterForm(application, slot);
  const shorter = chosen && written(chosen, format, about);
  if (typeof shorter === 'string' && shorter !== '' && lengthOf(shorter) <= end) return shorter;
  const together = boxes.length === 1 ? 'its box takes' : `its ${boxes.length} boxes take together`;
  return {
    problem: `has ${lengthOf(full)} characters, more than the ${end} that ${together}.`,
    remedy: isShortenable(slot)
      ? shorterRemedy(slot, end)
      : 'Map a box that takes all of it, or have a person fill the form.',
  };
}

/** What to do about a text that fits nowhere. `most`: how many characters do fit, if that is known. */
export function shorterRemedy(slot: string, most?: number): string {
  return `Choose what to write instead${most === undefined ? '' : `, at most ${most} characters`}: add "shorterForms": {"${slot}": "…"} to the application.`;
}

function partOf({ part }: FilledEntry, text: string | undefined): string | undefined {
  return text === undefined ? undefined : [...text].slice(part?.start, part?.end).join('');
}

/** In characters as people count them, which `part` counts, too. */
const lengthOf = (text: string) => [...text].length;

const aboutValue = (application: Application, slot: ApplicationField) => ({
  kind: valueKindOf(slot),
  country: application.company.address.country,
});

function shorterFor(application: Application, entry: FilledEntry, field: FormField): Partial<WantedValue> {
  if (!isShortenable(entry.fill) || entry.part || isChoice(field)) return {};
  const chosen = shorterForm(application, entry.fill);
  const shorter = chosen && written(chosen, entry.format, aboutValue(application, entry.fill));
  return { shorterAs: entry.fill, ...(typeof shorter === 'string' && shorter !== '' ? { shorter } : {}) };
}

/** Undefined: this box stays unchecked, because another box is for the value. */
function valueFor(
  entry: FilledEntry,
  field: FormField,
  raw: string,
  formatted: string | FormatProblem,
): string | FormatProblem | undefined {
  if (entry.options) {
    const option = Object.hasOwn(entry.options, raw) ? entry.options[raw] : undefined;
    if (option === undefined && field.type === 'checkbox') return undefined;
    if (option === undefined)
      return {
        problem: `${quoted(entry.fill, raw)}, for which the field map has no option.`,
        remedy: `Add it to the "options" of ${entry.field}, or have a person fill the form.`,
      };
    return isChoice(field) ? memberOf(field, option, entry.fill) : option;
  }
  if (field.type === 'checkbox' && raw === CHOSEN && field.options.length === 1) return field.options[0] ?? '';
  if (typeof formatted !== 'string') return formatted;
  return isChoice(field) && formatted !== '' ? memberOf(field, formatted, entry.fill) : formatted;
}

function memberOf(field: FormField, wanted: string, slot: ApplicationField): string | FormatProblem {
  const option = optionFor(field, wanted);
  if (typeof option === 'string') return option;
  if (option)
    return {
      problem: `${quoted(slot, wanted)}, which of the options of ${field.name} could be ${option.join(' or ')}.`,
      remedy: 'Write one of these in "options" in full, with the part in parentheses.',
    };
  if (field.editable) return wanted;
  const known = field.optionLabels ?? field.options;
  return {
    problem: `${quoted(slot, wanted)}, which is not an option of ${field.name}.`,
    remedy: `Its options are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}: map the value to one of them with "options".`,
  };
}

/** A value that none of its check boxes covers: no box would be checked, and no one would notice. */
function unserved(
  application: Application,
  map: FieldMap,
  served: Set<ApplicationField>,
  complaints: ValidationIssue[],
): ValidationIssue[] {
  const slots = new Map(map.fields.filter(isFilled).map((entry) => [entry.fill, entry]));
  return [...slots].flatMap(([slot, entry]) => {
    const raw = fieldValue(application, slot);
    const already = complaints.some(({ field }) => field === pathOf(slot));
    if (raw === undefined || served.has(slot) || already) return [];
    return [
      {
        ...aboutOf(entry),
        problem: `${quoted(slot, raw)}, for which the field map has no box.`,
        remedy: 'Add it to the "options" of one of the boxes, or have a person fill the form.',
      },
    ];
  });
}

function missingField(entry: MapEntry): ValidationIssue {
  return {
    field: entry.field,
    section: entry.section,
    problem: 'is in the field map but not in the form.',
    remedy: 'Run "ace-onboarding form check" and bring the map up to date.',
  };
}

export function aboutOf(entry: FilledEntry): { field: string; section: string } {
  return { field: pathOf(entry.fill), section: entry.section };
}

function about(entry: FilledEntry, field: FormField): WantedValue['about'] {
  const caption = entry.caption ?? field.caption;
  return { ...aboutOf(entry), ...(caption ? { caption } : {}) };
}
