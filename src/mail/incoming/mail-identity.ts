import { createHash } from 'node:crypto';
import { addressesWithin } from '../outgoing/wrapped-address.js';
import { readAuthenticationResults } from './authentication-results.js';
import { type HeaderLine, hasNullReturnPath, headerValues, readHeaderBlock } from './header-lines.js';
import { MARK_HEADERS } from './read-headers.js';
import { type Recipient, recipientsIn } from './recipients.js';
import { strictSender } from './sender.js';

/**
 * Headers that servers add to a message in transit or in storage. Two deliveries of one message (a retry, a second alias,
 * a mailbox restored from a backup) differ in nothing else, so their bytes do not count for its identity: trace fields
 * (RFC 5322 3.6.7), envelope, verdicts, and all `X-` headers, where gateways and stores keep their notes. What the judge
 * derives from them does count: see `transitFacts`.
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

/** The part of the trust policy that decides what the judge reads from transit headers. */
export interface TransitPolicy {
  fromDomains: readonly string[];
  authservId?: string | undefined;
}

/**
 * What identifies a message: the sha256 (hex) of its bytes without trace headers and with unified line ends, plus what the
 * judge reads from those headers. A Message-ID is not enough: the sender chooses it, and it may be missing, reused or a
 * kilobyte long. Nor are the bytes alone: because of a forged copy with an extra header, judged differently, the genuine
 * email would be dropped as already known.
 */
export function mailIdentity(raw: Uint8Array, reading: TransitPolicy = { fromDomains: [] }): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const { lines, bodyStart, oddities } = readHeaderBlock(bytes);
  const hash = createHash('sha256');
  // First, and on its own line, so that no message can be crafted to look like another one with other facts.
  hash.update(`${JSON.stringify(transitFacts(lines, oddities, reading))}\n`);
  let at = 0;
  for (const line of lines) {
    // Bytes between two header lines are not a header, but they count.
    hash.update(withLineFeeds(bytes.subarray(at, line.start)));
    if (!isTrace(line.name)) hash.update(withLineFeeds(bytes.subarray(line.start, line.end)));
    at = line.end;
  }
  hash.update(withLineFeeds(bytes.subarray(at, bodyStart)));
  hash.update(withLineFeeds(bytes.subarray(bodyStart)));
  return hash.digest('hex');
}

/**
 * Everything that the judge derives from headers whose bytes do not count, as pairs of a name and the derived value, so
 * that two legitimate deliveries of one message agree whenever possible.
 */
function transitFacts(lines: HeaderLine[], oddities: string[], reading: TransitPolicy): [string, unknown][] {
  const facts: [string, unknown][] = [];
  const add = (name: string, fact: unknown, isUsual: boolean) => {
    if (!isUsual) facts.push([name, fact]);
  };
  for (const name of MARK_HEADERS) {
    const values = headerValues(lines, name);
    add(name, values, values.length === 0);
  }
  const isNull = hasNullReturnPath(lines);
  add('null-return-path', isNull, !isNull);
  const aliases = aliasesAmong(recipientsIn(lines));
  add('aliases', aliases, aliases.length === 0);
  const verdict = hostVerdict(lines, reading);
  add('host', verdict, verdict === undefined);
  add('oddities', oddities.toSorted(), oddities.length === 0);
  return facts;
}

/** Sixteen base32 characters in a row, like the secret part of a reply alias. */
const TOKEN = /[a-z2-7]{16}/;
/** The judge reads no more than this. If a message has more, all of them count, because their order decides the cutoff. */
const RECIPIENTS = 50;

/**
 * The recipients that may be reply aliases, unwrapped and regardless of the header they are in: a second copy, delivered to
 * an alias that is already in its To line, is the same email.
 */
function aliasesAmong(recipients: Recipient[]): string[] {
  if (recipients.length > RECIPIENTS) return recipients.map(({ header, address }) => `${header}:${address}`);
  const inside = recipients.map(({ address }) => addressesWithin(address).at(-1) ?? address);
  return [...new Set(inside.filter((address) => TOKEN.test(address.slice(0, address.lastIndexOf('@')))))].sort();
}

/** What our own mail host found, if the judge uses it: only for email that claims to be from CBP. */
function hostVerdict(lines: HeaderLine[], { fromDomains, authservId }: TransitPolicy): unknown {
  const sender = strictSender(lines);
  if (!authservId || 'problem' in sender) return undefined;
  if (!fromDomains.some((domain) => domain.toLowerCase() === sender.domain)) return undefined;
  const { reasons, ...verdict } = readAuthenticationResults(lines, authservId, sender.domain);
  return verdict;
}

function isTrace(name: string): boolean {
  return TRACE_HEADERS.has(name) || name.startsWith('x-');
}

/** CRLF to LF: a store may keep one, and its IMAP server return the other. */
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
