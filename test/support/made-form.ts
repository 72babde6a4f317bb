import { PDFArray, PDFDict, PDFDocument, PDFName, type PDFRef, PDFString, StandardFonts } from 'pdf-lib';

/** Small AcroForms, each made for one test from the dictionaries of its fields. */

export const BOX = [50, 300, 250, 320];
export const TICK = [50, 300, 66, 316];

export type Entries = Record<string, unknown>;

/** A page of 400 by 400 points with fields on it, each a dictionary that is its own widget. */
export async function formOf(fields: Entries[], change: (form: MadeForm) => void = () => {}): Promise<Uint8Array> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  const { context } = pdf;
  const page = pdf.addPage([400, 400]);
  const { ref: font } = await pdf.embedFont(StandardFonts.Helvetica);
  const widget = (entries: Entries): PDFRef =>
    context.register(context.obj({ Type: 'Annot', Subtype: 'Widget', F: 4, Rect: BOX, ...entries } as never));
  const refs = fields.map((entries) => widget(entries));
  const acroForm = context.obj({ Fields: refs, DA: PDFString.of('/Helv 10 Tf 0 g'), DR: { Font: { Helv: font } } });
  const [drawing, nothing] = ['0 0 10 10 re f', ''].map((content) => drawingOf(pdf, content, [0, 0, 16, 16]));
  page.node.set(PDFName.of('Annots'), context.obj(refs));
  pdf.catalog.set(PDFName.of('AcroForm'), acroForm);
  for (const dict of refs.map((ref) => context.lookup(ref, PDFDict))) {
    // A tick says here what its on-value is.
    const drawn = dict.get(PDFName.of('drawn'));
    dict.delete(PDFName.of('drawn'));
    if (drawn instanceof PDFName)
      dict.set(PDFName.of('AP'), context.obj({ N: { [drawn.decodeText()]: drawing, Off: nothing } } as never));
  }
  change({ pdf, acroForm, refs, page });
  return pdf.save({ updateFieldAppearances: false });
}

export interface MadeForm {
  pdf: PDFDocument;
  acroForm: PDFDict;
  refs: PDFRef[];
  page: ReturnType<PDFDocument['addPage']>;
}

export function drawingOf({ context }: PDFDocument, content: string, BBox: number[]): PDFRef {
  return context.register(context.stream(content, { Type: 'XObject', Subtype: 'Form', BBox }));
}

/** An annotation that is no field, above all boxes there are. */
export function layOver(rect: number[], content = '0.8 g 0 0 400 400 re f'): (form: MadeForm) => void {
  return ({ pdf, page }) => {
    const drawing = drawingOf(
      pdf,
      content,
      [0, 0, 400, 400].map((at, index) => (index < 2 ? at : (rect[index] ?? 0) - (rect[index - 2] ?? 0))),
    );
    const stamp = { Type: 'Annot', Subtype: 'Stamp', F: 4, Rect: rect, AP: { N: drawing } };
    page.node.lookup(PDFName.of('Annots'), PDFArray).push(pdf.context.register(pdf.context.obj(stamp as never)));
  };
}

export const text = (name: string, further: Entries = {}): Entries => ({ FT: 'Tx', T: PDFString.of(name), ...further });
export const tick = (name: string, further: Entries = {}): Entries => ({
  ...{ FT: 'Btn', T: PDFString.of(name), Rect: TICK, AS: 'Off', drawn: 'On' },
  ...further,
});
