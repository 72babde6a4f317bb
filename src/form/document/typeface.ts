import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as fontkit from '@cantoo/fontkit';
import { PDFDocument, type PDFFont, StandardFonts } from 'pdf-lib';

/**
 * The typefaces: Helvetica, which every reader has, and DejaVu Sans, which is embedded when Helvetica lacks a letter. A
 * value is drawn in one typeface or refused. Libraries would print "?" or nothing.
 */
export type Typeface = 'helvetica' | 'dejavu';

/** Proportions of the em, from the fonts' own tables. */
export const FONT_METRICS: Record<Typeface, { ascent: number; accentedAscent: number; descent: number; line: number }> =
  {
    helvetica: { ascent: 0.741, accentedAscent: 0.93, descent: 0.218, line: 1.16 },
    dejavu: { ascent: 0.76, accentedAscent: 0.94, descent: 0.236, line: 1.18 },
  };

/**
 * Scripts that read left to right, letter by letter. In others, letters join, stack, or run right to left. The libraries
 * here would draw those wrong.
 */
const SIMPLE_SCRIPTS =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Common}]$/u;

/** The typeface that has every character of a value, or the characters that no typeface has. */
export function typefaceFor(value: string): Typeface | { uncovered: string[] } {
  const characters = [...new Set(value.replaceAll('\n', ''))];
  const helvetica = coverage('helvetica');
  if (characters.every((character) => helvetica.has(codePoint(character)))) return 'helvetica';
  const dejavu = coverage('dejavu');
  const uncovered = characters.filter(
    (character) => !SIMPLE_SCRIPTS.test(character) || !dejavu.has(codePoint(character)),
  );
  return uncovered.length === 0 ? 'dejavu' : { uncovered };
}

/** Whether Helvetica has every character. Required where the reader draws the text. */
export function helveticaCovers(value: string): boolean {
  return [...value.replaceAll('\n', '')].every((character) => coverage('helvetica').has(codePoint(character)));
}

/** Width in em of text drawn glyph by glyph, without kerning, as in the file. */
export function widthOf(text: string, typeface: Typeface): number {
  let width = 0;
  for (const character of text) width += advance(character, typeface);
  return width;
}

/** Embeds a typeface. The same glyphs in the same order give the same bytes. */
export async function embed(pdf: PDFDocument, typeface: Typeface): Promise<PDFFont> {
  if (typeface === 'helvetica') return pdf.embedFont(StandardFonts.Helvetica);
  pdf.registerFontkit(fontkit);
  return pdf.embedFont(dejavuBytes(), {
    subset: true,
    features: { liga: false, kern: false, clig: false, calt: false },
  });
}

const codePoint = (character: string): number => character.codePointAt(0) ?? 0;

const covered = new Map<Typeface, Set<number>>();
const advances = new Map<string, number>();
let measuring: Record<Typeface, PDFFont> | undefined;

/** Loads the fonts for measuring. Await it once in a process, before any of the functions above. */
export async function loadTypefaces(): Promise<void> {
  if (measuring) return;
  const pdf = await PDFDocument.create({ updateMetadata: false });
  measuring = { helvetica: await embed(pdf, 'helvetica'), dejavu: await embed(pdf, 'dejavu') };
}

function measuringFont(typeface: Typeface): PDFFont {
  if (!measuring) throw new Error('loadTypefaces() has not been awaited.');
  return measuring[typeface];
}

function coverage(typeface: Typeface): Set<number> {
  const known = covered.get(typeface);
  if (known) return known;
  const set = new Set(measuringFont(typeface).getCharacterSet());
  covered.set(typeface, set);
  return set;
}

function advance(character: string, typeface: Typeface): number {
  const key = `${typeface}${character}`;
  const known = advances.get(key);
  if (known !== undefined) return known;
  const width = measuringFont(typeface).widthOfTextAtSize(character, 1);
  advances.set(key, width);
  return width;
}

let bytes: Uint8Array | undefined;
function dejavuBytes(): Uint8Array {
  bytes ??= readFileSync(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  return bytes;
}
