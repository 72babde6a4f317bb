/**
 * What a message to an onboarding may carry at most, for the client and for the workflow alike. Whoever reaches the
 * namespace can send anything: without a limit, a few texts of a megabyte make `progress` larger than Temporal answers.
 */

/** Characters of the fields that name somebody or something. Every other text may have `MAX_TEXT`. */
const NAMES = {
  actor: 200,
  source: 200,
  mailId: 200,
  mailbox: 200,
  importerNumber: 200,
  importerNumbers: 200,
} as const;
export const MAX_ACTOR = NAMES.actor;
export const MAX_TEXT = 4_000;
/** Characters of all texts of a message together, names of fields included. */
export const MAX_CHARACTERS = 100_000;
/** Values in a message, lists and objects counted with what is in them. */
const MAX_VALUES = 20_000;

/** Fields that may be called by their names: any other name was chosen by the sender, and may itself be personal. */
const KNOWN_FIELDS = new Set([...Object.keys(NAMES), 'evidence', 'reason', 'what', 'subject', 'excerpt', 'from']);

/** What is too long in a message, and what to do about it; undefined when everything fits. Never throws. */
export function overLimit(message: unknown): string | undefined {
  const open: { field: string; value: unknown }[] = [{ field: '', value: message }];
  let characters = 0;
  let values = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { field, value } = next;
    values += 1;
    if (typeof value === 'string') {
      const most = Object.hasOwn(NAMES, field) ? NAMES[field as keyof typeof NAMES] : MAX_TEXT;
      if (value.length > most) return tooLong(field, value.length, most);
      characters += value.length;
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, below] of Object.entries(value)) {
        // What is in a list has the name of the list.
        if (!Array.isArray(value)) characters += key.length;
        open.push({ field: Array.isArray(value) ? field : key, value: below });
      }
    }
    if (characters > MAX_CHARACTERS || values + open.length > MAX_VALUES)
      return `The message is too large: all its texts together may have ${MAX_CHARACTERS} characters. ${REMEDY}`;
  }
  return undefined;
}

const REMEDY = 'Keep the long text where it can be looked up, and say here where that is.';

function tooLong(field: string, length: number, most: number): string {
  const named = KNOWN_FIELDS.has(field) ? field : 'One of the texts';
  return `${named} has ${length} characters; at most ${most} fit. ${REMEDY}`;
}
