/** Collects what is said in one go, and passes it on together as soon as nothing more is said at once. */
export class MessageBatcher<T> {
  #waiting: T[] = [];

  constructor(readonly pass: (all: T[]) => void) {}

  say(one: T): void {
    if (this.#waiting.push(one) > 1) return;
    // After the promises that are settled now: what follows from them is often said, too.
    setImmediate(() => {
      const all = this.#waiting;
      this.#waiting = [];
      this.pass(all);
    });
  }
}
