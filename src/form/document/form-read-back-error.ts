export const FORM_READ_BACK = 'form-read-back';

/** The filled file is not what it should be: a bug, or a problem of the form, but never of the client's data. */
export class FormReadBackError extends Error {
  readonly code = FORM_READ_BACK;
  constructor(readonly differences: string[]) {
    super(`The filled form was thrown away because it is not what it should be: ${differences.join(' ')}`);
    this.name = 'FormReadBackError';
  }
}
