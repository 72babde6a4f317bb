import type { FormField } from '../document/form-field.js';
import type { OpenOptions } from '../pdf/pdf-file.js';
import { type InspectedForm, inspectForm } from './inspect-form.js';

/** What changed between two editions, field by field. */
export interface FormDifference {
  /** Byte for byte the same file. */
  identical: boolean;
  /** Whether one map fills both forms alike: nothing below except moves. */
  sameFields: boolean;
  kind: { old: string; new: string };
  pages: { old: number; new: number };
  added: FieldBrief[];
  removed: FieldBrief[];
  /** Has a new name, with the same caption and type. */
  renamed: { old: string; new: string; caption: string }[];
  changed: { field: string; caption?: string; what: { property: string; old: string; new: string }[] }[];
  /** On another page, or elsewhere on the same page. */
  moved: { field: string; caption?: string; from: string; to: string }[];
}

interface FieldBrief {
  field: string;
  type: string;
  caption?: string;
  page: number | null;
}

/** @throws PdfRefusedError */
export async function diffForms({
  older,
  newer,
  ...trust
}: { older: Uint8Array; newer: Uint8Array } & OpenOptions): Promise<FormDifference> {
  return differenceBetween(
    await inspectForm({ template: older, ...trust }),
    await inspectForm({ template: newer, ...trust }),
  );
}

export function differenceBetween(older: InspectedForm, newer: InspectedForm): FormDifference {
  const before = new Map(older.fields.map((field) => [field.name, field]));
  const after = new Map(newer.fields.map((field) => [field.name, field]));
  const gone = older.fields.filter(({ name }) => !after.has(name));
  const fresh = newer.fields.filter(({ name }) => !before.has(name));
  const renamed = gone.flatMap((old) => {
    const match = fresh.find(
      (field) => field.caption !== undefined && field.caption === old.caption && field.type === old.type,
    );
    return match && gone.filter(({ caption }) => caption === old.caption).length === 1
      ? [{ old: old.name, new: match.name, caption: match.caption ?? '' }]
      : [];
  });
  const renamedOld = new Set(renamed.map((rename) => rename.old));
  const renamedNew = new Set(renamed.map((rename) => rename.new));
  const both = newer.fields.flatMap((field) => {
    const old = before.get(field.name);
    return old ? [{ old, field }] : [];
  });
  const changed = both.flatMap(({ old, field }) => {
    const what = changesIn(old, field);
    return what.length > 0 ? [{ ...captioned(field), what }] : [];
  });
  const added = fresh.filter(({ name }) => !renamedNew.has(name)).map(brief);
  const removed = gone.filter(({ name }) => !renamedOld.has(name)).map(brief);
  return {
    identical: older.fingerprint === newer.fingerprint,
    sameFields: added.length + removed.length + renamed.length + changed.length === 0,
    kind: { old: older.kind, new: newer.kind },
    pages: { old: older.pages, new: newer.pages },
    added,
    removed,
    renamed,
    changed,
    moved: both.flatMap(({ old, field }) =>
      placeOf(old) === placeOf(field) ? [] : [{ ...captioned(field), from: placeOf(old), to: placeOf(field) }],
    ),
  };
}

const PROPERTIES = [
  'type',
  'caption',
  'maxLength',
  'comb',
  'multiline',
  'options',
  'required',
  'readOnly',
  'unfillable',
] as const;

function changesIn(old: FormField, field: FormField) {
  return PROPERTIES.flatMap((property) => {
    const [was, is] = [old[property], field[property]].map((value) =>
      Array.isArray(value) ? value.join(', ') : String(value ?? 'none'),
    );
    return was === is ? [] : [{ property, old: was ?? '', new: is ?? '' }];
  });
}

function captioned({ name, caption }: FormField): { field: string; caption?: string } {
  return { field: name, ...(caption ? { caption } : {}) };
}

function brief(field: FormField): FieldBrief {
  return { ...captioned(field), type: field.type, page: field.page };
}

/** Differences below one point do not count. */
function placeOf({ page, places }: FormField): string {
  const [place] = places;
  return place ? `page ${place.page} at ${Math.round(place.x)}, ${Math.round(place.y)}` : `page ${page ?? '?'}`;
}
