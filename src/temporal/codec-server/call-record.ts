/** Who looked at how much of what: one entry in the record of disclosures that a broker must keep (19 CFR 111.24). */
export interface CodecCall {
  at: string;
  operation: 'decode' | 'encode' | 'refused';
  status: number;
  /** The user according to the single sign-on's token or the gateway, `token`, or `local`. */
  who: string;
  address: string;
  /** What the caller says. Like `namespace`, recorded only for known callers. */
  origin?: string;
  namespace?: string;
  payloads?: number;
  keyIds?: string[];
  why?: string;
  /** How many more calls were refused with this status. `address` is the last caller's. */
  calls?: number;
}

/** Writes the record of disclosures, and knows whether that works: nothing may be shown that is not recorded. */
export class DisclosureRecord {
  #isLost = false;

  /** @param audit must have written the entry when it returns, and throw if it cannot. */
  constructor(private readonly audit: (call: CodecCall) => void) {}

  /** Whether the last entry could not be written. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Tries again even if the last entry was lost. @returns whether the entry is recorded */
  write(call: CodecCall): boolean {
    try {
      this.audit(call);
      this.#isLost = false;
    } catch {
      // `audit` reports the reason itself.
      this.#isLost = true;
    }
    return !this.#isLost;
  }
}

/**
 * Records the calls of unknown callers in few entries, so that they cannot push the record of disclosures out of a log of
 * limited size: the first call with each status right away, then once a minute how many more there were.
 */
export class RefusalRecord {
  readonly #since = new Map<number, { last: CodecCall; calls: number }>();
  #minute: NodeJS.Timeout | undefined;

  constructor(private readonly record: (call: CodecCall) => void) {}

  add(call: CodecCall): void {
    this.#minute ??= setTimeout(() => this.flush(), 60_000).unref();
    const { calls } = this.#since.get(call.status) ?? { calls: -1 };
    this.#since.set(call.status, { last: call, calls: calls + 1 });
    if (calls < 0) this.record(call);
  }

  /** Records what was only counted so far, and starts a new minute. */
  flush(): void {
    clearTimeout(this.#minute);
    this.#minute = undefined;
    const more = [...this.#since.values()].filter(({ calls }) => calls > 0);
    this.#since.clear();
    for (const { last, calls } of more) this.record({ ...last, calls });
  }
}
