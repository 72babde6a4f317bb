import { type FormField, isChoice, optionFor } from '../document/form-field.js';
import { openFormDocument } from '../open-form-document.js';
import type { OpenOptions } from '../pdf/pdf-file.js';
import { fingerprintOf } from '../pdf/pdf-file.js';
import { type FilledForm, fillDocument } from './fill-form.js';
import type { Wanted } from './wanted-values.js';

/** Text or option by field name. `true` checks a box, `false` unchecks it. */
export type FieldValues = Record<string, string | number | boolean>;

/**
 * Fills any form by field name: the same checks and read-back as for an application, without the guide's rules.
 * @throws PdfRefusedError, FormReadBackError
 */
export async function fillValues({
  values,
  template,
  ...trust
}: {
  values: FieldValues;
  template: Uint8Array;
} & OpenOptions): Promise<FilledForm> {
  const document = await openFormDocument(template, trust);
  const byName = new Map(document.fields.map((field) => [field.name, field]));
  const wanted: Wanted = { values: [], complaints: [] };
  for (const [name, given] of Object.entries(values)) {
    const field = byName.get(name);
    if (!field) {
      wanted.complaints.push({
        field: name,
        problem: 'is not a field of this form.',
        remedy: 'See its fields with "ace-onboarding form inspect".',
      });
      continue;
    }
    const value = valueFor(field, given);
    if (typeof value === 'object') wanted.complaints.push({ field: name, ...value });
    else wanted.values.push({ field, value, about: { field: name }, shrink: false });
  }
  return fillDocument(document, wanted, {
    template,
    edition: fingerprintOf(template),
    toDraw: undefined,
    judge: () => [],
  });
}

function valueFor(field: FormField, given: string | number | boolean): string | { problem: string; remedy: string } {
  if (typeof given === 'boolean') {
    if (field.type !== 'checkbox')
      return {
        problem: `is a ${field.type}, which is neither true nor false.`,
        remedy: 'Give the text or the option.',
      };
    return given ? (field.options[0] ?? 'true') : '';
  }
  const text = String(given);
  if (!isChoice(field) || text === '') return text;
  const option = optionFor(field, text);
  if (typeof option === 'string') return option;
  if (option)
    return {
      problem: `"${text}" could be ${option.join(' or ')}.`,
      remedy: 'Write one of these in full, with the part in parentheses.',
    };
  if (field.editable) return text;
  const known = field.optionLabels ?? field.options;
  return {
    problem: `has no option "${text}".`,
    remedy: `Choose one of ${known.slice(0, 20).join(', ')}${known.length > 20 ? ' …' : ''}.`,
  };
}
