import type { PDFDocumentProxy } from 'pdfjs-dist';
import { drawPage } from '../document/draw-page.js';
import { FormReadBackError } from '../document/form-read-back-error.js';
import type { PreparedValue } from '../document/plain-value.js';
import { withPdfJs } from '../document/read-back.js';

/** 72 dots per inch: a check mark of 8 points is 8 dots wide. */
const SCALE = 1;
/** Shades (of 256) by which a dot may differ, as the edges of letters do on a rotated page. */
const SHADES = 16;

/**
 * Compares a flattened form with the verified one it was made from: no field is left, and every page has the same dots
 * and the same text.
 * @throws FormReadBackError
 */
export async function proveFlattened(written: PreparedValue[], filled: Uint8Array, flat: Uint8Array): Promise<void> {
  const differences = await withPdfJs(filled, (before) => withPdfJs(flat, (after) => compare(written, before, after)));
  if (differences.length > 0) throw new FormReadBackError(differences);
}

async function compare(written: PreparedValue[], before: PDFDocumentProxy, after: PDFDocumentProxy): Promise<string[]> {
  if (after.numPages !== before.numPages) return [`Flattened, it has ${after.numPages} pages of ${before.numPages}.`];
  const differences: string[] = [];
  const texts: string[] = [];
  for (let number = 1; number <= after.numPages; number++) {
    const page = await after.getPage(number);
    const annotations = (await page.getAnnotations()) as { subtype?: string }[];
    if (annotations.some(({ subtype }) => subtype === 'Widget')) differences.push(`Page ${number} still has fields.`);
    texts.push((await page.getTextContent()).items.map((item) => ('str' in item ? item.str : '')).join(''));
    if (!(await looksTheSame(before, after, number))) differences.push(`Flattened, page ${number} looks different.`);
  }
  const said = ink(texts.join(''));
  for (const { field, value } of written)
    if (field.options.length === 0 && !said.includes(ink(value)))
      differences.push(`Flattened, no page says the value of ${field.name}.`);
  return differences;
}

async function looksTheSame(one: PDFDocumentProxy, other: PDFDocumentProxy, number: number): Promise<boolean> {
  const [a, b] = [await dotsOf(one, number), await dotsOf(other, number)];
  return (
    a.equals(b) || (a.length === b.length && a.every((shade, index) => Math.abs(shade - (b[index] ?? 0)) <= SHADES))
  );
}

async function dotsOf(document: PDFDocumentProxy, number: number): Promise<Buffer> {
  const canvas = await drawPage(document, number, SCALE);
  return Buffer.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
}

const ink = (text: string) => text.normalize('NFKC').replace(/\s/g, '');
