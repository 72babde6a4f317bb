import { assertBoxes, PdfRefusedError } from '../pdf/pdf-refused.js';
import type { FormDocument } from './form-document.js';

/**
 * Refuses a form that can be looked at but not filled: one that is signed, that has no boxes, or that lost some.
 * @throws PdfRefusedError `pdf-signed`, `no-form`, `boxes-lost`
 */
export function assertFillable(form: Fillable): void {
  const { signatures, lostBoxes } = form;
  if (signatures.length > 0)
    throw new PdfRefusedError(
      'pdf-signed',
      `The form is signed (${signatures.slice(0, 5).join(', ')}): filling it would break the signature. Get the blank, unsigned form from CBP's page, and sign after filling it. If CBP itself publishes it signed, fill it by hand in Acrobat, which can add to a signed form.`,
    );
  if (lostBoxes) throw new PdfRefusedError('boxes-lost', lostBoxes);
  assertBoxes(form);
}

type Fillable = Pick<FormDocument, 'kind' | 'signatures' | 'fields' | 'lostBoxes'>;
