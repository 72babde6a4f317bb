import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject } from 'pdf-lib';
import { PdfRefusedError } from './pdf-refused.js';
import { textOf } from './pdf-text.js';

const MAX_FIELDS = 20_000;
const DEEPEST = 64;

/**
 * What in a file is signed: names of fields, and whether the author certified the whole file. Any change breaks a
 * signature. Usage rights do not count: they only allow Adobe Reader to save, and are removed on purpose.
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
      `The form is signed (${signatures.slice(0, 5).join(', ')}): filling it would break the signature. Get the blank, unsigned form from CBP's page, and sign after filling it. If CBP itself publishes it signed, fill it by hand in Acrobat, which can add to a signed form.`,
    );
}
