import { PDFName, rgb, StandardFonts } from 'pdf-lib';
import { type OpenOptions, openPdf } from '../pdf/pdf-file.js';
import { PdfRefusedError } from '../pdf/pdf-refused.js';
import { acroFields } from './acroform-fields.js';

const RED = rgb(0.8, 0, 0);

/**
 * The form's pages with each field's name, or the shortest unique end of it, in its box: for a person who makes a map.
 * It is a drawing and has no fields.
 * @throws PdfRefusedError for a dynamic form, which has no pages until a reader draws them
 */
export async function overlayNames({
  template,
  ...trust
}: { template: Uint8Array } & OpenOptions): Promise<Uint8Array> {
  const { pdf, kind, acroForm } = await openPdf(template, trust);
  if (kind === 'dynamic-xfa')
    throw new PdfRefusedError(
      'xfa-incomplete',
      'A dynamic XFA form has no pages until Adobe Reader draws them, so names cannot be written on them. "form inspect" lists each field with its caption instead.',
    );
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const pages = pdf.getPages();
  const fields = acroFields(pdf, acroForm);
  const shortName = shortNames(fields.map(({ field }) => field.name));
  for (const { field } of fields) {
    // Characters that Helvetica lacks become question marks: this is only a drawing for people.
    const name = shortName(field.name).replaceAll(/[^\x20-\x7e]/g, '?');
    for (const { page, x, y, width, height } of field.places) {
      const sheet = pages[page - 1];
      if (!sheet) continue;
      const size = Math.max(2.5, Math.min(6, (width / Math.max(1, font.widthOfTextAtSize(name, 1))) * 0.98));
      sheet.drawRectangle({ x, y, width, height, borderColor: RED, borderWidth: 0.4 });
      sheet.drawText(name, { x: x + 1, y: y + Math.max(0.5, height / 2 - size / 2), size, font, color: RED });
    }
  }
  pdf.catalog.delete(PDFName.of('AcroForm'));
  pdf.catalog.delete(PDFName.of('Perms'));
  for (const page of pages) page.node.delete(PDFName.of('Annots'));
  return pdf.save({ updateFieldAppearances: false });
}

/** The shortest end of a name, from a dot on, that no other name has. */
function shortNames(names: string[]): (name: string) => string {
  const ends = (name: string) => {
    const parts = name.split('.');
    return parts.map((_, index) => parts.slice(parts.length - 1 - index).join('.'));
  };
  const counts = new Map<string, number>();
  for (const end of names.flatMap(ends)) counts.set(end, (counts.get(end) ?? 0) + 1);
  return (name) => ends(name).find((end) => counts.get(end) === 1) ?? name;
}
