/** Checks of the fields of a message. zod cannot be used in a workflow, so they are written by hand. Pure. */

export type Fields = Record<string, unknown>;

export function missingFields(input: unknown, fields: string[], example: string): string | undefined {
  if (!isObject(input)) return `The message has no usable payload. Paste ${example}`;
  const missing = fields.filter((field) => !isNonEmpty(input[field]));
  return missing.length > 0
    ? `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Paste ${example}`
    : undefined;
}

export function oneOf(input: Fields, field: string, allowed: string[]): string | undefined {
  const value = input[field];
  return typeof value === 'string' && allowed.includes(value)
    ? undefined
    : `${field} ${value === undefined ? 'is missing; it ' : ''}must be one of: ${allowed.join(', ')}.`;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

export function isNonEmpty(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** Includes a time zone. Without one, it would mean a different instant on each machine. */
export function isInstant(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

export const INSTANT_REQUIRED = 'must be a date and time with its time zone, such as 2026-12-03T17:00:00-05:00';
export const CLOCKS_DIFFER_MS = 5 * 60_000;
export const YEAR_MS = 366 * 24 * 3_600_000;
