/** Writes the record of disclosures, and knows whether that works: what is not on record is not to be shown. */
export class DisclosureRecord<Call> {
  #isLost = false;

  /** @param audit has written the entry when it returns, and throws when it cannot. */
  constructor(private readonly audit: (call: Call) => void) {}

  /** Whether the last entry could not be written. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Tries it, whatever became of the last one. @returns whether the entry is on record */
  write(call: Call): boolean {
    try {
      this.audit(call);
      this.#isLost = false;
    } catch {
      // The owner of `audit` says why.
      this.#isLost = true;
    }
    return !this.#isLost;
  }
}
