import { looksLikeTaxNumber } from './tax-numbers-in-text.js';

/** What may be shown of a value in the wrong place: an importer number strays into any column. */

/** `"Inc", which is ` to put before what is wrong with it; nothing where the value may be a tax number. */
export function quoting(text: string): string {
  return looksLikeTaxNumber(text) ? '' : `"${text.slice(0, 40)}", which is `;
}

/** The reference that was written, or undefined where it is none that may be shown. */
export function shownReference(written: unknown): string | undefined {
  const reference = typeof written === 'string' ? written.trim() : '';
  return /^[A-Za-z0-9-]{1,40}$/.test(reference) && !looksLikeTaxNumber(reference) ? reference : undefined;
}
