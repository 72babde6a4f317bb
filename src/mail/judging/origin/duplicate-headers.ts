import type { HeaderLine } from '../../incoming/header-lines.js';

/**
 * Headers a message may have once (RFC 5322 3.6, RFC 2045). A signature covers the last of several while mail programs
 * show the first: a second Subject above a genuine signed one is how a stranger puts words into a signed mail.
 */
const SINGLETONS = new Set([
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
]);

/** The names (lower case) that stand more than once though they may not. */
export function duplicatedSingletons(lines: HeaderLine[]): string[] {
  const seen = new Set<string>();
  const duplicated = new Set<string>();
  for (const { name } of lines) {
    if (!SINGLETONS.has(name)) continue;
    if (seen.has(name)) duplicated.add(name);
    seen.add(name);
  }
  return [...duplicated];
}
