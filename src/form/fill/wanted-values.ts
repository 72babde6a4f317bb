import type { Application } from '../../application/application.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import { type FormField, isChoice, optionFor } from '../document/form-field.js';
import { type ApplicationField, CHOSEN, fieldValue, pathOf } from '../map/application-fields.js';
import { type FieldMap, type FilledEntry, isCleared, isFilled, type MapEntry } from '../map/field-map.js';

/** What should go into one box, before any check. */
export interface WantedValue {
  field: FormField;
  /** Text, or the option's on-value. */
  value: string;
  /** What a problem report about it names. */
  about: { field: string; section?: string; caption?: string };
  shrink: boolean;
  /** The form keeps the box closed until another is ticked, and it is. */
  opened?: true;
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
  for (const entry of map.fields.filter(isFilled)) {
    const field = byName.get(entry.field);
    if (!field) {
      wanted.complaints.push(missingField(entry));
      continue;
    }
    const raw = fieldValue(application, entry.fill);
    const value = raw === undefined ? undefined : valueFor(entry, field, raw);
    if (typeof value === 'object') {
      wanted.complaints.push({ ...aboutOf(entry), ...value });
      continue;
    }
    // A value in the blank form, such as a preset check mark or an example, is not this client's.
    if (value || field.value !== '')
      wanted.values.push({ field, value: value ?? '', about: about(entry, field), shrink: entry.shrink ?? false });
    if (value !== undefined) served.push(entry);
  }
  for (const { field: name, section } of map.fields.filter(isCleared)) {
    const field = byName.get(name);
    if (field && field.value !== '')
      wanted.values.push({ field, value: '', about: { field: name, section }, shrink: false });
  }
  const closed = openBoxes(map, wanted.values, byName);
  wanted.values = wanted.values.filter(({ field }) => !closed.has(field.name));
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

type Problem = { problem: string; remedy: string };

/** Undefined: this box stays unchecked, because another box is for the value. */
function valueFor(entry: FilledEntry, field: FormField, raw: string): string | Problem | undefined {
  if (entry.options) {
    const option = Object.hasOwn(entry.options, raw) ? entry.options[raw] : undefined;
    if (option === undefined && field.type === 'checkbox') return undefined;
    if (option === undefined)
      return {
        problem: `is "${raw}", for which the field map has no option.`,
        remedy: `Add it to the "options" of ${entry.field}, or have a person fill the form.`,
      };
    return isChoice(field) ? memberOf(field, option) : option;
  }
  if (field.type === 'checkbox' && raw === CHOSEN && field.options.length === 1) return field.options[0] ?? '';
  const formatted = format(raw, entry.format);
  if (typeof formatted !== 'string') return formatted;
  const value = entry.part ? formatted.slice(entry.part.start, entry.part.end) : formatted;
  return isChoice(field) ? memberOf(field, value) : value;
}

function memberOf(field: FormField, wanted: string): string | Problem {
  const option = optionFor(field, wanted);
  if (typeof option === 'string') return option;
  if (option)
    return {
      problem: `is "${wanted}", which of the options of ${field.name} could be ${option.join(' or ')}.`,
      remedy: 'Write one of these in "options" in full, with the part in parentheses.',
    };
  if (field.editable) return wanted;
  const known = field.optionLabels ?? field.options;
  return {
    problem: `is "${wanted}", which is not an option of ${field.name}.`,
    remedy: `Its options are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ' …' : ''}: map the value to one of them with "options".`,
  };
}

/** Dates are `YYYY-MM-DD`, ISO instants, or `MM-DD` without a year. */
function format(raw: string, pattern: string | undefined): string | Problem {
  if (pattern === undefined) return raw;
  if (pattern === 'upper') return raw.toUpperCase();
  if (pattern === 'digits') return raw.replace(/[^\p{L}\p{N}]/gu, '');
  const date = /^(?:(\d{4})-)?(\d{2})-(\d{2})(?:T.*)?$/.exec(raw);
  if (!date) return { problem: `is "${raw}", which is not a date.`, remedy: 'Write it as YYYY-MM-DD.' };
  const [, year, month = '', day = ''] = date;
  if (pattern.includes('YYYY') && year === undefined)
    return {
      problem: 'has no year, but the field map asks for one.',
      remedy: 'Give the field a format such as MM/DD.',
    };
  return pattern
    .replace('YYYY', year ?? '')
    .replace('MM', month)
    .replace('DD', day);
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
        problem: `is "${raw}", for which the field map has no box.`,
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
