import { PDFArray, PDFDict, type PDFDocument, PDFName, type PDFObject } from 'pdf-lib';
import { dictsIn, numberOf, textOf } from './pdf-objects.js';

const MAX_FIELDS = 20_000;
const DEEPEST = 64;

/**
 * What in a file is signed: names of fields, and whether the author certified the whole file. Any change breaks a
 * signature. Usage rights do not count: they only allow Adobe Reader to save, and are removed on purpose.
 */
export function signaturesIn(pdf: PDFDocument, acroForm: PDFDict): string[] {
  const signed: string[] = [];
  const permissions = pdf.catalog.lookup(PDFName.of('Perms'));
  const certificate = permissions instanceof PDFDict ? permissions.lookup(PDFName.of('DocMDP')) : undefined;
  if (certificate) signed.push(`its author, who certified it and allows ${changesAllowedBy(certificate)}`);
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

/** What may be done to a certified file (ISO 32000-1, table 254). */
function changesAllowedBy(certificate: PDFObject): string {
  const [reference] = certificate instanceof PDFDict ? dictsIn(certificate.lookup(PDFName.of('Reference'))) : [];
  const parameters = reference?.lookup(PDFName.of('TransformParams'));
  const level = parameters instanceof PDFDict ? numberOf(parameters.lookup(PDFName.of('P'))) : undefined;
  return level === 1
    ? 'no change at all'
    : 'filling it in only as an addition to the signed file, but this product rewrites the file';
}
