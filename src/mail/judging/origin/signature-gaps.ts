import { type HeaderLine, headerValue, readHeaderBlock } from '../../incoming/header-lines.js';

// What a signature leaves open: headers that a stranger can add or change without breaking it.

/**
 * Headers that a message may have only once (RFC 5322 3.6, RFC 2045). If there are several, a signature covers the last
 * one, while mail programs show the first: with a second Subject above the signed one, a stranger adds words to a signed
 * email.
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

/** Names (lower case) of headers that appear more than once but may not. */
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

/**
 * The words of a body depend on Content-Type and Content-Transfer-Encoding: with another boundary, character set or
 * encoding, the same signed bytes read differently. Some signers leave one of them unsigned (Exchange Online: the
 * encoding). That is harmless for plain unencoded ASCII, and, if the type is signed, for a body that is strictly valid in
 * the stated encoding.
 * @param covered header names (lower case) that a signature covers
 * @returns unsigned headers that could change what the body says: names, lower case
 */
export function unsignedBodyHeaders(raw: Uint8Array, lines: HeaderLine[], covered: readonly string[]): string[] {
  const type = covered.includes('content-type') ? undefined : (headerValue(lines, 'content-type') ?? '');
  const encoding = covered.includes('content-transfer-encoding')
    ? undefined
    : (headerValue(lines, 'content-transfer-encoding') ?? '');
  const open: string[] = [];
  // A removed type matters as much as a changed one.
  if (type !== undefined && !(PLAIN.test(type) && isAscii(bodyOf(raw)))) open.push('content-type');
  if (encoding !== undefined && !UNENCODED.test(encoding) && !(type === undefined && isEncoded(bodyOf(raw), encoding)))
    open.push('content-transfer-encoding');
  return open;
}

/** No other parameters: "format=flowed" joins words, and "name" turns the text into an attachment. */
const PLAIN = /^(?:text\/plain\s*(?:;\s*charset\s*=\s*"?(?:us-ascii|utf-8)"?\s*;?)?)?$/i;
const UNENCODED = /^(?:7bit|8bit|binary)?$/i;

function bodyOf(raw: Uint8Array): Buffer {
  const { bodyStart } = readHeaderBlock(raw);
  return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).subarray(bodyStart);
}

function isAscii(body: Uint8Array): boolean {
  return body.every((byte) => byte < 0x80);
}

/** Stricter than mail programs are. */
function isEncoded(body: Buffer, encoding: string): boolean {
  const text = body.toString('latin1');
  if (/^base64$/i.test(encoding)) return !/[^A-Za-z0-9+/=\r\n]/.test(text);
  return /^quoted-printable$/i.test(encoding) && isAscii(body) && !/=(?![0-9A-F]{2}|\r?\n|$)/.test(text);
}
