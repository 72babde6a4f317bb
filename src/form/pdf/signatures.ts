import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject } from 'pdf-lib';
import { PdfRefusedError } from './pdf-refused.js';
import { textOf } from './pdf-text.js';

const MAX_FIELDS = 20_000;
const DEEPEST = 64;

/**
 * What in a file is signed: names of fields, and whether its author certified the whole of it. Any change ends what a
 * signature vouches for. Usage rights are no such signature: they allow Adobe's reader to save, and are dropped knowingly.
 */
export function signaturesIn(pdf: PDFDocument, acroForm: PDFDict): string[] {
  const signed: string[] = [];
  const permissions = pdf.catalog.lookup(PDFName.of('Perms'));
  if (permissions instanceof PDFDict && permissions.has(PDFName.of('DocMDP')))
    signed.push('its author, who certified it');
  const seen = new Set<PDFObject>();
  const visit = (fields: PDFObject | undefined, path: string[], type: PDFObject | undefined): void => {
    if (!(fields instanceof PDFArray) || path.length > DEEPEST) return;
    for (let index = 0; index < fields.size(); index++) {
      const field = fields.lookup(index);
      if (!(field instanceof PDFDict) || seen.has(field) || seen.size > MAX_FIELDS) continue;
      seen.add(field);
      const name = [...path, textOf(field.lookup(PDFName.of('T'))) ?? ''];
      const own = field.lookup(PDFName.of('FT')) ?? type;
      if (own === PDFName.of('Sig') && field.lookup(PDFName.of('V')) instanceof PDFDict)
        signed.push(`the field ${name.filter(Boolean).join('.')}`);
      visit(field.lookup(PDFName.of('Kids')), name, own);
    }
  };
  visit(acroForm.lookup(PDFName.of('Fields')), [], undefined);
  return signed;
}

/** @throws PdfRefusedError `pdf-signed` */
export function assertUnsigned({ signatures }: { signatures: string[] }): void {
  if (signatures.length > 0)
    throw new PdfRefusedError(
      'pdf-signed',
      `The form is signed (${signatures.slice(0, 5).join(', ')}): filling it would end the signature, and whoever gets it would see a broken one. Get the blank form, unsigned, from CBP's page; sign after filling. If CBP itself publishes it signed, fill it by hand in Acrobat, which can add to what is signed.`,
    );
}
