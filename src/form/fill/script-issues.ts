import type { ValidationIssue } from '../../application/validation-issue.js';
import type { FormField } from '../document/form-field.js';
import type { WantedValue } from './wanted-values.js';

/**
 * What the scripts of a form would have done while a person filled it, and nothing did here: boxes that are computed from
 * what is written would stay as they were, and a tick would close or fill another box.
 */
export function scriptIssues(fields: FormField[], wanted: WantedValue[]): ValidationIssue[] {
  const given = new Map(wanted.map(({ field, value }) => [field.name, value]));
  const changed = wanted.filter(({ field, value }) => value !== field.value).map(({ field }) => field.name);
  return fields.flatMap((field) => [...staleIssue(field, given, changed), ...dependentIssues(field, given)]);
}

function staleIssue(field: FormField, given: Map<string, string>, changed: string[]): ValidationIssue[] {
  const { name, computed, value } = field;
  if (!computed || given.has(name) || (field.unfillable !== undefined && value === '')) return [];
  const { from } = computed;
  const inputs = changed.filter((input) => input !== name && (from === 'unknown' || from.includes(input)));
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
  return (field.dependsOn ?? []).flatMap(({ field: by, option, is }) => {
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

function listed(names: string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and more` : names.join(', ');
}
