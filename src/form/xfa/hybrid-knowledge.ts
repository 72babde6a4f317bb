import type { FormField } from '../document/form-field.js';
import type { PdfFile } from '../pdf/pdf-file.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import type { ValueRule } from '../scripts/value-rule.js';
import { templateFields } from './template-knowledge.js';
import type { XfaField } from './xfa-fields.js';
import { XfaPackets, XfaTemplate } from './xfa-packets.js';

/**
 * A hybrid form has its boxes twice: drawn on its pages, and in a template, which alone has the pictures, scripts and
 * calculations. The template goes when the form is filled: Acrobat would show its copy of the data, not what is drawn.
 * What it says about each box goes to the drawn box first.
 */
export function noteTemplate(file: PdfFile, { fields, notes }: { fields: FormField[]; notes: string[] }): void {
  let described: XfaField[];
  try {
    described = templateFields(new XfaTemplate(file.acroForm));
  } catch (error) {
    if (!(error instanceof PdfRefusedError)) throw error;
    notes.push(
      `The form's XFA part cannot be read (${(error as Error).message.split('\n')[0]}), so what it computes or checks is not known here. Its drawn boxes are filled all the same: compare the filled form with what Acrobat does.`,
    );
    return;
  }
  const drawn = pairs(described, fields);
  const names = new Map<string, string[]>();
  for (const { field } of described)
    names.set(
      field.name,
      (drawn.get(field.name) ?? []).map(({ name }) => name),
    );
  const sources = new Map(described.map(({ field }) => [field.name, field.computed?.from ?? []]));
  const unlike = differing(file, described, drawn);
  if (unlike.length > 0)
    notes.push(
      `The form's XFA part has other values than the drawn boxes have: ${unlike.slice(0, 5).join(', ')}${unlike.length > 5 ? ' and more' : ''}. Acrobat shows those of the XFA part in the blank form, and a filled form keeps those of the boxes. Look at these boxes in the filled form.`,
    );
  for (const xfaField of described)
    for (const field of drawn.get(xfaField.field.name) ?? []) note(field, xfaField, names, sources);
}

/** Boxes with text in the data that is not what is drawn. Dates and numbers are drawn in another way than they are kept. */
function differing(file: PdfFile, described: XfaField[], drawn: Map<string, FormField[]>): string[] {
  let packets: XfaPackets;
  try {
    packets = new XfaPackets(file.acroForm);
  } catch (error) {
    if (!(error instanceof PdfRefusedError)) throw error;
    return [];
  }
  return described.flatMap(({ field: { name }, dataPath, holds }) => {
    const kept = bare((dataPath && packets.valueAt(dataPath)) ?? '');
    const texts = (drawn.get(name) ?? []).filter(({ type, computed }) => type === 'text' && !computed);
    const unlike = texts.filter(({ value }) => value === '' || (holds === 'text' && !bare(value).includes(kept)));
    return kept === '' ? [] : unlike.map((field) => field.name);
  });
}

/** Without the characters that a picture adds. */
function bare(text: string): string {
  return text.normalize('NFC').replace(/[^\p{L}\p{N}]/gu, '');
}

/** Reasons of the template that hold for the drawn box too. The others are about the data, which goes, or said by `computed`. */
const SHARED_REASON = /^is closed by|^hides what|^takes a picture/;

/** The drawn boxes behind a computed one: in place of a box that is not drawn, those that it is computed from. */
function drawnSources(
  from: string[] | 'unknown',
  names: Map<string, string[]>,
  sources: Map<string, string[] | 'unknown'>,
  seen = new Set<string>(),
): string[] | 'unknown' {
  if (from === 'unknown') return from;
  const found: string[] = [];
  for (const name of from) {
    if (seen.has(name)) continue;
    seen.add(name);
    const drawn = names.get(name) ?? [];
    const behind = drawn.length > 0 ? drawn : drawnSources(sources.get(name) ?? [], names, sources, seen);
    if (behind === 'unknown') return behind;
    found.push(...behind);
  }
  return [...new Set(found)];
}

function note(
  field: FormField,
  { field: known, openers, shares }: XfaField,
  names: Map<string, string[]>,
  sources: Map<string, string[] | 'unknown'>,
): void {
  const drawn = (name: string) => names.get(name) ?? [];
  if (known.click && !field.click) field.click = { ...known.click, dead: true };
  if (known.caption) field.caption ??= known.caption;
  if (field.type === 'text') field.maxLength ??= known.maxLength;
  if (field.type === 'radio') noteLabels(field, known);
  const { accepts } = known;
  if (accepts)
    field.accepts =
      field.accepts && !sameRule(field.accepts, accepts) ? { kind: 'all', of: [field.accepts, accepts] } : accepts;
  if (known.unfillable && SHARED_REASON.test(known.unfillable)) field.unfillable ??= known.unfillable;
  if (known.computed) {
    field.computed = { ...known.computed, from: drawnSources(known.computed.from, names, sources) };
  }
  // A drawn box has a value of its own, and nothing copies it: if one is filled, the other must be.
  const copied = shares.map((name) => ({ field: name, is: 'same' as const }));
  const opens = [
    ...openers.map(({ lasting: _, ...opener }) => opener),
    ...shares.map((name): { field: string; option?: string } => ({ field: name })),
  ].flatMap((opener) => drawn(opener.field).map((other) => ({ ...opener, field: other })));
  if (field.readOnly || field.hidden) addTo(field, 'opens', opens);
  const depends = [...(known.dependsOn ?? []), ...copied];
  addTo(
    field,
    'dependsOn',
    depends.flatMap((reason) => drawn(reason.field).map((other) => ({ ...reason, field: other }))),
  );
}

/** What people read beside each bubble, which a drawn one does not say. */
function noteLabels(field: FormField, { options, optionLabels }: FormField): void {
  const labels = field.options.map((option) => optionLabels?.[options.indexOf(option)] ?? '');
  if (!field.optionLabels && !labels.includes('')) field.optionLabels = labels;
}

function addTo<Key extends 'opens' | 'dependsOn'>(field: FormField, key: Key, more: NonNullable<FormField[Key]>): void {
  const all = new Map([...(field[key] ?? []), ...more].map((one) => [JSON.stringify(one), one]));
  if (all.size > 0) field[key] = [...all.values()] as NonNullable<FormField[Key]>;
}

function sameRule(one: ValueRule, other: ValueRule): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * The drawn boxes of each field of the template, by the field's name. Designer names them alike, except that a master page
 * is drawn several times. A form that was changed afterward may have other positions or unnamed containers: then the names
 * without these are compared, where they are as many on both sides.
 */
function pairs(described: XfaField[], fields: FormField[]): Map<string, FormField[]> {
  const found = new Map<string, FormField[]>();
  const byName = new Map(fields.map((field) => [field.name, field]));
  const left: XfaField[] = [];
  for (const xfaField of described) {
    const exact = byName.get(xfaField.drawnName);
    if (exact && !xfaField.onMaster) found.set(xfaField.field.name, [exact]);
    else left.push(xfaField);
    if (exact && !xfaField.onMaster) byName.delete(xfaField.drawnName);
  }
  const loose = new Map<string, FormField[]>();
  for (const field of byName.values())
    loose.set(namedPath(field.name), [...(loose.get(namedPath(field.name)) ?? []), field]);
  const waiting = new Map<string, XfaField[]>();
  for (const xfaField of left) {
    const path = namedPath(xfaField.drawnName);
    waiting.set(path, [...(waiting.get(path) ?? []), xfaField]);
  }
  for (const [path, xfaFields] of waiting) {
    const boxes = [...(loose.get(path) ?? [])].sort((one, other) => byPosition(one.name, other.name));
    const [first] = xfaFields;
    if (first?.onMaster && xfaFields.length === 1) found.set(first.field.name, boxes);
    else if (boxes.length === xfaFields.length)
      xfaFields.forEach((xfaField, index) => {
        const box = boxes[index];
        if (box) found.set(xfaField.field.name, [box]);
      });
  }
  return found;
}

/** `form1[0].#subform[3].Page2[0].City[1]` without positions and unnamed containers: `form1.Page2.City`. */
function namedPath(name: string): string {
  return name
    .split('.')
    .filter((part) => !part.startsWith('#'))
    .map((part) => part.replace(/\[\d+\]$/, ''))
    .join('.');
}

function byPosition(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
