/** A notice that cannot be composed from the data at hand, or would say what is not on record. Needs a person. */
export class NoticeRefused extends Error {
  readonly code = 'notice-refused';
  constructor(message: string) {
    super(message);
    this.name = 'NoticeRefused';
  }
}
