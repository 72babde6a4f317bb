import type { Application } from './application.js';

/**
 * An application as the archive stores it. Equal applications give the same bytes, in whatever order their fields came,
 * so they are one document.
 */
export function canonical(application: Application): Uint8Array {
  return Buffer.from(canonicalJson(application));
}

/** JSON in which the keys of every object are in order: the same text for equal values. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (isPlainObject(inner) ? sorted(inner) : inner));
}

/** The application in an archived document. Documents of earlier releases may have their fields in another order. */
export function applicationIn(document: Uint8Array): Application {
  return JSON.parse(Buffer.from(document).toString('utf8')) as Application;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** By code units: the same on every machine, whatever its locale. */
function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
