import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A piece of personal data as it goes in, made up so that it occurs nowhere else. */
export interface Mark {
  what: string;
  text: string;
}

export interface Leak {
  what: string;
  where: string;
  as: string;
}

/** Every way in which a text is likely to lie in a file: as it is, in either case, and as the usual encodings of it. */
export function disguises({ text }: Mark): [as: string, needle: Buffer][] {
  const utf8 = Buffer.from(text);
  const base64 = [0, 1, 2].map((before): [string, Buffer] => {
    const whole = Buffer.concat([Buffer.alloc(before), utf8])
      .toString('base64')
      .replace(/=+$/, '');
    // What is left of the characters in which neighbours share.
    return [`base64 at ${before}`, Buffer.from(whole.slice(before === 0 ? 0 : before + 1, -1))];
  });
  return [
    ['itself', utf8],
    ['lower case', Buffer.from(text.toLowerCase())],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['UTF-16, big-endian', Buffer.from(text, 'utf16le').swap16()],
    ['hexadecimal', Buffer.from(utf8.toString('hex'))],
    ['URL-encoded', Buffer.from(encodeURIComponent(text))],
    ['without hyphens', Buffer.from(text.replaceAll('-', ''))],
    ...base64,
  ];
}

/** Looks for marks in what was written somewhere. */
export function leaksIn(where: string, bytes: Buffer, marks: readonly Mark[]): Leak[] {
  return marks.flatMap((mark) => {
    const found = disguises(mark).find(([, needle]) => bytes.includes(needle));
    return found ? [{ what: mark.what, where, as: found[0] }] : [];
  });
}

/** Every file below a folder, by its path from there. What goes away meanwhile is left out. */
export async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes) files.set(path.slice(folder.length + 1), bytes);
  }
  return files;
}
