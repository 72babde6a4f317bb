import { isTyped } from '../document/form-field.js';
import type { ApplicationField } from '../map/application-fields.js';
import type { FieldMap, MapEntry, Section } from '../map/field-map.js';
import { isFilled } from '../map/field-map.js';
import { type InspectedField, type InspectedForm, inspectForm } from '../map/inspect-form.js';
import type { OpenOptions } from '../pdf/pdf-file.js';
import { assertBoxes } from '../pdf/pdf-refused.js';
import type { BoxWords } from './caption.js';
import { type SuggestedBox, slotSuggestions } from './suggest-slots.js';

/** A field map for a person to complete. Unknown entries have `"fill": "?"`, and a map with a "?" is never used. */
export interface DraftMap {
  version: 1;
  edition: string;
  fingerprint: string;
  acceptActiveContent?: true;
  fields: (MapEntry | OpenEntry)[];
}

export interface OpenEntry {
  field: string;
  section: Section;
  caption?: string;
  activity?: string;
  fill: '?';
  /** What the caption sounds like. A person decides. */
  suggestion?: ApplicationField;
  /** How the box wants it written. */
  suggestedFormat?: string;
  suggestedOptions?: Record<string, string>;
  /** The options of the field. */
  choices?: string[];
}

export interface Drafted {
  map: DraftMap;
  /** Entries taken over from the older map. */
  kept: number;
  /** Entries a person must complete. */
  open: number;
}

/** @throws PdfRefusedError */
export async function draftMap(
  order: { template: Uint8Array; edition: string; older?: FieldMap } & OpenOptions,
): Promise<Drafted> {
  const { template, edition, older, acceptActiveContent } = order;
  const form = await inspectForm({ template, acceptActiveContent });
  assertBoxes(form);
  const drafted = draftFor(form, edition, older);
  if (acceptActiveContent) drafted.map.acceptActiveContent = true;
  return drafted;
}

/** Keeps an entry of an older map when name and caption agree, or one agrees and nothing contradicts it. */
export function draftFor(form: InspectedForm, edition: string, older?: FieldMap): Drafted {
  const fillable = form.fields.filter(({ type, unfillable }) => isTyped(type) && !unfillable);
  const present = new Set(fillable.map(({ name }) => name));
  let kept = 0;
  const suggested = slotSuggestions(fillable);
  const fields = fillable.map((field, index): MapEntry | OpenEntry => {
    const known = older && knownEntry(field, fillable, older, present);
    if (known && 'agrees' in known) {
      kept++;
      const caption = field.caption ?? known.agrees.caption;
      return { ...known.agrees, field: field.name, ...(caption ? { caption } : {}) };
    }
    const box = suggested[index] as SuggestedBox;
    return field.readOnly ? closedEntry(field, box) : openEntry(field, box, known?.doubtful);
  });
  return {
    map: {
      version: 1,
      edition,
      fingerprint: form.fingerprint,
      fields,
    },
    kept,
    open: fields.filter((entry) => 'fill' in entry && entry.fill === '?').length,
  };
}

function knownEntry(
  field: InspectedField,
  fields: InspectedField[],
  older: FieldMap,
  present: Set<string>,
): { agrees: MapEntry } | { doubtful: MapEntry } | undefined {
  const named = older.fields.find((entry) => entry.field === field.name);
  if (named) return sameCaption(named.caption, field.caption) === false ? { doubtful: named } : { agrees: named };
  if (!field.caption) return undefined;
  // A renamed box: the only one with its caption in both forms, and the old name is gone.
  const captioned = older.fields.filter((entry) => sameCaption(entry.caption, field.caption) === true);
  const sameCaptioned = fields.filter((other) => sameCaption(other.caption, field.caption) === true);
  const [entry] = captioned;
  return captioned.length === 1 && sameCaptioned.length === 1 && entry && !present.has(entry.field)
    ? { agrees: entry }
    : undefined;
}

/** Undefined when one of them has none. Leading numbers ("7. Country") change between editions. */
function sameCaption(one: string | undefined, other: string | undefined): boolean | undefined {
  if (one === undefined || other === undefined) return undefined;
  const plain = (caption: string) =>
    caption
      .toLowerCase()
      .replace(/^\s*\d+[a-z]?[.)]\s*/, '')
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return plain(one) === plain(other);
}

function openEntry(field: InspectedField, { words, suggestion }: SuggestedBox, doubtful?: MapEntry): OpenEntry {
  const known = doubtful && isFilled(doubtful) ? { fill: doubtful.fill } : suggestion;
  return {
    ...placeOf(field, words, doubtful),
    fill: '?',
    ...(known ? { suggestion: known.fill } : {}),
    ...(known === suggestion && suggestion?.format ? { suggestedFormat: suggestion.format } : {}),
    ...(known === suggestion && suggestion?.options ? { suggestedOptions: suggestion.options } : {}),
    ...(field.options.length > 0 ? { choices: (field.optionLabels ?? field.options).slice(0, 40) } : {}),
  };
}

/** No one can type into it, so there is nothing to decide. */
function closedEntry(field: InspectedField, { words }: SuggestedBox): MapEntry {
  return { ...placeOf(field, words), leave: 'The form computes it or keeps it closed.' };
}

function placeOf(field: InspectedField, words: BoxWords, doubtful?: MapEntry) {
  const caption = field.caption ?? field.near;
  const activity = doubtful?.activity ?? words.activity;
  return {
    field: field.name,
    section: doubtful?.section ?? words.section,
    ...(activity ? { activity } : {}),
    ...(caption ? { caption } : {}),
  };
}
