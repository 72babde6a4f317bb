import type { ValidationIssue } from '../../application/validation-issue.js';
import type { FormField } from '../document/form-field.js';
import type { WantedValue } from './wanted-values.js';

/**
 * What the scripts of a form would have done while a person filled it, and nothing did here: boxes that are computed from
 * what is written would stay as they were, and a tick would close or fill another box.
 */
export function scriptIssues(fields: FormField[], wanted: WantedValue[]): ValidationIssue[] {
  const given = new Map(wanted.map(({ field, value }) => [field.name, value]));
  const changed = new Set(wanted.flatMap(({ field, value }) => (value === field.value ? [] : [field.name])));
  recompute(fields, changed);
  const before = new Map(fields.map(({ name, value }) => [name, value]));
  return fields.flatMap((field) => [
    ...staleIssue(field, given, changed),
    ...dependentIssues(field, given),
    ...takenBackIssues(field, given, before),
  ]);
}

/** Adds what the form would compute from what changed, and again from that, also in boxes that no one sees. */
function recompute(fields: FormField[], changed: Set<string>): void {
  const waiting = new Set(fields.filter(({ name, computed }) => computed && !changed.has(name)));
  for (let before = -1; before !== changed.size; ) {
    before = changed.size;
    for (const field of waiting) {
      if (changedInputs(field, changed).length === 0) continue;
      changed.add(field.name);
      waiting.delete(field);
    }
  }
}

function changedInputs({ name, computed }: FormField, changed: Set<string>): string[] {
  const from = computed?.from ?? [];
  return [...changed].filter((input) => input !== name && (from === 'unknown' || from.includes(input)));
}

function staleIssue(field: FormField, given: Map<string, string>, changed: Set<string>): ValidationIssue[] {
  const { name, computed, value } = field;
  if (!computed || given.has(name) || (field.unfillable !== undefined && value === '')) return [];
  const { from } = computed;
  const inputs = changedInputs(field, changed);
  if (inputs.length === 0) return [];
  const source = from === 'unknown' ? 'other boxes, such as those filled here' : listed(inputs);
  const what = computed.by === 'barcode' ? 'is a barcode that the form makes' : 'is computed by a script of the form';
  const stays = value === '' ? 'stay empty' : 'keep the value that it has in the blank form';
  return [
    {
      field: name,
      problem: `${what} from ${source}. No script runs here, so it would ${stays}.`,
      remedy:
        'Clear it if it may be empty: in the field map, replace "leave" by "clear" with the reason; with --values, give it "". Otherwise leave the boxes it is computed from, and have a person fill them in Acrobat.',
    },
  ];
}

function dependentIssues(field: FormField, given: Map<string, string>): ValidationIssue[] {
  return (field.dependsOn ?? []).flatMap(({ field: by, option, is, takenBack }) => {
    if (takenBack) return [];
    const chosen = given.get(by);
    if (!chosen || (option !== undefined && option !== chosen)) return [];
    const written = given.get(field.name);
    if (is === 'same')
      return written === chosen
        ? []
        : [
            {
              field: field.name,
              problem: `shows the same value as ${by} when the form is filled in Acrobat. Nothing copies it here.`,
              remedy: `Fill both boxes with the same value, or leave ${by}.`,
            },
          ];
    if (is === 'closed' ? !written : written !== undefined) return [];
    return [
      is === 'closed'
        ? {
            field: field.name,
            problem: `is closed or emptied by a script of the form when ${by} has the value given here.`,
            remedy: `Leave this box, or ${by}.`,
          }
        : {
            field: field.name,
            problem: `is filled by a script of the form when ${by} has the value given here. No script runs here.`,
            remedy: `Fill this box as well, or leave ${by}.`,
          },
    ];
  });
}

/** A box that is filled, though a script closes it when a tick of the blank form is taken back, as it is here. */
function takenBackIssues(field: FormField, given: Map<string, string>, before: Map<string, string>): ValidationIssue[] {
  return (field.dependsOn ?? []).flatMap(({ field: by, option, takenBack }) => {
    const [was = '', is] = [before.get(by), given.get(by)];
    const isTakenBack =
      is !== undefined && is !== was && (option === undefined ? was !== '' && is === '' : was === option);
    if (!takenBack || !isTakenBack || !given.get(field.name)) return [];
    return [
      {
        field: field.name,
        problem: `is closed or emptied by a script of the form when ${by} loses the choice that it has in the blank form.`,
        remedy: `Leave this box, or ${by}.`,
      },
    ];
  });
}

function listed(names: string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and more` : names.join(', ');
}
