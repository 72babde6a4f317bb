import { createHash } from 'node:crypto';
import { readHeaderBlock } from './header-lines.js';

/**
 * Headers that servers put on a message on its way or in its store, not its author. Two deliveries of one message (a
 * retry, a second alias, a mailbox restored from a backup) differ in nothing else, so they do not count for its identity:
 * trace (RFC 5322 3.6.7), envelope, verdicts, and everything `X-`, where gateways and stores keep their notes.
 */
const TRACE_HEADERS = new Set([
  'received',
  'return-path',
  'delivered-to',
  'envelope-to',
  'original-recipient',
  'received-spf',
  'authentication-results',
  'authentication-results-original',
  'arc-seal',
  'arc-message-signature',
  'arc-authentication-results',
  'content-length',
  'lines',
  'status',
]);

/**
 * What a message is known by: sha256 (hex) of its bytes without trace headers, line ends unified. A Message-ID would not
 * do: it is the sender's word, may be missing, used twice or a kilobyte long.
 */
export function mailIdentity(raw: Uint8Array): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const { lines, bodyStart } = readHeaderBlock(bytes);
  const hash = createHash('sha256');
  let at = 0;
  for (const line of lines) {
    // What is no header at all stands between two lines, and counts.
    hash.update(withLineFeeds(bytes.subarray(at, line.start)));
    if (!isTrace(line.name)) hash.update(withLineFeeds(bytes.subarray(line.start, line.end)));
    at = line.end;
  }
  hash.update(withLineFeeds(bytes.subarray(at, bodyStart)));
  hash.update(withLineFeeds(bytes.subarray(bodyStart)));
  return hash.digest('hex');
}

function isTrace(name: string): boolean {
  return TRACE_HEADERS.has(name) || name.startsWith('x-');
}

/** CRLF to LF: one store keeps the one, its IMAP server gives the other. */
function withLineFeeds(bytes: Buffer): Buffer {
  if (!bytes.includes('\r\n')) return bytes;
  const kept = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  let from = 0;
  for (let at = bytes.indexOf('\r\n'); at !== -1; at = bytes.indexOf('\r\n', at + 2)) {
    length += bytes.copy(kept, length, from, at);
    from = at + 1;
  }
  length += bytes.copy(kept, length, from);
  return kept.subarray(0, length);
}
