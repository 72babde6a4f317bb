export type PdfRefusal =
  | 'not-a-pdf'
  | 'pdf-damaged'
  | 'pdf-locked'
  | 'pdf-signed'
  | 'no-form'
  | 'boxes-lost'
  | 'xfa-incomplete'
  | 'active-content'
  | 'pdf-too-heavy';

/** A file that cannot be used. The message says why and what to do. */
export class PdfRefusedError extends Error {
  constructor(
    readonly code: PdfRefusal,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'PdfRefusedError';
  }
}

/**
 * For whatever needs boxes: a form without any can only be looked at.
 * @throws PdfRefusedError `no-form`
 */
export function assertBoxes({ kind, fields }: { kind: string; fields: readonly unknown[] }): void {
  if (fields.length > 0) return;
  throw new PdfRefusedError(
    'no-form',
    kind === 'dynamic-xfa'
      ? 'The form is made for Adobe Reader alone (dynamic XFA) and describes no boxes, so there is nothing to fill. Open it in Acrobat: if it has boxes there, save it and use that file. If not, ask CBP for another copy.'
      : "The form has no boxes, so there is nothing to fill. Download it again from CBP's page.",
  );
}
