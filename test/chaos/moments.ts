/** What faults can be triggered by, besides the clock. */
export type Moment =
  /** A start was answered. */
  | 'started'
  /** An operator sees a case in the stage `submitting`. */
  | 'submitting'
  /** The mail server asks for the body of an email: the worker is about to claim it. */
  | 'body'
  /** The final dot of an email passes. */
  | 'dot'
  /** The watcher moves emails. */
  | 'move'
  /** CBP sent a decision. */
  | 'decision';

export class Moments {
  private readonly listeners = new Map<Moment, (() => void)[]>();

  on(moment: Moment, listener: () => void): void {
    this.listeners.set(moment, [...(this.listeners.get(moment) ?? []), listener]);
  }

  happened(moment: Moment): void {
    for (const listener of this.listeners.get(moment) ?? []) listener();
  }
}
