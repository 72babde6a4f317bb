import type { Application } from '../../application/application.js';
import { type ChangedField, changedFields, concernsCbp } from '../../application/cbp-fields.js';
import { maskedImporterNumber } from '../../application/importer-number.js';
import { looksLikeTaxNumber } from '../../application/tax-numbers-in-text.js';
import { disarming, type Plain } from '../../process/plain-text-output.js';

/** One field of an application that a correction changes. */
export interface FieldChange extends ChangedField {
  /** CBP has the old value, or gets the new one. */
  concernsCbp: boolean;
}

/**
 * An application with fields set as a person typed them: `company.legalName` to `Maple Imports Inc`. Nothing is checked yet
 * but the types: a list is separated by commas or semicolons, and an empty value removes the field.
 */
export function withFields(application: Application, fields: ReadonlyMap<string, string>): unknown {
  let changed: unknown = application;
  for (const [field, value] of fields) changed = withField(changed, segmentsOf(field), value);
  return changed;
}

/** The names of shorter forms have dots in them. */
function segmentsOf(field: string): string[] {
  const [first = '', ...rest] = field.split('.');
  return first === 'shorterForms' && rest.length > 0 ? [first, rest.join('.')] : [first, ...rest];
}

function withField(before: unknown, [segment, ...rest]: string[], value: string): unknown {
  if (segment === undefined) return typed(before, value);
  const fields = Object.entries(isFields(before) ? before : {});
  const present = fields.find(([name]) => name === segment)?.[1];
  const after = withField(present, rest, value);
  const others = fields.filter(([name]) => name !== segment);
  return Object.fromEntries(after === undefined ? others : [...others, [segment, after]]);
}

/** As the type of the present value asks. */
function typed(before: unknown, written: string): unknown {
  const value = written.trim();
  if (Array.isArray(before))
    return value
      .split(/[;,]/)
      .map((item) => item.trim())
      .filter((item) => item !== '');
  if (value === '') return undefined;
  if (typeof before === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function changesBetween(before: Application, after: Application): FieldChange[] {
  return changedFields(before, after).map((change) => ({ ...change, concernsCbp: concernsCbp(change.field) }));
}

/** `company.legalName: "Maple Import" → "Maple Imports Inc"`. Importer numbers are masked: compare their last characters. */
export function changeShown({ field, before, after }: FieldChange): Plain {
  return disarming`  ${field}: ${valueShown(field, before)} → ${valueShown(field, after)}`;
}

/** The value of a change as `--json` prints it, too: never an importer number. */
export function valueShown(field: string, value: unknown): string {
  if (value === undefined) return '(none)';
  if (Array.isArray(value))
    return value.length === 0 ? '(none)' : value.map((one) => valueShown(field, one)).join(', ');
  if (typeof value !== 'string') return JSON.stringify(value);
  if (/^(?:further)?importerNumbers?$/i.test(field)) return maskedImporterNumber(value);
  return looksLikeTaxNumber(value) ? '(not shown: it looks like a tax number)' : `"${value}"`;
}
