/**
 * Records calls of unknown callers in few entries, so that they cannot push the record of disclosures out of a log of
 * limited size: the first with each status at once, then how many more there were until a minute was over.
 */
export class RefusalRecord<Call extends { status: number }> {
  readonly #since = new Map<number, { last: Call; calls: number }>();
  #minute: NodeJS.Timeout | undefined;

  constructor(private readonly record: (call: Call & { calls?: number }) => void) {}

  add(call: Call): void {
    this.#minute ??= setTimeout(() => this.flush(), 60_000).unref();
    const { calls } = this.#since.get(call.status) ?? { calls: -1 };
    this.#since.set(call.status, { last: call, calls: calls + 1 });
    if (calls < 0) this.record(call);
  }

  /** Records what was only counted so far, and begins a new minute. */
  flush(): void {
    clearTimeout(this.#minute);
    this.#minute = undefined;
    const more = [...this.#since.values()].filter(({ calls }) => calls > 0);
    this.#since.clear();
    for (const { last, calls } of more) this.record({ ...last, calls });
  }
}
