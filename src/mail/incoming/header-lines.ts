import type { ReadHeader, RouteHeader } from './read-headers.js';

/**
 * The header block of a message, parsed by our own code. If there are two Subject lines, libraries return the first, while
 * a DKIM signature covers the last. Judging a message requires both.
 */
export interface HeaderBlock {
  lines: HeaderLine[];
  /** Where the body begins, in bytes. */
  bodyStart: number;
  /** What no legitimate mail program writes: short sentences. */
  oddities: string[];
}

export interface HeaderLine {
  /** Lower case. */
  name: string;
  /** Unfolded, trimmed, read as UTF-8. Encoded words stay encoded. */
  value: string;
  /** Where the line begins and ends in the message, in bytes, including its line end. */
  start: number;
  end: number;
}

/** A header block beyond this is an attack, or not email at all. */
const HEADER_LIMIT_BYTES = 1_000_000;
const LINES_LIMIT = 5_000;
/** Limits for the lines of one header and the characters of a Received line: libraries need quadratic time for them. */
const FOLDS_LIMIT = 2_000;
const RECEIVED_LIMIT = 2_000;

const LF = 0x0a;
const CR = 0x0d;

/** Never throws. Reads only the beginning of a block that is too long. */
export function readHeaderBlock(raw: Uint8Array): HeaderBlock {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const oddities = new Set<string>();
  const lines: HeaderLine[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lineEnd = endOfLine(bytes, at);
    if (isBlank(bytes, at, lineEnd)) return { lines, bodyStart: lineEnd, oddities: [...oddities] };
    if (lineEnd > HEADER_LIMIT_BYTES || lines.length >= LINES_LIMIT) {
      oddities.add('the header block is unreasonably long');
      return { lines, bodyStart: at, oddities: [...oddities] };
    }
    const end = endOfFolded(bytes, lineEnd);
    const line = readLine(bytes, at, end, oddities);
    if (line) lines.push(line);
    at = end;
  }
  return { lines, bodyStart: bytes.length, oddities: [...oddities] };
}

function readLine(bytes: Buffer, start: number, end: number, oddities: Set<string>): HeaderLine | undefined {
  const text = bytes.subarray(start, Math.min(end, start + HEADER_LIMIT_BYTES)).toString('utf8');
  const colon = text.indexOf(':');
  if (/\r(?!\n)/.test(text.replace(/\r?\n$/, ''))) oddities.add('a header line contains a bare carriage return');
  if (text.includes('\0')) oddities.add('a header line contains a NUL character');
  if (colon <= 0 || /\s\S/.test(text.slice(0, colon).trim())) {
    // Mailbox files put "From sender date" above a message. It is not a header, and it is harmless.
    if (text.startsWith('From ') && start === 0) return undefined;
    oddities.add('a line in the header block is not a header');
    return undefined;
  }
  if (hasMoreLines(text, FOLDS_LIMIT)) oddities.add('a header has unreasonably many lines');
  const written = text.slice(0, colon);
  const name = written.trim().toLowerCase();
  if (written !== written.trimEnd()) oddities.add('a header name has a space before its colon');
  const value = text
    .slice(colon + 1)
    .replace(/\r?\n(?=[ \t])/g, '')
    .trim();
  if (name === 'received' && value.length > RECEIVED_LIMIT) oddities.add('a Received line is unreasonably long');
  return { name, value, start, end };
}

function hasMoreLines(text: string, limit: number): boolean {
  let at = -1;
  for (let lines = 0; lines <= limit; lines++) {
    at = text.indexOf('\n', at + 1);
    if (at === -1) return false;
  }
  return true;
}

/** Values of all headers with this name, from the top. */
export function headerValues(lines: HeaderLine[], name: ReadHeader): string[] {
  return lines.filter((line) => line.name === name).map((line) => line.value);
}

export function headerValue(lines: HeaderLine[], name: ReadHeader): string | undefined {
  return lines.find((line) => line.name === name)?.value;
}

/**
 * Values of headers that are rewritten for each delivery. Code that reads one must also add what it derives from it to the
 * mail identity, in `mail-identity.ts`.
 */
export function routeValues(lines: HeaderLine[], name: RouteHeader): string[] {
  return lines.filter((line) => line.name === name).map((line) => line.value);
}

/** Whether a mail server wrote it: bounces and automatic replies must get no reply, so their return path is empty. */
export function hasNullReturnPath(lines: HeaderLine[]): boolean {
  return routeValues(lines, 'return-path')[0]?.trim() === '<>';
}

function endOfLine(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(LF, from);
  return found === -1 ? bytes.length : found + 1;
}

function endOfFolded(bytes: Buffer, lineEnd: number): number {
  let end = lineEnd;
  while (end < bytes.length && (bytes[end] === 0x20 || bytes[end] === 0x09)) end = endOfLine(bytes, end);
  return end;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  return (length === 1 && bytes[start] === LF) || (length === 2 && bytes[start] === CR && bytes[start + 1] === LF);
}
