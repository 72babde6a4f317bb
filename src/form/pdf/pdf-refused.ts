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
