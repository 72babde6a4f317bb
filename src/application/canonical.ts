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
