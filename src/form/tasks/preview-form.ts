import type { FormField } from '../document/form-field.js';
import { type Canvas, type Canvases, drawPage, withPdfJs } from '../document/pdf-js.js';
import { openFormDocument } from '../open-form-document.js';

const SCALE = 1.25;
const GAP = 12;
/** A picture to look at, not to print. */
const MAX_PAGES = 30;

/**
 * The pages of a filled form as one PNG, one below the other. A dynamic form has no pages until Adobe Reader draws
 * them, so it becomes a list of fields and values.
 * @throws PdfRefusedError
 */
export async function previewForm({ pdf }: { pdf: Uint8Array }): Promise<Uint8Array> {
  const document = await openFormDocument(pdf, { acceptActiveContent: true });
  if (document.kind !== 'dynamic-xfa') return picturePages(pdf);
  const { fields } = await document.see(pdf);
  const known = new Map(document.fields.map((field) => [field.name, field]));
  return pictureList(
    pdf,
    [...fields]
      .filter(([, { value }]) => value !== '')
      .map(([name, { value }]) => [known.get(name)?.caption ?? name, asRead(known.get(name), value)]),
  );
}

/** What people read for a value: the label of an option. */
function asRead(field: FormField | undefined, value: string): string {
  const label = field?.optionLabels?.[field.options.indexOf(value)];
  if (label) return label;
  return field?.type === 'checkbox' ? `ticked (${value})` : value;
}

/** The pages of any PDF, form or not. */
async function picturePages(pdf: Uint8Array): Promise<Uint8Array> {
  return withPdfJs(pdf, async (document) => {
    const canvases = document.canvasFactory as Canvases;
    const pictures: Canvas[] = [];
    for (let number = 1; number <= Math.min(document.numPages, MAX_PAGES); number++)
      pictures.push(await drawPage(document, number, SCALE));
    const width = Math.max(...pictures.map((picture) => picture.width));
    const height = pictures.reduce((sum, picture) => sum + picture.height + GAP, -GAP);
    const { canvas: sheet, context } = canvases.create(width, height);
    context.fillStyle = '#777777';
    context.fillRect(0, 0, width, height);
    let y = 0;
    for (const picture of pictures) {
      context.drawImage(picture, 0, y);
      y += picture.height + GAP;
    }
    return Uint8Array.from(sheet.toBuffer('image/png'));
  });
}

async function pictureList(pdf: Uint8Array, rows: [string, string][]): Promise<Uint8Array> {
  return withPdfJs(pdf, async (document) => {
    const canvases = document.canvasFactory as Canvases;
    const lines = rows.flatMap(([caption, value]) => [
      { text: caption, colour: '#666666', font: '12px sans-serif' },
      ...value.split('\n').map((text) => ({ text, colour: '#000000', font: '16px sans-serif' })),
    ]);
    const { canvas, context } = canvases.create(800, lines.length * 22 + 40);
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    lines.forEach(({ text, colour, font }, index) => {
      context.fillStyle = colour;
      context.font = font;
      context.fillText(text, 24, 36 + index * 22);
    });
    return Uint8Array.from(canvas.toBuffer('image/png'));
  });
}
