import { createHash } from 'node:crypto';
import type { Application } from '../../application/application.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import { assertFillable, type FormDocument, KEPT_TEXT } from '../document/form-document.js';
import { type FormField, isTick, isTyped } from '../document/form-field.js';
import { isPrepared, type PreparedValue, plainValue, type ValueProblem } from '../document/plain-value.js';
import { type FieldMap, FieldMapError } from '../map/field-map.js';
import { findingLine, mapFindings } from '../map/map-findings.js';
import { acceptanceOf, assertEdition } from '../map/usable-map.js';
import { openFormDocument } from '../open-form-document.js';
import { guideIssues } from './guide-rules.js';
import { scriptIssues } from './script-issues.js';
import { shorterRemedy, type Wanted, type WantedValue, wantedValues } from './wanted-values.js';

export type FilledForm =
  | {
      kind: 'filled';
      pdf: Uint8Array;
      /** Hex. */
      sha256: string;
      pages: number;
      edition: string;
      /** What a person should know about this form, in sentences. */
      notes: string[];
    }
  /** Nothing was written. Lists every problem. */
  | { kind: 'refused'; complaints: ValidationIssue[] };

/**
 * Fills one edition of CBP's form for one application. The same input gives the same bytes. A value that cannot be printed
 * exactly is refused before anything is written, and a second library reads back what was written.
 * @throws FieldMapError when `form check` would refuse the map
 * @throws UnknownEditionError when the map is for another file
 * @throws PdfRefusedError when the template cannot be used
 * @throws FormReadBackError when the result is not what it should be
 */
export async function fillForm({
  application,
  template,
  map,
}: {
  application: Application;
  template: Uint8Array;
  map: FieldMap;
}): Promise<FilledForm> {
  assertEdition(template, map);
  const accepted = acceptanceOf(map);
  const document = await openFormDocument(template, map);
  const findings = accepted ? [] : mapFindings(map, document.fields);
  // What "form check" refuses cannot be used.
  if (findings.length > 0) throw new FieldMapError(findings.map(findingLine));
  // What no one has accepted, or what is partly covered, is drawn.
  return fillFor(application, map, document, { template, toDraw: accepted && new Set(accepted.toDraw) });
}

/** Fills an open form for one application. @throws FormReadBackError, PdfRefusedError */
export function fillFor(
  application: Application,
  map: FieldMap,
  document: FormDocument,
  { template, toDraw }: { template: Uint8Array; toDraw: Set<string> | undefined },
): Promise<FilledForm> {
  return fillDocument(document, wantedValues(application, map, document.fields), {
    template,
    edition: map.edition,
    toDraw,
    judge: (valueIn) => guideIssues({ application, map, fields: document.fields, valueIn }),
  });
}

/** The steps that every way of filling shares: check, write, read back. */
export async function fillDocument(
  document: FormDocument,
  wanted: Wanted,
  how: {
    template: Uint8Array;
    edition: string;
    /** Boxes whose pages are drawn, to see whether their values are visible. Undefined: all of them. */
    toDraw: Set<string> | undefined;
    judge(valueIn: (field: string) => string): ValidationIssue[];
  },
): Promise<FilledForm> {
  assertFillable(document);
  const { written, redrawn, complaints } = await prepare(document, wanted, how);
  const values = new Map([
    ...document.fields.map(({ name, value }) => [name, value] as const),
    ...wanted.values.map(({ field, value }) => [field.name, value] as const),
  ]);
  complaints.push(...how.judge((field) => values.get(field) ?? ''));
  if (complaints.length > 0) return { kind: 'refused', complaints };
  await document.write(written, redrawn);
  const filled = await document.save();
  const { pages } = await document.prove({ written, redrawn, template: how.template, filled });
  const { notes } = document;
  return { kind: 'filled', pdf: filled, sha256: sha256Of(filled), pages, edition: how.edition, notes };
}

interface Prepared {
  written: PreparedValue[];
  /** Values of the blank form that it tells readers to draw. */
  redrawn: PreparedValue[];
  complaints: ValidationIssue[];
}

async function prepare(
  document: FormDocument,
  wanted: Wanted,
  { template, toDraw }: { template: Uint8Array; toDraw: Set<string> | undefined },
): Promise<Prepared> {
  const complaints = [...wanted.complaints, ...scriptIssues(document.fields, wanted.values)];
  const written = new Map<PreparedValue, (problem: ValueProblem) => void>();
  for (const value of wanted.values) {
    const { caption, ...where } = value.about;
    const complain = ({ problem, remedy }: ValueProblem) => {
      complaints.push({ ...where, problem: caption ? `${problem} (Box: ${caption})` : problem, remedy });
    };
    const result = prepareOne(document, value);
    if (isPrepared(result)) written.set(result, complain);
    else complain(result);
  }
  const values = [...written.keys()];
  const isProven = ({ name }: FormField) => toDraw !== undefined && !toDraw.has(name);
  for (const [value, problem] of await document.unseen(values, template, isProven)) written.get(value)?.(problem);
  const redrawn: PreparedValue[] = [];
  const names = new Set(wanted.values.map(({ field }) => field.name));
  for (const field of document.fields) {
    if (!field.redrawn || names.has(field.name)) continue;
    const result = prepareKept(document, field);
    if (isPrepared(result)) redrawn.push(result);
    else complaints.push(undrawable(field, result));
  }
  return { written: values, redrawn, complaints };
}

/** A value that fits its box, or why it cannot go in. */
function prepareOne(document: FormDocument, wanted: WantedValue): PreparedValue | ValueProblem {
  const { field, value, shrink, triedInAcrobat, opened, shorter, shorterAs } = wanted;
  const how = { shrink, triedInAcrobat };
  const elsewhere = (why: string) => ({
    problem: `would go into ${field.name}, which ${why}.`,
    remedy: 'Map another box.',
  });
  if (!isTyped(field.type)) return elsewhere(`is a ${field.type}`);
  // Any box can be emptied, also one that the form computes.
  const isClosed = value !== '' && !opened;
  if (isClosed && field.computed && !field.computed.overwritable)
    return {
      problem: `would go into ${field.name}, which the form computes.`,
      remedy: 'Map another box, or clear it.',
    };
  if (isClosed && field.readOnly)
    return {
      problem: `would go into ${field.name}, which the form computes or keeps closed.`,
      remedy: 'Map another box, or leave it.',
    };
  if (field.unfillable && value !== '' && !(opened && (field.hidden || field.opens)))
    return elsewhere(field.unfillable);
  const more = opened ? { opened } : {};
  if (isTick(field)) return { field, value, layouts: [], ...more };
  const full = document.prepareText(field, plainValue(value), how);
  const result =
    isPrepared(full) || shorter === undefined ? full : document.prepareText(field, plainValue(shorter), how);
  if (isPrepared(result)) return { ...result, ...more };
  return shorterAs === undefined ? result : { ...result, remedy: `${result.remedy} ${shorterRemedy(shorterAs)}` };
}

/** A value of the blank form, which stays as the file has it and is only drawn. */
function prepareKept(document: FormDocument, field: FormField): PreparedValue | ValueProblem {
  const { value, redrawn } = field;
  if (redrawn === 'several values') return { problem: 'is more than one value, which are not drawn here.', remedy: '' };
  if (value === '') return { field, value, layouts: [] };
  if (isTick(field)) return { problem: 'is not drawn in the file.', remedy: '' };
  const result = document.prepareText(field, value.replace(/\r\n?/g, '\n'), KEPT_TEXT);
  return isPrepared(result) ? { ...result, value } : result;
}

/** The form leaves a value to the reader to draw, which a filled form no longer does. */
function undrawable(field: FormField, { problem }: ValueProblem): ValidationIssue {
  const { name, caption } = field;
  const what = isTick(field) ? 'tick' : 'value';
  return {
    field: name,
    problem: `has a ${what} that the form leaves to the reader to draw. It ${problem}${caption ? ` (Box: ${caption})` : ''}`,
    remedy: 'Open the form in Acrobat and save it, which draws the value, and use that file.',
  };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
