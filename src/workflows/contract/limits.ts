/**
 * The size limits of a message to an onboarding, checked by the client and by the workflow. Anyone in the namespace can
 * send anything, and a few texts of a megabyte would make the answer of `progress` larger than Temporal allows.
 */

/** Characters, for fields that name something. Every other text may have `MAX_TEXT`. */
const FIELD_LIMITS = {
  actor: 200,
  source: 200,
  mailId: 200,
  mailbox: 200,
  importerNumber: 200,
  importerNumbers: 200,
  handler: 200,
  who: 200,
  ticket: 100,
} as const;
export const MAX_ACTOR = FIELD_LIMITS.actor;
export const MAX_TEXT = 4_000;
/** Characters of all texts in a message, including field names. */
export const MAX_CHARACTERS = 100_000;
/** Values in a message, including lists and objects. */
const MAX_VALUES = 20_000;

/** Fields that an error may name. The sender chose any other name, and it could be personal data. */
const KNOWN_FIELDS = new Set([
  ...Object.keys(FIELD_LIMITS),
  'evidence',
  'reason',
  'what',
  'said',
  'text',
  'subject',
  'excerpt',
  'from',
]);

/** What is too long in a message and what to do about it, or undefined. Never throws. */
export function overLimit(message: unknown): string | undefined {
  const pending: { field: string; value: unknown }[] = [{ field: '', value: message }];
  let characters = 0;
  let values = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { field, value } = next;
    values += 1;
    if (typeof value === 'string') {
      const limit = Object.hasOwn(FIELD_LIMITS, field) ? FIELD_LIMITS[field as keyof typeof FIELD_LIMITS] : MAX_TEXT;
      if (value.length > limit) return tooLong(field, value.length, limit);
      characters += value.length;
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        // Items of a list go by the name of the list.
        if (!Array.isArray(value)) characters += key.length;
        pending.push({ field: Array.isArray(value) ? field : key, value: child });
      }
    }
    if (characters > MAX_CHARACTERS || values + pending.length > MAX_VALUES)
      return `The message is too large: its texts can have ${MAX_CHARACTERS} characters in total. ${REMEDY}`;
  }
  return undefined;
}

const REMEDY = 'Keep the long text somewhere else, and say here where to find it.';

function tooLong(field: string, length: number, limit: number): string {
  const named = KNOWN_FIELDS.has(field) ? field : 'One of the texts';
  return `${named} has ${length} characters; the limit is ${limit}. ${REMEDY}`;
}
