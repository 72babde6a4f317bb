import { createHash } from 'node:crypto';
import type { Application } from '../../application/application.js';
import type { ValidationIssue } from '../../application/validation-issue.js';
import type { FormDocument } from '../document/form-document.js';
import { isPrepared, type PreparedValue, plainValue, type ValueProblem } from '../document/plain-value.js';
import type { FieldMap } from '../map/field-map.js';
import { assertEdition } from '../map/unknown-edition.js';
import { openFormDocument } from '../open-form-document.js';
import { assertUnsigned } from '../pdf/signatures.js';
import { guideIssues } from './guide-rules.js';
import { type Wanted, wantedValues } from './wanted-values.js';

export type FilledForm =
  | {
      kind: 'filled';
      pdf: Uint8Array;
      /** Hex. */
      sha256: string;
      pages: number;
      edition: string;
    }
  /** Nothing was written. Lists every problem. */
  | { kind: 'refused'; complaints: ValidationIssue[] };

/**
 * Fills one edition of CBP's form for one application. The same input gives the same bytes. A value that cannot be printed
 * exactly is refused before anything is written, and a second library reads back what was written.
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
  const document = await openFormDocument(template, map);
  const wanted = wantedValues(application, map, document.fields);
  return fillDocument(document, wanted, {
    template,
    edition: map.edition,
    flatten: map.flatten ?? false,
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
    flatten: boolean;
    judge(valueIn: (field: string) => string): ValidationIssue[];
  },
): Promise<FilledForm> {
  assertUnsigned(document);
  const { prepared, complaints } = await prepare(document, wanted, how.template);
  const values = new Map([
    ...document.fields.map(({ name, value }) => [name, value] as const),
    ...wanted.values.map(({ field, value }) => [field.name, value] as const),
  ]);
  complaints.push(...how.judge((field) => values.get(field) ?? ''));
  if (complaints.length > 0) return { kind: 'refused', complaints };
  await document.write(prepared);
  const filled = await document.save();
  const { pages } = await document.prove(prepared, how.template, filled);
  const pdf = how.flatten ? await document.flatten(prepared, filled) : filled;
  return { kind: 'filled', pdf, sha256: sha256Of(pdf), pages, edition: how.edition };
}

async function prepare(
  document: FormDocument,
  wanted: Wanted,
  template: Uint8Array,
): Promise<{ prepared: PreparedValue[]; complaints: ValidationIssue[] }> {
  const complaints = [...wanted.complaints];
  const prepared = new Map<PreparedValue, (problem: ValueProblem) => void>();
  const written = new Set(wanted.values.map(({ field }) => field.name));
  for (const { name, undrawn } of document.fields)
    if (undrawn && !written.has(name))
      complaints.push({
        field: name,
        problem: 'has a value that the form leaves to the reader to draw: no one would see it in the filled form.',
        remedy: 'Open the form in Acrobat and save it, which draws the value, and use that file.',
      });
  for (const { field, value, about, shrink } of wanted.values) {
    const { caption, ...where } = about;
    const complain = (problem: string, remedy: string) => {
      complaints.push({ ...where, problem: caption ? `${problem} (Box: ${caption})` : problem, remedy });
    };
    const keep = (value: PreparedValue) => prepared.set(value, ({ problem, remedy }) => complain(problem, remedy));
    if (document.kind !== 'dynamic-xfa' && field.places.length === 0)
      complain(`would go into ${field.name}, which is on no page.`, 'Map another box.');
    else if (field.readOnly)
      complain(
        `would go into ${field.name}, which the form computes or keeps closed.`,
        'Map another box, or leave it.',
      );
    else if (field.unfillable) complain(`would go into ${field.name}, which ${field.unfillable}.`, 'Map another box.');
    else if (field.type === 'button' || field.type === 'signature')
      complain(`would go into ${field.name}, which is a ${field.type}.`, 'Map another box.');
    else if (field.type === 'checkbox' || field.type === 'radio') keep({ field, value, layouts: [] });
    else {
      const result = document.prepareText(field, plainValue(value), shrink);
      if (isPrepared(result)) keep(result);
      else complain(result.problem, result.remedy);
    }
  }
  const values = [...prepared.keys()];
  for (const [value, problem] of await document.unseen(values, template)) prepared.get(value)?.(problem);
  return { prepared: values, complaints };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
