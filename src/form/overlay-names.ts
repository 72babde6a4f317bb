import { PDFName, rgb, StandardFonts } from '@cantoo/pdf-lib';
import { acroFields } from './acroform-fields.js';
import { openPdf, type Trust } from './pdf-file.js';
import { PdfRefusedError } from './pdf-refused.js';

const RED = rgb(0.8, 0, 0);

/**
 * The form's pages with each field's name written into its box, to be held beside the form while a map is made. It is a
 * drawing: the fields themselves are gone from it.
 * @throws PdfRefusedError for a dynamic form, which has no pages until a reader draws them
 */
export async function overlayNames({ template, ...trust }: { template: Uint8Array } & Trust): Promise<Uint8Array> {
  const { pdf, kind, acroForm } = await openPdf(template, trust);
  if (kind === 'dynamic-xfa')
    throw new PdfRefusedError(
      'xfa-incomplete',
      'A dynamic XFA form has no pages until Adobe Reader draws them, so names cannot be written on them. "form inspect" lists each field with its caption instead.',
    );
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  const pages = pdf.getPages();
  for (const { field } of acroFields(pdf, acroForm)) {
    // Helvetica cannot write every name; what it lacks becomes a question mark, in a drawing for people.
    const name = field.name.replaceAll(/[^\x20-\x7e]/g, '?');
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
