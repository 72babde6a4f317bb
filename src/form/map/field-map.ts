import { z } from 'zod';
import { withItems } from '../../application/plain-text.js';
import { type ApplicationField, isApplicationField, valueKindOf } from './application-fields.js';
import { formatMistake } from './value-format.js';

/**
 * The field map of one edition of CBP's form: which box gets what. A JSON file beside the PDF, written by people with
 * the help of `form draft`, pinned to the PDF by its fingerprint.
 */

export const SECTIONS = ['A', 'A.1', 'B Part 1', 'B Part 2', 'C', 'D', 'other'] as const;
export type Section = (typeof SECTIONS)[number];

const slot = z.custom<ApplicationField>((value) => typeof value === 'string' && isApplicationField(value), {
  error: (issue) =>
    issue.input === '?'
      ? 'is still "?": name the application field that goes here, or replace "fill" by "leave" with the reason.'
      : `${JSON.stringify(issue.input)} is not an application field; docs/bring-your-own-form.md lists them.`,
});

const place = {
  /** Full name of the PDF field. */
  field: z.string().min(1),
  section: z.enum(SECTIONS),
  /** The text beside the field, for people. */
  caption: z.string().optional(),
  /** The business activity of a row in Section A.1 and after: importer, broker, truck-carrier. */
  activity: z.string().min(1).optional(),
  /** Hints that `form draft` wrote for the person who completes the map. Otherwise ignored. */
  suggestion: z.string().optional(),
  suggestedFormat: z.string().optional(),
  suggestedOptions: z.record(z.string(), z.string()).optional(),
  choices: z.array(z.string()).optional(),
};

const filled = z
  .strictObject({
    ...place,
    fill: slot,
    /** How the value is written: see `value-format.ts`. */
    format: z.string().optional(),
    /** The characters from `start` up to, not including, `end`: for a value spread over several boxes. */
    part: z
      .strictObject({ start: z.int().min(0), end: z.int().min(1) })
      .refine(({ start, end }) => end > start, 'must end after its start.')
      .optional(),
    /** Maps our value to the form's option (its on-value or its label). Other values are refused. */
    options: z.record(z.string(), z.string()).optional(),
    /** Lets text that is too wide be printed smaller than the form's size, down to 6 points. */
    shrink: z.literal(true).optional(),
    /** Who typed such values into the form in Acrobat, and when: a script of the form checks them that cannot be judged. */
    triedInAcrobat: z.string().min(1).optional(),
    /** The form keeps this box closed until that one is ticked. Filled in only when that box gets the option, or any. */
    opensWith: z.strictObject({ field: z.string().min(1), option: z.string().min(1).optional() }).optional(),
  })
  .superRefine(({ fill, format, part, options }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (options && (format || part))
      return wrong(format ? 'format' : 'part', 'does not go with "options", which say the whole value.');
    if (valueKindOf(fill) === 'tick' && part) wrong('part', `is of "${fill}", which is a tick and not text.`);
    const mistake = format === undefined ? undefined : formatMistake(format, valueKindOf(fill));
    if (mistake) wrong('format', mistake);
  });

const left = z.strictObject({ ...place, /** Why this box stays as it is. */ leave: z.string().min(1) });

const cleared = z.strictObject({
  ...place,
  /** Why what the form has in this box is taken out. */ clear: z.string().min(1),
});

export const fieldMapSchema = z.strictObject({
  version: z.literal(1),
  /** Name of the edition, for people: `2026-04`. */
  edition: z.string().min(1),
  /** Which file this map is for, and no other: `sha256:` and 64 hex digits. */
  fingerprint: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not sha256: and 64 hex digits'),
  /** Who looked at a filled form and accepted the map, as `form accept` writes it. Any later change makes it void. */
  accepted: z
    .strictObject({
      by: z.string().min(1),
      /** ISO 8601 instant. */
      at: z.string().min(1),
      /** Boxes whose pages are drawn for each application, because something covers a part of them. */
      toDraw: z.array(z.string()),
      /** What was accepted: `sha256:` and 64 hex digits. */
      seal: z.string(),
    })
    .optional(),
  /** True: a qualified person has checked the file's own actions and attachments. */
  acceptActiveContent: z.literal(true).optional(),
  fields: z.array(z.union([filled, left, cleared])).superRefine((fields, context) => {
    const seen = new Set<string>();
    for (const [index, { field }] of fields.entries()) {
      if (seen.has(field))
        context.addIssue({ code: 'custom', path: [index, 'field'], message: `names ${field} a second time.` });
      seen.add(field);
    }
  }),
});

export type FieldMap = z.infer<typeof fieldMapSchema>;
export type FilledEntry = z.infer<typeof filled>;
export type MapEntry = FieldMap['fields'][number];

export const FIELD_MAP_INVALID = 'field-map-invalid';

export class FieldMapError extends Error {
  readonly code = FIELD_MAP_INVALID;
  constructor(readonly problems: string[]) {
    super(withItems('The field map cannot be used:', problems));
    this.name = 'FieldMapError';
  }
}

/** @throws FieldMapError naming every entry that is wrong, at once. */
export function parseFieldMap(json: unknown): FieldMap {
  const fields = entriesOf(json);
  const parsed = fieldMapSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems: string[] = [];
  const name = (path: PropertyKey[]): string => {
    const index = path[0] === 'fields' && typeof path[1] === 'number' ? path[1] : undefined;
    const field = index === undefined ? undefined : fields[index]?.field;
    if (field === undefined) return path.join('.') || 'map';
    return `${String(field)}${path.length > 2 ? ` ${path.slice(2).join('.')}` : ''}`;
  };
  for (const issue of parsed.error.issues) {
    if (issue.code !== 'invalid_union') {
      problems.push(`${name(issue.path)}: ${issue.message}`);
      continue;
    }
    // Report only the kind of entry that was meant.
    const index = typeof issue.path[1] === 'number' ? issue.path[1] : -1;
    const entry = fields[index] ?? {};
    const meant = 'leave' in entry ? left : 'clear' in entry ? cleared : filled;
    const result = meant.safeParse(fields[index]);
    const issues = result.error?.issues ?? [];
    // Other problems of an undecided entry disappear once it is decided.
    const undecided = issues.filter(({ path }) => path[0] === 'fill' && fields[index]?.fill === '?');
    for (const inner of undecided.length > 0 ? undecided : issues)
      problems.push(`${name([...issue.path, ...inner.path])}: ${inner.message}`);
  }
  throw new FieldMapError(problems);
}

function entriesOf(json: unknown): Record<string, unknown>[] {
  const fields = (json as { fields?: unknown } | null)?.fields;
  return Array.isArray(fields) ? (fields as Record<string, unknown>[]) : [];
}

export function isCleared(entry: MapEntry): entry is Extract<MapEntry, { clear: string }> {
  return 'clear' in entry;
}

export function isFilled(entry: MapEntry): entry is FilledEntry {
  return 'fill' in entry;
}
