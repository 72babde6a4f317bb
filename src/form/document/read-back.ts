import { createHash } from 'node:crypto';
import type { PDFPageProxy } from 'pdfjs-dist';
import { AnnotationMode, OPS } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { textOfName } from '../pdf/pdf-objects.js';
import { withPdfJs } from './pdf-js.js';
import type { PreparedValue } from './plain-value.js';

/** What a second library reads in the filled file: no library checks its own work. */
export interface SeenForm {
  pages: number;
  fields: Map<string, SeenField>;
}

export interface SeenField {
  /** Text, or the on-value of a check box or radio button. Empty when there is no value. */
  value: string;
  readOnly: boolean;
  /** What each place of the field shows, and whether the text begins inside it. */
  drawn: { text: string; inside: boolean }[];
}

/** pdf.js's view of an annotation; it has no type for it. */
interface Annotation {
  id: string;
  subtype?: string;
  fieldName?: string;
  fieldType?: string;
  fieldValue?: string | string[] | null;
  radioButton?: boolean;
  readOnly?: boolean;
  annotationFlags?: number;
  rect: [number, number, number, number];
  textContent?: string[];
  textPosition?: [number, number];
}

/** The flags of an annotation that is not seen: hidden, or not for the screen. */
const HIDDEN = 2 | 32;

/** Reads every field of an AcroForm. */
export async function seeForm(bytes: Uint8Array): Promise<SeenForm> {
  return withPdfJs(bytes, async (document) => {
    const fields = new Map<string, SeenField>();
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number);
      const widgets = ((await page.getAnnotations()) as Annotation[]).filter(({ subtype }) => subtype === 'Widget');
      // pdf.js collects the text of text fields. The text of lists is in the page's drawing operators.
      const lists = widgets.some(({ fieldType, fieldValue }) => fieldType === 'Ch' && fieldValue?.length)
        ? await textDrawnBy(page)
        : undefined;
      for (const widget of widgets) note(fields, widget, lists);
    }
    return { pages: document.numPages, fields };
  });
}

function note(fields: Map<string, SeenField>, annotation: Annotation, lists: Map<string, string> | undefined): void {
  const { fieldName, fieldType, fieldValue, textContent, textPosition, rect } = annotation;
  if (fieldName === undefined) return;
  const given = Array.isArray(fieldValue) ? (fieldValue[0] ?? '') : (fieldValue ?? '');
  const value = fieldType !== 'Btn' ? given : given === 'Off' ? '' : textOfName(given);
  const seen = fields.get(fieldName) ?? { value, readOnly: annotation.readOnly ?? false, drawn: [] };
  // When several boxes share a name, only the checked one has a value.
  if (fieldType === 'Btn' && seen.value === '') seen.value = value;
  fields.set(fieldName, seen);
  // What no one sees may have the drawing of an older value.
  if (((annotation.annotationFlags ?? 0) & HIDDEN) !== 0) return;
  const text = fieldType === 'Ch' ? (lists?.get(annotation.id) ?? '') : (textContent ?? []).join(' ');
  seen.drawn.push({ text, inside: textPosition ? within(textPosition, rect) : true });
}

/** `position` counts from the lower left corner of the box. */
function within([x, y]: [number, number], [x1, y1, x2, y2]: Annotation['rect']): boolean {
  return x >= -1 && x <= x2 - x1 + 1 && y >= -1 && y <= y2 - y1 + 1;
}

/** All text each annotation of a page shows, by the annotation's id. */
async function textDrawnBy(page: PDFPageProxy): Promise<Map<string, string>> {
  const { fnArray, argsArray } = await page.getOperatorList({ annotationMode: AnnotationMode.ENABLE });
  const texts = new Map<string, string>();
  let within: string | undefined;
  fnArray.forEach((operator, index) => {
    const args = argsArray[index] as unknown[] | null;
    if (operator === OPS.beginAnnotation) within = String(args?.[0]);
    else if (operator === OPS.endAnnotation) within = undefined;
    else if (operator === OPS.showText && within !== undefined) {
      const glyphs = args?.[0] as (number | { unicode?: string })[];
      const text = glyphs.map((glyph) => (typeof glyph === 'object' ? (glyph.unicode ?? '') : '')).join('');
      texts.set(within, `${texts.get(within) ?? ''}${text}`);
    }
  });
  return texts;
}

/**
 * Compares the intended values with what a second library reads: every value is written, every other field is unchanged,
 * and all text is visible in its box.
 * @throws FormReadBackError
 */
export function proveForm(written: PreparedValue[], before: SeenForm, after: SeenForm): void {
  const differences: string[] = [];
  const meant = new Map(written.map((prepared) => [prepared.field.name, prepared]));
  for (const { field, value, shown = value } of written) {
    const seen = after.fields.get(field.name);
    if (!seen) differences.push(`${field.name} is gone.`);
    else if (seen.value !== value) differences.push(`${field.name} reads differently from what was written.`);
    else if (field.type !== 'checkbox' && field.type !== 'radio') {
      if (!seen.drawn.every(({ text }) => sameInk(text, shown)))
        differences.push(`${field.name} does not show its value.`);
      if (!seen.drawn.every(({ inside }) => inside)) differences.push(`${field.name} shows its value outside its box.`);
    }
  }
  for (const [name, was] of before.fields) {
    if (meant.has(name)) continue;
    const is = after.fields.get(name);
    if (is?.value !== was.value) differences.push(`${name} changed although nothing should have been written there.`);
    // pdf.js ignores existing drawings when a form tells it to redraw (NeedAppearances), as a blank form may.
    else if (
      is.drawn.some(({ text }, index) => !sameInk(text, was.drawn[index]?.text ?? '') && !sameInk(text, is.value))
    )
      differences.push(`${name} looks different although nothing should have been written there.`);
  }
  for (const name of after.fields.keys()) if (!before.fields.has(name)) differences.push(`${name} is new.`);
  if (after.pages !== before.pages) differences.push(`The file has ${after.pages} pages, the form ${before.pages}.`);
  if (differences.length > 0) throw new FormReadBackError(differences);
}

/** Ignores spaces: combs and line breaks add and remove them. */
function sameInk(drawn: string, value: string): boolean {
  const ink = (text: string) => text.normalize('NFKC').replace(/\s/g, '');
  return ink(drawn) === ink(value);
}

export const FORM_READ_BACK = 'form-read-back';

/** The filled file is not what it should be: a bug, or a problem of the form, but never of the client's data. */
export class FormReadBackError extends Error {
  readonly code = FORM_READ_BACK;
  constructor(readonly differences: string[]) {
    super(`The filled form was thrown away because it is not what it should be: ${differences.join(' ')}`);
    this.name = 'FormReadBackError';
  }
}

/** Caches the result for the last template: a worker fills the same one all day. */
export class TemplateCache<T> {
  private last: { sha256: string; known: T } | undefined;

  async known(template: Uint8Array, workOut: () => Promise<T>): Promise<T> {
    const sha256 = createHash('sha256').update(template).digest('hex');
    if (this.last?.sha256 !== sha256) this.last = { sha256, known: await workOut() };
    return this.last.known;
  }
}
