import { createHash } from 'node:crypto';
import { addressesWithin } from '../outgoing/wrapped-address.js';
import { readAuthenticationResults } from './authentication-results.js';
import { type HeaderLine, hasNullReturnPath, headerValues, readHeaderBlock } from './header-lines.js';
import { MARK_HEADERS } from './read-headers.js';
import { type Recipient, recipientsIn } from './recipients.js';
import { strictSender } from './sender.js';

/**
 * Headers that servers put on a message on its way or in its store, not its author. Two deliveries of one message (a
 * retry, a second alias, a mailbox restored from a backup) differ in nothing else, so they do not count for its identity
 * byte by byte: trace (RFC 5322 3.6.7), envelope, verdicts, and everything `X-`, where gateways and stores keep their
 * notes. What the judge makes of them does count: see `judgedOfTheWay`.
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

/** As far as it decides what the judge reads of the way that a mail took. */
export interface ReadingOfTheWay {
  fromDomains: readonly string[];
  authservId?: string | undefined;
}

/**
 * What a message is known by: sha256 (hex) of its bytes without trace headers, line ends unified, and of what the judge
 * reads of those headers. A Message-ID would not do: it is the sender's word, may be missing, used twice or a kilobyte
 * long. Nor would the bytes alone: a forged copy with a header more, judged otherwise, would have the genuine mail
 * dropped as known.
 */
export function mailIdentity(raw: Uint8Array, reading: ReadingOfTheWay = { fromDomains: [] }): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const { lines, bodyStart, oddities } = readHeaderBlock(bytes);
  const hash = createHash('sha256');
  // In front, in one line of its own: no message can end so that it passes for another with other facts.
  hash.update(`${JSON.stringify(judgedOfTheWay(lines, oddities, reading))}\n`);
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

/**
 * Everything that the judge reads of headers that do not count byte by byte, each as a name and what is made of it, so
 * that two honest deliveries of one message agree as often as they can.
 */
function judgedOfTheWay(lines: HeaderLine[], oddities: string[], reading: ReadingOfTheWay): [string, unknown][] {
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

/** Sixteen base32 characters in a row: as much of an address as the secret part of a reply alias has. */
const TOKEN = /[a-z2-7]{16}/;
/** The judge looks no further than this. Where a message has more, everything counts, as it decides what is cut off. */
const RECIPIENTS = 50;

/**
 * The addresses that can be reply aliases among those it was written or delivered to, as they were before mail systems
 * wrapped them, and wherever they stand: a second copy, delivered to an alias that its To line names anyway, is the same
 * mail.
 */
function aliasesAmong(recipients: Recipient[]): string[] {
  if (recipients.length > RECIPIENTS) return recipients.map(({ header, address }) => `${header}:${address}`);
  const inside = recipients.map(({ address }) => addressesWithin(address).at(-1) ?? address);
  return [...new Set(inside.filter((address) => TOKEN.test(address.slice(0, address.lastIndexOf('@')))))].sort();
}

/** What our own mail host found out, where the judge asks for it: of mail that says it is CBP's. */
function hostVerdict(lines: HeaderLine[], { fromDomains, authservId }: ReadingOfTheWay): unknown {
  const sender = strictSender(lines);
  if (!authservId || 'problem' in sender) return undefined;
  if (!fromDomains.some((domain) => domain.toLowerCase() === sender.domain)) return undefined;
  const { reasons, ...verdict } = readAuthenticationResults(lines, authservId, sender.domain);
  return verdict;
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
