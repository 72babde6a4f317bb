import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A made-up piece of personal data that occurs nowhere else. */
export interface Mark {
  what: string;
  text: string;
}

export interface Leak {
  what: string;
  where: string;
  as: string;
}

/** The likely forms of a text in a file: as written, in upper and lower case, and in the usual encodings. */
export function disguises({ text }: Mark): [as: string, needle: Buffer][] {
  const utf8 = Buffer.from(text);
  const base64 = [0, 1, 2].map((before): [string, Buffer] => {
    const whole = Buffer.concat([Buffer.alloc(before), utf8])
      .toString('base64')
      .replace(/=+$/, '');
    // Without the characters that also depend on neighboring bytes.
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

/** Finds marks in data that was written somewhere. */
export function leaksIn(where: string, bytes: Buffer, marks: readonly Mark[]): Leak[] {
  return marks.flatMap((mark) => {
    const found = disguises(mark).find(([, needle]) => bytes.includes(needle));
    return found ? [{ what: mark.what, where, as: found[0] }] : [];
  });
}

/** Every file under a folder, by relative path. Files that disappear in the meantime are left out. */
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
