/** Collects the messages of one turn of the event loop and passes them on together. */
export class MessageBatcher<T> {
  #waiting: T[] = [];

  constructor(readonly pass: (all: T[]) => void) {}

  say(one: T): void {
    if (this.#waiting.push(one) > 1) return;
    // Runs after the promises that are settled by now, because they often lead to more messages.
    setImmediate(() => {
      const all = this.#waiting;
      this.#waiting = [];
      this.pass(all);
    });
  }
}
