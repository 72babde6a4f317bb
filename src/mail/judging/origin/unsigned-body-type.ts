import { type HeaderLine, headerValue, readHeaderBlock } from '../../incoming/header-lines.js';

/**
 * Which words a body has depends on Content-Type and Content-Transfer-Encoding: with another boundary, character set or
 * encoding the same signed bytes read differently. Some signers leave one of them open (Exchange Online the encoding).
 * That does no harm to plain ASCII that stands for itself, and where the type is signed to a body that is encoded as it
 * says: its words are those that were encoded.
 * @param covered header names (lower case) that a signature covers
 * @returns what is open though it could change what is read: header names, lower case
 */
export function openBodyHeaders(raw: Uint8Array, lines: HeaderLine[], covered: readonly string[]): string[] {
  const type = covered.includes('content-type') ? undefined : (headerValue(lines, 'content-type') ?? '');
  const encoding = covered.includes('content-transfer-encoding')
    ? undefined
    : (headerValue(lines, 'content-transfer-encoding') ?? '');
  const open: string[] = [];
  // A type that was taken out matters as much as another one.
  if (type !== undefined && !(PLAIN.test(type) && isAscii(bodyOf(raw)))) open.push('content-type');
  if (encoding !== undefined && !ITSELF.test(encoding) && !(type === undefined && isEncoded(bodyOf(raw), encoding)))
    open.push('content-transfer-encoding');
  return open;
}

/** No other parameter: "format=flowed" joins words, "name" makes an attachment of them. */
const PLAIN = /^(?:text\/plain\s*(?:;\s*charset\s*=\s*"?(?:us-ascii|utf-8)"?\s*;?)?)?$/i;
const ITSELF = /^(?:7bit|8bit|binary)?$/i;

function bodyOf(raw: Uint8Array): Buffer {
  const { bodyStart } = readHeaderBlock(raw);
  return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).subarray(bodyStart);
}

function isAscii(body: Uint8Array): boolean {
  return body.every((byte) => byte < 0x80);
}

/** Strictly; readers forgive more. */
function isEncoded(body: Buffer, encoding: string): boolean {
  const text = body.toString('latin1');
  if (/^base64$/i.test(encoding)) return !/[^A-Za-z0-9+/=\r\n]/.test(text);
  return /^quoted-printable$/i.test(encoding) && isAscii(body) && !/=(?![0-9A-F]{2}|\r?\n|$)/.test(text);
}
