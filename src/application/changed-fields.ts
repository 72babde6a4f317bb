import type { Application } from './application.js';

/** Dotted paths at which two applications differ, in alphabetical order; a list is one field. Never the values. */
export function changedFields(one: Application, other: Application): string[] {
  return [...differences(one, other, '')].sort();
}

function* differences(one: unknown, other: unknown, path: string): Iterable<string> {
  if (isRecord(one) && isRecord(other)) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
      yield* differences(one[key], other[key], path ? `${path}.${key}` : key);
  } else if (JSON.stringify(one) !== JSON.stringify(other)) {
    yield path;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
