import type { OpenOptions } from '../pdf/pdf-file.js';
import { assertBoxes } from '../pdf/pdf-refused.js';
import { type ApplicationField, isApplicationField } from './application-fields.js';
import type { FieldMap, MapEntry, Section } from './field-map.js';
import { isFilled } from './field-map.js';
import { type InspectedField, type InspectedForm, inspectForm } from './inspect-form.js';

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
  fill: '?';
  /** What the caption sounds like. A person decides. */
  suggestion?: ApplicationField;
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
  const fillable = form.fields.filter(
    ({ type, unfillable }) => type !== 'button' && type !== 'signature' && !unfillable,
  );
  const present = new Set(fillable.map(({ name }) => name));
  let kept = 0;
  const fields = fillable.map((field): MapEntry | OpenEntry => {
    const known = older && knownEntry(field, fillable, older, present);
    if (known && 'agrees' in known) {
      kept++;
      const caption = field.caption ?? known.agrees.caption;
      return { ...known.agrees, field: field.name, ...(caption ? { caption } : {}) };
    }
    return field.readOnly ? closedEntry(field) : openEntry(field, known?.doubtful);
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

function openEntry(field: InspectedField, doubtful: MapEntry | undefined): OpenEntry {
  const caption = field.caption ?? field.near;
  const suggestion =
    doubtful && isFilled(doubtful) ? doubtful.fill : suggest(`${caption ?? ''} ${lastPart(field.name)}`);
  return {
    field: field.name,
    section: doubtful?.section ?? sectionOf(field.name),
    ...(caption ? { caption } : {}),
    fill: '?',
    ...(suggestion ? { suggestion } : {}),
    ...(field.options.length > 0 ? { choices: (field.optionLabels ?? field.options).slice(0, 40) } : {}),
  };
}

/** No one can type into it, so there is nothing to decide. */
function closedEntry(field: InspectedField): MapEntry {
  const caption = field.caption ?? field.near;
  return {
    field: field.name,
    section: sectionOf(field.name),
    ...(caption ? { caption } : {}),
    leave: 'The form computes it or keeps it closed.',
  };
}

const lastPart = (name: string): string =>
  name
    .split('.')
    .at(-1)
    ?.replace(/\[\d+\]/g, '') ?? name;

/** Known only when the subform's name says so. A person corrects the rest. */
function sectionOf(name: string): Section {
  const match = /Section_?([ACD])_?(1)?\b|Section_?B_?(?:Part_?)?([12])?\b/i.exec(name.replaceAll(/\[\d+\]/g, ' '));
  if (!match) return 'other';
  if (match[1]) return match[1].toUpperCase() === 'A' && match[2] ? 'A.1' : (match[1].toUpperCase() as Section);
  return match[3] === '1' ? 'B Part 1' : match[3] === '2' ? 'B Part 2' : 'other';
}

/** Words that captions of such forms use, the most specific first. */
const WORDS: [RegExp, ApplicationField][] = [
  [/\b(importer|i\.?o\.?r\.?|ir)\b.*\b(number|no\b|#)|\bIR#?1?\b/i, 'importerNumber'],
  [/fiscal\s*year/i, 'company.fiscalYearEnd'],
  [/date\s*of\s*birth|\bdob\b|birth\s*date/i, 'officer.dateOfBirth'],
  [/organi[sz]ation(al)?\s*(structure|type)|OrgStructure/i, 'company.organization'],
  [
    /(legal|company|business|entity|corporate)\s*name|name of (company|legal entity|business)|CompanyName|EntityName/i,
    'company.legalName',
  ],
  [/\bduns\b|d-u-n-s/i, 'company.duns'],
  [/web\s*site|\burl\b/i, 'company.website'],
  [/\bfax\b/i, 'company.fax'],
  [/e-?mail/i, 'accountOwner.email'],
  [/officer.*last\s*name/i, 'officer.lastName'],
  [/officer.*first\s*name/i, 'officer.firstName'],
  [/officer.*name/i, 'officer.name'],
  [/contact.*last\s*name/i, 'accountOwner.lastName'],
  [/contact.*first\s*name/i, 'accountOwner.firstName'],
  [/(contact|account\s*owner).*name/i, 'accountOwner.name'],
  [/\btitle\b/i, 'officer.title'],
  [/zip|postal/i, 'company.address.postalCode'],
  [/\bstate\b|province/i, 'company.address.state'],
  [/\bcity\b/i, 'company.address.city'],
  [/country/i, 'company.address.country'],
  [/street|address\s*(line)?\s*1/i, 'company.address.street'],
  [/\baddress\b/i, 'company.address'],
  [/tele?phone|\bphone\b/i, 'company.phone'],
];

function suggest(words: string): ApplicationField | undefined {
  const slot = WORDS.find(([pattern]) => pattern.test(words))?.[1];
  return slot && isApplicationField(slot) ? slot : undefined;
}
