import type { ReadHeader, RouteHeader } from './read-headers.js';

/**
 * The header block of a message, taken apart by ourselves. Libraries give the first of two Subject lines where a DKIM
 * signature covers the last; whoever judges a message needs to see both.
 */
export interface HeaderBlock {
  lines: HeaderLine[];
  /** Where the body begins, in bytes. */
  bodyStart: number;
  /** What no honest mail program writes: short sentences. */
  oddities: string[];
}

export interface HeaderLine {
  /** Lower case. */
  name: string;
  /** Unfolded, trimmed, as UTF-8. Encoded words are left as they are. */
  value: string;
  /** Where the line begins and ends in the message, in bytes, line end included. */
  start: number;
  end: number;
}

/** Beyond this a header block is an attack, or no mail. */
const HEADER_LIMIT_BYTES = 1_000_000;
const LINES_LIMIT = 5_000;
/** Lines of one header, and characters of a Received: libraries take time with the square of them. */
const FOLDS_LIMIT = 2_000;
const RECEIVED_LIMIT = 2_000;

const LF = 0x0a;
const CR = 0x0d;

/** Never throws; of a block that is too long, the beginning. */
export function readHeaderBlock(raw: Uint8Array): HeaderBlock {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const oddities = new Set<string>();
  const lines: HeaderLine[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lineEnd = endOfLine(bytes, at);
    if (isBlank(bytes, at, lineEnd)) return { lines, bodyStart: lineEnd, oddities: [...oddities] };
    if (lineEnd > HEADER_LIMIT_BYTES || lines.length >= LINES_LIMIT) {
      oddities.add('the header block is longer than any honest one');
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
  if (/\r(?!\n)/.test(text.replace(/\r?\n$/, ''))) oddities.add('a header line has a bare carriage return in it');
  if (text.includes('\0')) oddities.add('a header line has a NUL in it');
  if (colon <= 0 || /\s\S/.test(text.slice(0, colon).trim())) {
    // Mailbox files put "From sender date" above a message: no header, and no offence.
    if (text.startsWith('From ') && start === 0) return undefined;
    oddities.add('a line in the header block is no header');
    return undefined;
  }
  if (hasMoreLines(text, FOLDS_LIMIT)) oddities.add('a header has more lines than any honest one');
  const written = text.slice(0, colon);
  const name = written.trim().toLowerCase();
  if (written !== written.trimEnd()) oddities.add('a header name has a space before its colon');
  const value = text
    .slice(colon + 1)
    .replace(/\r?\n(?=[ \t])/g, '')
    .trim();
  if (name === 'received' && value.length > RECEIVED_LIMIT)
    oddities.add('a Received line is longer than any honest one');
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

/** Values of all headers of a name, from the top. */
export function headerValues(lines: HeaderLine[], name: ReadHeader): string[] {
  return lines.filter((line) => line.name === name).map((line) => line.value);
}

export function headerValue(lines: HeaderLine[], name: ReadHeader): string | undefined {
  return lines.find((line) => line.name === name)?.value;
}

/**
 * Values of headers that are written anew for each delivery. Whoever reads one makes of it what counts for the mail's
 * identity, in `mail-identity.ts`; nobody else reads it.
 */
export function routeValues(lines: HeaderLine[], name: RouteHeader): string[] {
  return lines.filter((line) => line.name === name).map((line) => line.value);
}

/** Whether a mail server wrote it: what comes back and what answers by itself is to get no answer. */
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
