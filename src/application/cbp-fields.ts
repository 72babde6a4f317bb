import type { Application } from './application.js';
import { canonicalJson, isPlainObject } from './canonical.js';

/** What CBP gets, on the form or in the email. All else is between the broker and its client. */
const CONCERNS_CBP: Record<keyof Application, boolean> = {
  reference: false,
  company: true,
  importerNumber: true,
  furtherImporterNumbers: true,
  officer: true,
  accountOwner: true,
  acknowledgements: true,
  route: true,
  submissionSubject: true,
  shorterForms: true,
  refundDeadline: false,
  handler: false,
  language: false,
  timeZone: false,
};

/** One field of an application that differs. Its values may be confidential. */
export interface ChangedField {
  /** Dotted: `company.address.city`. A list is one field. */
  field: string;
  /** Undefined if there was none. */
  before: unknown;
  /** Undefined if there is none now. */
  after: unknown;
}

/** The fields at which two applications differ, in alphabetical order. */
export function changedFields(before: Application, after: Application): ChangedField[] {
  return [...differences(before, after, '')].sort((a, b) => (a.field < b.field ? -1 : 1));
}

/**
 * Whether CBP gets to see a field.
 * @param field dotted, as in `ChangedField`
 */
export function concernsCbp(field: string): boolean {
  const [name = ''] = field.split('.');
  // Better ask for an approval too many than withhold a change from CBP.
  return CONCERNS_CBP[name as keyof Application] ?? true;
}

function* differences(before: unknown, after: unknown, path: string): Iterable<ChangedField> {
  if (isPlainObject(before) && isPlainObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      yield* differences(before[key], after[key], path ? `${path}.${key}` : key);
  } else if (canonicalJson(before) !== canonicalJson(after)) {
    yield { field: path, before, after };
  }
}
