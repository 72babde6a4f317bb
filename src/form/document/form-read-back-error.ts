export const FORM_READ_BACK = 'form-read-back';

/** The file that came out is not what was meant: a fault of ours or of the form, never of the client's data. */
export class FormReadBackError extends Error {
  readonly code = FORM_READ_BACK;
  constructor(readonly differences: string[]) {
    super(`The filled form was thrown away because it does not say what it should: ${differences.join(' ')}`);
    this.name = 'FormReadBackError';
  }
}
