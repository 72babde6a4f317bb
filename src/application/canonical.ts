import type { Application } from './application.js';

/** The same application gives the same bytes, whatever the order its fields came in. */
export function canonical(application: Application): Uint8Array {
  return Buffer.from(JSON.stringify(application, (_, value) => (isPlainObject(value) ? sorted(value) : value)));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}

/** Dotted paths at which two applications differ, in alphabetical order; a list is one field. Never the values. */
export function changedFields(one: Application, other: Application): string[] {
  return [...differences(one, other, '')].sort();
}

function* differences(one: unknown, other: unknown, path: string): Iterable<string> {
  if (isPlainObject(one) && isPlainObject(other)) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
      yield* differences(one[key], other[key], path ? `${path}.${key}` : key);
  } else if (JSON.stringify(one) !== JSON.stringify(other)) {
    yield path;
  }
}
